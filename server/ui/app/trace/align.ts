/**
 * Two traces side by side: which step of one is which step of the other.
 *
 * @module
 */

import type { TraceSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { spanDurationUs, type TraceModel } from "./trace_model.ts";

/** What became of a step from the first trace to the second. */
export type StepChange = "same" | "changed" | "added" | "removed";

/** A step of either trace, or of both. */
export interface AlignedStep {
  /** In the first trace; null when the step is added. */
  readonly a: TraceSpan | null;
  /** In the second trace; null when the step is removed. */
  readonly b: TraceSpan | null;
  readonly depth: number;
  readonly change: StepChange;
  /** What differs beside the time, in words. */
  readonly reasons: readonly string[];
}

/** Times count as changed from this share on, and from {@linkcode LEAST_US} on. */
const LEAST_SHARE = 0.2;
const LEAST_US = 5000;
/** Longer lists of siblings are matched by name and order only, without looking for the longest match. */
const MOST_CELLS = 1_000_000;

interface Node {
  readonly span: TraceSpan | null;
  readonly children: Node[];
}

/** Signs, because colour alone says nothing to some. */
export const SIGNS: Readonly<Record<StepChange, string>> = {
  changed: "≠",
  added: "+",
  removed: "−",
  same: "=",
};

/** Names a step in the address. */
export function stepId({ a, b }: AlignedStep): string {
  return `${a?.spanId ?? ""}.${b?.spanId ?? ""}`;
}

/**
 * Aligns the trees: children of aligned steps are matched by service, name and kind, in order, so that as many as
 * possible have a partner. What has none is added or removed, with all below it.
 */
export function alignTraces(a: TraceModel, b: TraceModel): AlignedStep[] {
  const steps: AlignedStep[] = [];
  const all = (node: Node, side: "a" | "b", depth: number): void => {
    const { span } = node;
    if (span !== null) {
      steps.push(
        side === "a"
          ? { a: span, b: null, depth, change: "removed", reasons: [] }
          : { a: null, b: span, depth, change: "added", reasons: [] },
      );
    }
    for (const child of node.children) all(child, side, depth + 1);
  };
  const both = (left: Node, right: Node, depth: number): void => {
    if (left.span !== null && right.span !== null) {
      const reasons = differences(left.span, right.span);
      const change = reasons.length > 0 ? "changed" : "same";
      steps.push({ a: left.span, b: right.span, depth, change, reasons });
    }
    for (const [i, j] of matches(left.children, right.children)) {
      const one = i === null ? undefined : left.children[i];
      const other = j === null ? undefined : right.children[j];
      if (one !== undefined && other !== undefined) both(one, other, depth + 1);
      else if (one !== undefined) all(one, "a", depth + 1);
      else if (other !== undefined) all(other, "b", depth + 1);
    }
  };
  both(treeOf(a), treeOf(b), -1);
  return steps;
}

function treeOf(model: TraceModel): Node {
  const root: Node = { span: null, children: [] };
  const nodes: Node[] = [];
  for (const row of model.rows) {
    // Orphans stand beside the roots: which parents are missing is chance.
    const node: Node = { span: row.kind === "span" ? row.span : null, children: [] };
    nodes.push(node);
    if (row.kind === "missing") continue;
    const above = nodes[row.parent];
    (above === undefined || above.span === null ? root : above).children.push(node);
  }
  return root;
}

/** What differs between two spans that are one step, in words. */
export function differences(a: TraceSpan, b: TraceSpan): string[] {
  const reasons: string[] = [];
  if ((a.statusCode === 2) !== (b.statusCode === 2)) {
    reasons.push(b.statusCode === 2 ? "fails now" : "no longer fails");
  } else if (a.statusCode === 2 && (a.errorType ?? "") !== (b.errorType ?? "")) {
    reasons.push("another error");
  }
  if (modelOf(a) !== modelOf(b)) reasons.push("another model");
  if (a.genAi?.inputTokens !== b.genAi?.inputTokens) reasons.push("tokens in");
  if (a.genAi?.outputTokens !== b.genAi?.outputTokens) reasons.push("tokens out");
  const before = spanDurationUs(a);
  const after = spanDurationUs(b);
  const byUs = Math.abs(after - before);
  if (byUs >= LEAST_US && byUs >= LEAST_SHARE * Math.max(1, before)) {
    reasons.push(after > before ? "slower" : "faster");
  }
  return reasons;
}

function modelOf(span: TraceSpan): string {
  return span.genAi?.responseModel ?? span.genAi?.requestModel ?? "";
}

function keyOf({ span }: Node): string {
  return span === null ? "" : JSON.stringify([span.serviceName, span.spanName, span.spanKind]);
}

/** Pairs of indexes in order; null where one side has no partner. */
function matches(
  a: readonly Node[],
  b: readonly Node[],
): (readonly [number | null, number | null])[] {
  const left = a.map(keyOf);
  const right = b.map(keyOf);
  const pairs: (readonly [number | null, number | null])[] = [];
  // What both begin and end with needs no search.
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head++;
  let tail = 0;
  while (
    tail < left.length - head && tail < right.length - head &&
    left[left.length - 1 - tail] === right[right.length - 1 - tail]
  ) tail++;
  for (let i = 0; i < head; i++) pairs.push([i, i]);
  const middle = (left.length - head - tail) * (right.length - head - tail) <= MOST_CELLS
    ? longest(left.slice(head, left.length - tail), right.slice(head, right.length - tail))
    : greedy(left.slice(head, left.length - tail), right.slice(head, right.length - tail));
  let i = head;
  let j = head;
  const end = [left.length - tail - head, right.length - tail - head] as const;
  for (const [x, y] of [...middle, end]) {
    while (i < head + x) pairs.push([i++, null]);
    while (j < head + y) pairs.push([null, j++]);
    if (i < left.length - tail && j < right.length - tail) pairs.push([i++, j++]);
  }
  for (; i < left.length; i++, j++) pairs.push([i, j]);
  return pairs;
}

/** Indexes of a common subsequence: each takes the next partner there is. */
function greedy(a: readonly string[], b: readonly string[]): [number, number][] {
  const places = new Map<string, number[]>();
  for (let j = b.length - 1; j >= 0; j--) {
    const key = b[j] ?? "";
    const known = places.get(key);
    if (known === undefined) places.set(key, [j]);
    else known.push(j);
  }
  const pairs: [number, number][] = [];
  let from = 0;
  a.forEach((key, i) => {
    const left = places.get(key) ?? [];
    while ((left.at(-1) ?? Infinity) < from) left.pop();
    const j = left.pop();
    if (j === undefined) return;
    pairs.push([i, j]);
    from = j + 1;
  });
  return pairs;
}

/** Indexes of a longest common subsequence. */
export function longest(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j]
        ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
        : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const pairs: [number, number][] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i++;
    else j++;
  }
  return pairs;
}
