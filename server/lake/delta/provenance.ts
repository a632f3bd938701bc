/**
 * What a commit says about its origin (Delta protocol, "Commit Provenance Information").
 *
 * @module
 */

/** Written into every commit, so that a table's history tells who wrote it. */
export const ENGINE_INFO = "Scouter-TypeScript/0.1.0";

/** What is being done, in the words of the table's history. */
export interface Operation {
  /** For example `WRITE`, `OPTIMIZE`, `DELETE`. */
  readonly operation: string;
  readonly operationParameters?: Readonly<Record<string, string>>;
}

/** Provenance of a commit; `txnId` is unique to the attempt, so that a writer recognises its own commit. */
export function commitInfo(
  options: Operation,
  timestampMs: number,
  readVersion: number | undefined,
  blindAppend: boolean,
) {
  return {
    timestamp: timestampMs,
    operation: options.operation,
    operationParameters: { ...options.operationParameters },
    ...(readVersion === undefined ? {} : { readVersion }),
    isBlindAppend: blindAppend,
    engineInfo: ENGINE_INFO,
    txnId: crypto.randomUUID(),
  };
}
