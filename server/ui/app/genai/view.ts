/**
 * What the GenAI page is about, as it stands in the address.
 *
 * @module
 */

import { int64 } from "../api.ts";
import type { ParamChanges } from "../place.ts";
import { bothOf, termOf, toggleTerm } from "../search_text.ts";
import type { TimeWindow } from "../time_range.ts";

/** Things to split by, as the API names them. */
export const SPLITS: readonly (readonly [value: string, label: string])[] = [
  ["model", "Model"],
  ["provider", "Provider"],
  ["operation", "Operation"],
  ["agent", "Agent"],
  ["tool", "Tool"],
  ["service", "Service"],
  ["none", "Nothing"],
];

/** Operations to look at. */
export const KINDS: readonly (readonly [value: string, label: string])[] = [
  ["", "All operations"],
  ["models", "Calls of models"],
  ["agents", "Agents"],
  ["tools", "Tools"],
];

/** Filters that older addresses hold as parameters of their own, and the keys of the search that say the same. */
const FORMER_FILTERS = [
  ["model", "model"],
  ["provider", "gen_ai.provider.name"],
  ["operation", "gen_ai.operation.name"],
  ["agent", "agent"],
  ["tool", "tool"],
  ["service", "service"],
] as const;

/** The page's choices. */
export interface GenAiView {
  /** One of {@linkcode SPLITS}, or `tag.<key>`. */
  readonly split: string;
  readonly of: string;
  /** The search. */
  readonly query: string;
  /** What to change in an older address so that all its filters are in the search; null when they are. */
  readonly renewed: ParamChanges | null;
}

/** Reads the address. */
export function genAiView(params: URLSearchParams): GenAiView {
  const split = params.get("split") ?? "";
  const of = params.get("of") ?? "";
  const former = FORMER_FILTERS.flatMap(([name, key]) => {
    const value = params.get(name);
    return value === null || value === "" ? [] : [[name, termOf(key, value)] as const];
  });
  const query = former.reduce((search, [, term]) => bothOf(search, term), params.get("q") ?? "");
  return {
    split: split.startsWith("tag.") || SPLITS.some(([value]) => value === split) ? split : "model",
    of: KINDS.some(([value]) => value === of) ? of : "",
    query,
    renewed: former.length === 0
      ? null
      : { ...Object.fromEntries(former.map(([name]) => [name, null])), q: query },
  };
}

/** The API's filter. */
export function genAiFilter(view: Pick<GenAiView, "query">, window: TimeWindow): GenAiFilter {
  return {
    startTimeUs: int64(window.startUs),
    endTimeUs: int64(window.endUs),
    query: view.query,
  };
}

/** What the calls of the page are about. */
export interface GenAiFilter {
  readonly startTimeUs: bigint;
  readonly endTimeUs: bigint;
  readonly query: string;
}

/** The search term for a value that the page is split by; null when there is none. */
export function splitTerm(split: string, value: string): string | null {
  const key = FORMER_FILTERS.find(([name]) => name === split)?.[1];
  if (key !== undefined) return termOf(key, value);
  if (!split.startsWith("tag.") || /[\s()":=<>!]/.test(split)) return null;
  // A tag is looked for on the span, then on its resource.
  const resource = `resource.${split.slice("tag.".length)}`;
  return `(${termOf(split, value)} or ${termOf(resource, value)})`;
}

/** What to change in the address to add a term to the search, or to take it away. */
export function withTerm(view: Pick<GenAiView, "query">, term: string): ParamChanges {
  return { q: toggleTerm(view.query, term), conversations: null };
}
