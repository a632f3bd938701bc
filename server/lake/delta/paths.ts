/**
 * Names in a Delta table's folder: log files, data files, partition folders.
 *
 * @module
 */

import { checkKey } from "../objects/keys.ts";
import { tableError } from "./errors.ts";

/** The folder of the transaction log. */
export const LOG_FOLDER = "_delta_log/";
/** The pointer to the newest checkpoint. */
export const LAST_CHECKPOINT = `${LOG_FOLDER}_last_checkpoint`;

const pad = (value: number, digits: number): string => String(value).padStart(digits, "0");

/** Key of a commit file, relative to the table. */
export const commitKey = (version: number): string => `${LOG_FOLDER}${pad(version, 20)}.json`;

/** Key of a classic checkpoint, relative to the table. */
export const checkpointKey = (version: number): string =>
  `${LOG_FOLDER}${pad(version, 20)}.checkpoint.parquet`;

/** Key of part `part` (from 1) of a checkpoint in `parts` parts, relative to the table. */
export const checkpointPartKey = (version: number, part: number, parts: number): string =>
  `${LOG_FOLDER}${pad(version, 20)}.checkpoint.${pad(part, 10)}.${pad(parts, 10)}.parquet`;

/** What the name of a file in the log folder says. */
export type LogFile =
  | { readonly kind: "commit"; readonly version: number }
  | {
    readonly kind: "checkpoint";
    readonly version: number;
    readonly part: number;
    readonly parts: number;
  }
  | { readonly kind: "v2-checkpoint"; readonly version: number }
  | { readonly kind: "compacted"; readonly version: number }
  | { readonly kind: "checksum"; readonly version: number };

const LOG_FILE =
  /^(\d{20})\.(?:(json)|(crc)|(\d{20})\.compacted\.json|checkpoint(?:\.(\d{10})\.(\d{10}))?\.parquet|(checkpoint\.[0-9A-Za-z-]+\.(?:json|parquet)))$/;

/**
 * Reads a file name of the log folder.
 *
 * @param name Name without folder.
 * @returns Undefined for files that are no part of the log (`_last_checkpoint`, sub-folders, strangers).
 */
export function parseLogFile(name: string): LogFile | undefined {
  const match = LOG_FILE.exec(name);
  if (match === null) return undefined;
  const version = Number(match[1]);
  if (match[2] !== undefined) return { kind: "commit", version };
  if (match[3] !== undefined) return { kind: "checksum", version };
  if (match[4] !== undefined) return { kind: "compacted", version };
  if (match[7] !== undefined) return { kind: "v2-checkpoint", version };
  return { kind: "checkpoint", version, part: Number(match[5] ?? 1), parts: Number(match[6] ?? 1) };
}

/**
 * Writes an object key as the `path` of an `add` or `remove` action: a relative URI (RFC 2396), so everything outside
 * its unreserved characters is percent-encoded, segment by segment.
 *
 * @param key Key of the data file, relative to the table.
 */
export function encodePath(key: string): string {
  return checkKey(key).split("/")
    .map((segment) => encodeURIComponent(segment).replaceAll("%3D", "="))
    .join("/");
}

/**
 * Reads the `path` of an `add` or `remove` action.
 *
 * @param path Percent-encoded relative URI.
 * @param table Address of the table, for the error.
 * @returns The object key, relative to the table.
 * @throws {ScouterError} NOT_IMPLEMENTED for absolute paths (shallow clones), INTERNAL_ERROR for malformed ones.
 */
export function decodePath(path: string, table: string): string {
  if (path.startsWith("/") || /^[a-zA-Z][a-zA-Z0-9+.-]*:\//.test(path)) {
    throw tableError(
      "NOT_IMPLEMENTED",
      table,
      `the log refers to a file outside the table, "${path}" (a shallow clone): copy the table with its data first`,
    );
  }
  try {
    return checkKey(path.includes("%") ? decodeURIComponent(path) : path);
  } catch (cause) {
    throw tableError(
      "INTERNAL_ERROR",
      table,
      `the log refers to "${path}", which is not a relative URI (RFC 2396): restore the log from a backup`,
      { cause },
    );
  }
}

/** Characters that Hive escapes in partition folder names. */
// deno-lint-ignore no-control-regex
const HIVE_SPECIAL = /[\x00-\x1f\x7f"#%'*/:=?\\{[\]^<>|&\s]/g;

const hiveEscape = (value: string): string =>
  value.replace(
    HIVE_SPECIAL,
    (character) =>
      [...new TextEncoder().encode(character)]
        .map((byte) => "%" + byte.toString(16).toUpperCase().padStart(2, "0")).join(""),
  );

/**
 * The customary folder of a partition, `column=value/…/` with Hive's escapes. Only a convention: readers take the
 * values from the log.
 *
 * @param columns Partition columns in table order.
 * @param values Serialised value by column; null or "" for null.
 * @returns A key prefix that ends with a slash, or "" for an unpartitioned table.
 */
export function partitionFolder(
  columns: readonly string[],
  values: Readonly<Record<string, string | null>>,
): string {
  return columns
    .map((column) =>
      `${hiveEscape(column)}=${hiveEscape(values[column] || "__HIVE_DEFAULT_PARTITION__")}/`
    )
    .join("");
}
