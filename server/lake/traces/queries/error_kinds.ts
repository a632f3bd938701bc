/**
 * What fails: failed spans by service and kind of error, beside the same length of time before.
 *
 * @module
 */

import { columnOf, numberOrNull, type QueryContext, run } from "./context.ts";
import { pruneFiles } from "./prune.ts";
import { SqlParams } from "./sql_params.ts";

/** One kind of error of one service. */
export interface ErrorKind {
  readonly service: string;
  /** The error type, else the status message with its numbers left out, else empty. */
  readonly kind: string;
  /** The operation that fails so most often. */
  readonly operation: string;
  /** The newest status message. */
  readonly message: string;
  readonly count: number;
  readonly previousCount: number;
  readonly firstSeenUs: number;
  readonly lastSeenUs: number;
  /** The newest trace that has it. */
  readonly traceId: string;
}

/** Kinds of error of a window. */
export interface ErrorKinds {
  /** Those that are new first, then most frequent first. */
  readonly kinds: readonly ErrorKind[];
  /** Spans of the window before; 0 says that there is nothing to compare with. */
  readonly previousSpanCount: number;
}

/** Numbers, long hexadecimal ids and what is quoted differ from one occurrence to the next. */
const VARYING = `[0-9]+(\\.[0-9]+)*|[0-9a-f]{8,}|"[^"]*"|''[^'']*''`;
const MESSAGE_LENGTH = 200;

/**
 * @param window Failed spans that start in [startUs, endUs); compared with as long a time before.
 * @param limit Most kinds.
 */
export async function errorKinds(
  context: QueryContext,
  window: { readonly startUs: number; readonly endUs: number },
  limit: number,
): Promise<ErrorKinds> {
  const { startUs, endUs } = window;
  const beforeUs = startUs - (endUs - startUs);
  const files = pruneFiles(context.files, { fromUs: beforeUs, toUs: endUs });
  if (files.length === 0) return { kinds: [], previousSpanCount: 0 };
  const params = new SqlParams();
  const table = params.files(files);
  const start = params.time(startUs);
  const [kinds, before] = await Promise.all([
    run(
      context,
      `WITH failed AS (
         SELECT service_name, span_name, start_time, trace_id, start_time >= ${start} AS recent,
           left(coalesce(status_message, ''), ${MESSAGE_LENGTH}) AS message, error_type
         FROM ${table}
         WHERE status_code = 2 AND start_time >= ${params.time(beforeUs)}
           AND start_time < ${params.time(endUs)}),
       named AS (
         SELECT *, coalesce(nullif(error_type, ''),
           regexp_replace(message, '${VARYING}', '…', 'g')) AS kind FROM failed)
       SELECT service_name AS service, kind, count(*) FILTER (recent) AS spans,
         count(*) FILTER (NOT recent) AS previous, mode(span_name) FILTER (recent) AS operation,
         arg_max(message, start_time) FILTER (recent) AS message,
         lower(hex(arg_max(trace_id, start_time) FILTER (recent))) AS trace,
         epoch_us(min(start_time) FILTER (recent)) AS first_us,
         epoch_us(max(start_time) FILTER (recent)) AS last_us
       FROM named GROUP BY service_name, kind HAVING spans > 0
       ORDER BY previous = 0 DESC, spans DESC, service, kind LIMIT ${params.add(limit)}`,
      params,
    ),
    countBetween(context, beforeUs, startUs),
  ]);
  const text = (name: string, row: number) => String(columnOf(kinds, name)[row] ?? "");
  const number = (name: string, row: number) => numberOrNull(columnOf(kinds, name)[row]) ?? 0;
  return {
    kinds: Array.from({ length: kinds.rowCount }, (_, row) => ({
      service: text("service", row),
      kind: text("kind", row),
      operation: text("operation", row),
      message: text("message", row),
      count: number("spans", row),
      previousCount: number("previous", row),
      firstSeenUs: number("first_us", row),
      lastSeenUs: number("last_us", row),
      traceId: text("trace", row),
    })),
    previousSpanCount: before,
  };
}

async function countBetween(
  context: QueryContext,
  fromUs: number,
  toUs: number,
): Promise<number> {
  const files = pruneFiles(context.files, { fromUs, toUs });
  if (files.length === 0) return 0;
  const params = new SqlParams();
  const result = await run(
    context,
    `SELECT count(*) AS spans FROM ${params.files(files)}
     WHERE start_time >= ${params.time(fromUs)} AND start_time < ${params.time(toUs)}`,
    params,
  );
  return numberOrNull(columnOf(result, "spans")[0]) ?? 0;
}
