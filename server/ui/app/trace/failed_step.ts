/**
 * Where the failure of a trace began.
 *
 * @module
 */

import type { Row } from "../trace_rows.ts";

/**
 * Stands for that step in the parameter `span`, for links that know of the failure but not of its span. The page of the
 * trace puts the span's own id in its place.
 */
export const FAILED_STEP = "failed";

/**
 * The first failed span that has no failed one below it: callers fail because of what they called.
 *
 * @returns Its id, or undefined where nothing failed.
 */
export function failedStepOf(rows: readonly Row[]): string | undefined {
  let step: string | undefined;
  let below = 0;
  for (const [i, row] of rows.entries()) {
    // Rows come depth first, so those below one follow it.
    if (step !== undefined && i > below) break;
    if (row.kind !== "span" || row.span.statusCode !== 2) continue;
    step = row.id;
    below = i + row.descendants;
  }
  return step;
}
