/**
 * DuckDB's failures as {@linkcode ScouterError}. The engine's own text stays in `cause`, for the log.
 *
 * @module
 */

import { ScouterError } from "../../errors.ts";

/** Why a running query was interrupted, when it was. */
export type InterruptReason = "timeout" | "abort";

/**
 * Translates what the engine threw.
 *
 * @param cause What was thrown.
 * @param interrupted Why the query was interrupted, or null when it failed by itself.
 * @param timeoutMs The query's time limit, named in the message.
 */
export function queryError(
  cause: unknown,
  interrupted: InterruptReason | null,
  timeoutMs: number,
): ScouterError {
  if (cause instanceof ScouterError) return cause;
  if (interrupted === "abort") {
    return new ScouterError("CANCELLED", "The query was cancelled by the caller.", { cause });
  }
  if (interrupted === "timeout") {
    return new ScouterError(
      "DEADLINE_EXCEEDED",
      `The query did not finish within its limit of ${timeoutMs} ms.`,
      {
        cause,
        retry: true,
        suggestedAction: "Narrow the time range or add a filter, or raise the query time limit.",
      },
    );
  }
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/out of memory|failed to allocate|could not allocate|max_temp_directory_size/i.test(text)) {
    return new ScouterError(
      "RESOURCE_EXHAUSTED",
      "The query needs more memory than it is allowed.",
      {
        cause,
        retry: true,
        suggestedAction: "Narrow the time range or add a filter, or raise the query memory limit.",
      },
    );
  }
  return new ScouterError("QUERY_ERROR", "The query failed inside the query engine.", {
    cause,
    retry: true,
  });
}
