/**
 * The rows of a waterfall: the tree of spans as a list, orphans under the parents they miss.
 *
 * @module
 */

import type { TraceSpan } from "../../../sdk/gen/scouter/v1/trace_pb.ts";

/** A row that stands for a span. */
export interface SpanRow {
  readonly kind: "span";
  readonly id: string;
  readonly span: TraceSpan;
  readonly depth: number;
  /** Rows below that belong to it. */
  readonly descendants: number;
  /** Index of the row above it in the tree, or -1. */
  readonly parent: number;
}

/** A row that stands for a parent which has not arrived. */
export interface MissingRow {
  readonly kind: "missing";
  readonly id: string;
  readonly parentSpanId: string;
  readonly depth: 0;
  readonly descendants: number;
  readonly parent: -1;
}

/** A row. */
export type Row = SpanRow | MissingRow;

/**
 * Rows of all spans.
 *
 * @param spans Depth first, as the server orders them.
 */
export function rowsOf(spans: readonly TraceSpan[]): Row[] {
  const trees: { span: TraceSpan; from: number; to: number }[] = [];
  spans.forEach((span, i) => {
    const last = trees.at(-1);
    if (span.depth > 0 && last !== undefined) last.to = i + 1;
    else trees.push({ span, from: i, to: i + 1 });
  });
  const ends = subtreeEnds(spans);
  const rows: Row[] = [];
  const add = (tree: { from: number; to: number }, shift: number, head: number) => {
    const path: number[] = head < 0 ? [] : [head];
    for (let i = tree.from; i < tree.to; i++) {
      const span = spans[i];
      if (span === undefined) continue;
      const depth = span.depth + shift;
      path.length = Math.min(path.length, depth);
      const parent = path.at(-1) ?? -1;
      path.push(rows.length);
      rows.push({
        kind: "span",
        id: span.spanId,
        span,
        depth,
        descendants: (ends[i] ?? i + 1) - i - 1,
        parent,
      });
    }
  };
  const orphans = new Map<string, { from: number; to: number }[]>();
  for (const tree of trees) {
    if (!tree.span.parentMissing) {
      add(tree, 0, -1);
      continue;
    }
    const parent = tree.span.parentSpanId ?? "";
    orphans.set(parent, [...orphans.get(parent) ?? [], tree]);
  }
  for (const [parentSpanId, group] of orphans) {
    const descendants = group.reduce((sum, tree) => sum + tree.to - tree.from, 0);
    const head = rows.length;
    const id = `missing-${parentSpanId}`;
    rows.push({ kind: "missing", id, parentSpanId, depth: 0, descendants, parent: -1 });
    for (const tree of group) add(tree, 1, head);
  }
  return rows;
}

/** For each span, the index after the last one below it. */
function subtreeEnds(spans: readonly TraceSpan[]): number[] {
  const ends: number[] = new Array(spans.length).fill(spans.length);
  const open: number[] = [];
  spans.forEach(({ depth }, i) => {
    while (open.length > 0 && (spans[open.at(-1) ?? 0]?.depth ?? 0) >= depth) {
      ends[open.pop() ?? 0] = i;
    }
    open.push(i);
  });
  return ends;
}

/** Indexes of the rows to show when some are closed. */
export function openRows(rows: readonly Row[], closed: ReadonlySet<string>): number[] {
  const open: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    open.push(i);
    const row = rows[i];
    if (row !== undefined && closed.has(row.id)) i += row.descendants;
  }
  return open;
}
