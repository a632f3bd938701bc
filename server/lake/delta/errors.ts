/**
 * Errors of the transaction log. All are ScouterErrors; their message starts with the table's address.
 *
 * @module
 */

import { type ErrorCode, ScouterError, type ScouterErrorOptions } from "../../errors.ts";

/** An error about one table. */
export function tableError(
  code: ErrorCode,
  table: string,
  message: string,
  options: ScouterErrorOptions = {},
): ScouterError {
  return new ScouterError(code, `Delta table ${table}: ${message}`, options);
}

/** The log says something it must not. Reading stops: guessing would lose or double rows. */
export function damagedLog(
  table: string,
  version: number,
  what: string,
  cause?: unknown,
): ScouterError {
  return tableError("INTERNAL_ERROR", table, `version ${version} of the log is damaged: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    suggestedAction:
      `Restore the files of version ${version} in _delta_log from a backup or a replica; if none exists, move ` +
      `the table's folder away and let a new one be created. Data files are not touched by this error.`,
  });
}

/** A commit that lost against another writer in a way that a retry of the same actions cannot mend. */
export class CommitConflictError extends ScouterError {
  /** The version that got in the way. */
  readonly version: number;

  /**
   * @param table Address of the table.
   * @param version Version of the winning commit.
   * @param reason What both commits touched.
   */
  constructor(table: string, version: number, reason: string) {
    super(
      "CONFLICT",
      `Delta table ${table}: the commit conflicts with version ${version}: ${reason}`,
      {
        suggestedAction:
          "Read the new version of the table, plan the change again and commit that.",
        retry: true,
      },
    );
    this.version = version;
  }
}
