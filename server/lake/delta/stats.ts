/**
 * Per-file statistics (Delta protocol, "Per-file Statistics").
 *
 * @module
 */

import { z } from "zod";

/** A statistic of one column, or of the columns inside a struct. Longs beyond 2^53 are bigints. */
export type StatValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | { readonly [field: string]: StatValue };

/** What a writer knows about a data file. Absent parts are unknown. */
export interface FileStats {
  readonly numRecords: number | undefined;
  readonly minValues: Readonly<Record<string, StatValue>>;
  readonly maxValues: Readonly<Record<string, StatValue>>;
  readonly nullCount: Readonly<Record<string, StatValue>>;
}

const NO_STATS: FileStats = { numRecords: undefined, minValues: {}, maxValues: {}, nullCount: {} };

const value: z.ZodType<StatValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.bigint(), z.boolean(), z.null(), z.record(z.string(), value)])
);
const values = z.record(z.string(), value).nullish().transform((found) => found ?? {});
const schema = z.object({
  numRecords: z.int().nullish().transform((rows) => rows ?? undefined),
  minValues: values,
  maxValues: values,
  nullCount: values,
});

/** Keeps longs exact: rounding a bound would skip files that match. */
function exactNumbers(_key: string, parsed: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof parsed !== "number" || Number.isSafeInteger(parsed) || source === undefined) {
    return parsed;
  }
  return /^-?\d+$/.test(source) ? BigInt(source) : parsed;
}

/**
 * Parses the `stats` of an `add` action. Statistics are a hint: when they cannot be read, the file is simply never
 * skipped, so malformed ones count as unknown.
 */
export function parseStats(json: string | undefined): FileStats {
  if (json === undefined || json === "") return NO_STATS;
  let parsed: unknown;
  try {
    parsed = /\d{16}/.test(json) ? JSON.parse(json, exactNumbers) : JSON.parse(json);
  } catch {
    return NO_STATS;
  }
  const result = schema.safeParse(parsed);
  return result.success ? result.data : NO_STATS;
}
