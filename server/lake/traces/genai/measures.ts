/**
 * What is counted over a group of GenAI spans, and reading it back.
 *
 * @module
 */

import type { QueryResult } from "../../query/contract.ts";
import { numberOrNull } from "../queries/context.ts";

/** Tokens of a group of spans; a span that tells none adds nothing. */
export interface TokenCounts {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheCreationTokens: number;
  readonly cacheReadTokens: number;
}

/** How many spans of a group failed. A span fails by its status, by naming an error type, or by both. */
export interface FailureCounts {
  readonly spanCount: number;
  readonly errorCount: number;
  /** Spans that name an error type. */
  readonly typedErrorCount: number;
  /** Spans whose status is an error. */
  readonly statusErrorCount: number;
}

/** Percentiles of span durations in milliseconds; null for an empty group. */
export interface DurationQuantiles {
  readonly p50DurationMs: number | null;
  readonly p95DurationMs: number | null;
  readonly p99DurationMs: number | null;
}

/** Aggregates that {@linkcode ResultRow.tokens} reads. */
export const TOKENS_SQL = `sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
  sum(cache_creation_input_tokens) AS cache_creation_tokens,
  sum(cache_read_input_tokens) AS cache_read_tokens`;

/** Aggregates that {@linkcode ResultRow.failures} reads. */
export const FAILURES_SQL = `count(*) AS spans,
  count(*) FILTER (status_code = 2 OR error_type IS NOT NULL) AS errors,
  count(error_type) AS typed_errors, count(*) FILTER (status_code = 2) AS status_errors`;

/** The aggregate that {@linkcode ResultRow.quantiles} reads: interpolated over every row of the group. */
export const QUANTILES_SQL =
  "quantile_cont(duration_ms::DOUBLE, [0.5, 0.95, 0.99]) AS duration_quantiles";

/** One row of a result, read by column name. */
export class ResultRow {
  readonly #columns: ReadonlyMap<string, readonly unknown[]>;
  readonly #row: number;

  constructor(columns: ReadonlyMap<string, readonly unknown[]>, row: number) {
    this.#columns = columns;
    this.#row = row;
  }

  /** The value as it is. */
  get(name: string): unknown {
    return this.#columns.get(name)?.[this.#row];
  }

  /** A text, or null. */
  text(name: string): string | null {
    const value = this.get(name);
    return typeof value === "string" ? value : null;
  }

  /** A number; 0 for null. */
  number(name: string): number {
    return numberOrNull(this.get(name)) ?? 0;
  }

  /** A number, or null. */
  numberOrNull(name: string): number | null {
    return numberOrNull(this.get(name));
  }

  /** The texts of a list. */
  texts(name: string): string[] {
    const value = this.get(name);
    return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
  }

  /** What {@linkcode TOKENS_SQL} summed. */
  tokens(): TokenCounts {
    return {
      inputTokens: this.number("input_tokens"),
      outputTokens: this.number("output_tokens"),
      cacheCreationTokens: this.number("cache_creation_tokens"),
      cacheReadTokens: this.number("cache_read_tokens"),
    };
  }

  /** What {@linkcode FAILURES_SQL} counted. */
  failures(): FailureCounts {
    return {
      spanCount: this.number("spans"),
      errorCount: this.number("errors"),
      typedErrorCount: this.number("typed_errors"),
      statusErrorCount: this.number("status_errors"),
    };
  }

  /** What {@linkcode QUANTILES_SQL} found. */
  quantiles(): DurationQuantiles {
    const found = this.get("duration_quantiles");
    const at = (index: number) => Array.isArray(found) ? numberOrNull(found[index]) : null;
    return { p50DurationMs: at(0), p95DurationMs: at(1), p99DurationMs: at(2) };
  }
}

/** The rows of a result, each read by `read`. */
export function readRows<T>(result: QueryResult, read: (row: ResultRow) => T): T[] {
  const columns = new Map(
    result.columnNames.map((name, index) => [name, result.columns[index] ?? []]),
  );
  return Array.from({ length: result.rowCount }, (_, row) => read(new ResultRow(columns, row)));
}
