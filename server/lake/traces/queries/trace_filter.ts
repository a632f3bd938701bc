/**
 * Which traces a caller wants.
 *
 * @module
 */

import {
  allOf,
  requiredAtoms,
  type SearchAtom,
  type SearchExpression,
} from "./search_expression.ts";

/** Conditions on whole traces. All given ones must hold. */
export interface TraceFilter {
  /** Traces that start at or after, µs. */
  readonly startUs?: number;
  /** Traces that start before, µs. */
  readonly endUs?: number;
  /** Service of the root span. */
  readonly rootService?: string;
  /** Whether some span failed. */
  readonly hasErrors?: boolean;
  /** Highest status code among the spans: 0 unset, 1 ok, 2 error. */
  readonly statusCode?: number;
  readonly entityUid?: string;
  readonly queueUid?: string;
  /** Only these traces, lowercase hex. */
  readonly traceIds?: readonly string[];
  /** A parsed search. */
  readonly search?: SearchExpression | null;
}

const atom = (atom: SearchAtom): SearchExpression => ({ kind: "atom", atom });
const status = (value: string) =>
  atom({ kind: "compare", field: { kind: "status" }, op: "=", value });
const not = (child: SearchExpression): SearchExpression => ({ kind: "not", child });

/** A filter made ready: one expression over the trace's spans, and what narrows the spans to look at. */
export interface CompiledFilter {
  readonly expression: SearchExpression | null;
  readonly rootService: string | null;
  /** Some span of every wanted trace satisfies one of these; null when nothing narrows. */
  readonly seed: readonly SearchAtom[] | null;
  /** Services one of which the seeding spans have, for choosing files. */
  readonly seedServices: readonly string[] | null;
}

/** Turns the conditions of a filter, its window and ids aside, into one expression. */
export function compileFilter(filter: TraceFilter): CompiledFilter {
  const conditions: (SearchExpression | null)[] = [filter.search ?? null];
  if (filter.hasErrors !== undefined) {
    conditions.push(filter.hasErrors ? status("error") : not(status("error")));
  }
  if (filter.statusCode !== undefined) {
    if (filter.statusCode === 2) conditions.push(status("error"));
    else if (filter.statusCode === 1) conditions.push(status("ok"), not(status("error")));
    else conditions.push(status("unset"), not(status("ok")), not(status("error")));
  }
  for (
    const [kind, value] of [["entity", filter.entityUid], ["queue", filter.queueUid]] as const
  ) {
    if (value !== undefined) {
      conditions.push(atom({ kind: "compare", field: { kind }, op: "=", value }));
    }
  }
  const expression = allOf(conditions);
  const rootService = filter.rootService ?? null;
  const byService: SearchExpression | null = rootService === null
    ? null
    : atom({ kind: "compare", field: { kind: "service" }, op: "=", value: rootService });
  const narrowing = allOf([expression, byService]);
  const seed = narrowing === null ? null : requiredAtoms(narrowing);
  return { expression, rootService, seed, seedServices: servicesOf(seed) };
}

/** Services one of which every span has that satisfies one of some conditions; null when they tell none. */
export function servicesOf(seed: readonly SearchAtom[] | null): readonly string[] | null {
  if (seed === null) return null;
  const services: string[] = [];
  for (const atom of seed) {
    if (atom.kind !== "compare" || atom.field.kind !== "service" || atom.op !== "=") return null;
    services.push(String(atom.value));
  }
  return services;
}
