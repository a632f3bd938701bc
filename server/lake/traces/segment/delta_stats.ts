/**
 * The `stats` text of a Delta `add` action for a file of spans.
 *
 * @module
 */
import type { RowBounds } from "../contract.ts";
import { SPAN_COLUMNS } from "../schema.ts";

/** Longer service names are left out of the statistics: an upper bound may not simply be cut. */
const MAX_STATISTIC_CHARS = 64;

/** Bounds of a file that its {@linkcode RowBounds} do not hold. */
export interface StatsBounds {
  readonly minEndUs: number;
  readonly durationMs: readonly [number, number];
  readonly statusCode: readonly [number, number];
  readonly serviceName: readonly [string, string] | null;
}

/** ISO 8601 with milliseconds: readers differ in what finer digits they accept, so bounds are widened to these. */
function isoMs(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Builds the statistics per the Delta protocol, "Per-file Statistics". */
export function deltaStats(
  rows: RowBounds,
  bounds: StatsBounds,
  nullCounts: readonly number[],
): string {
  const service = bounds.serviceName;
  const isShort = service !== null && service[0].length <= MAX_STATISTIC_CHARS &&
    service[1].length <= MAX_STATISTIC_CHARS;
  return JSON.stringify({
    numRecords: rows.rows,
    minValues: {
      ...(isShort ? { service_name: service[0] } : {}),
      start_time: isoMs(Math.floor(rows.minStartUs / 1000)),
      end_time: isoMs(Math.floor(bounds.minEndUs / 1000)),
      duration_ms: bounds.durationMs[0],
      status_code: bounds.statusCode[0],
    },
    maxValues: {
      ...(isShort ? { service_name: service[1] } : {}),
      start_time: isoMs(Math.ceil(rows.maxStartUs / 1000)),
      end_time: isoMs(Math.ceil(rows.maxEndUs / 1000)),
      duration_ms: bounds.durationMs[1],
      status_code: bounds.statusCode[1],
    },
    nullCount: Object.fromEntries(SPAN_COLUMNS.map(({ name }, i) => [name, nullCounts[i]])),
  });
}
