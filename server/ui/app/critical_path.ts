/**
 * Which spans a trace's duration depends on.
 *
 * @module
 */

import type { Row } from "./trace_rows.ts";

/** A stretch of time during which a span was what the trace waited for; microseconds. */
export interface CriticalStretch {
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * Walks back from the end of the first root: each span waited for the child that ended last before it went on, and so
 * down. A child that outlives its parent counts as ending with it; one that ended after a later child had started did
 * not hold that one up.
 *
 * @param rows Rows of the waterfall.
 * @returns Stretches by index of row, latest first.
 */
export function criticalPath(rows: readonly Row[]): Map<number, CriticalStretch[]> {
  const path = new Map<number, CriticalStretch[]>();
  const children = new Map<number, number[]>();
  rows.forEach((row, i) => {
    if (row.parent < 0) return;
    const known = children.get(row.parent);
    if (known === undefined) children.set(row.parent, [i]);
    else known.push(i);
  });
  const root = rows.findIndex((row) => row.kind === "span" && row.depth === 0);
  const rootRow = rows[root];
  if (rootRow?.kind !== "span") return path;
  const waiting = [{ index: root, untilUs: Number(rootRow.span.endTimeUs) }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { index, untilUs } = next;
    const row = rows[index];
    if (row?.kind !== "span") continue;
    const startUs = Number(row.span.startTimeUs);
    let cursorUs = untilUs;
    const stretches: CriticalStretch[] = [];
    const candidates = (children.get(index) ?? []).flatMap((child) => {
      const childRow = rows[child];
      if (childRow?.kind !== "span") return [];
      const fromUs = Number(childRow.span.startTimeUs);
      return [{ child, fromUs, toUs: Math.min(Number(childRow.span.endTimeUs), untilUs) }];
    }).sort((a, b) => b.toUs - a.toUs || b.fromUs - a.fromUs);
    for (const { child, fromUs, toUs } of candidates) {
      if (toUs > cursorUs || fromUs >= cursorUs || toUs <= startUs) continue;
      if (toUs < cursorUs) stretches.push({ fromUs: toUs, toUs: cursorUs });
      waiting.push({ index: child, untilUs: toUs });
      cursorUs = Math.max(fromUs, startUs);
    }
    if (cursorUs > startUs) stretches.push({ fromUs: startUs, toUs: cursorUs });
    path.set(index, stretches);
  }
  return path;
}
