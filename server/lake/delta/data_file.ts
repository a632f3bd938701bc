/**
 * A data file of a table, as the log describes it.
 *
 * @module
 */

import type { AddAction, AddInput, RemoveInput } from "./actions.ts";
import { tableError } from "./errors.ts";
import { decodePath, encodePath } from "./paths.ts";
import { type FileStats, parseStats } from "./stats.ts";

/** Partition values as the log serialises them (Delta protocol, "Partition Value Serialization"). */
export type PartitionValues = Readonly<Record<string, string | null>>;

/** An immutable data file that is part of a snapshot. */
export class DataFile {
  /** Key relative to the table (the decoded path). */
  readonly key: string;
  /** The `add` action as committed. */
  readonly add: AddAction;
  #stats: FileStats | undefined;

  /**
   * @param add The action.
   * @param table Address of the table, for errors.
   * @throws {ScouterError} NOT_IMPLEMENTED when the file has a deletion vector or lies outside the table.
   */
  constructor(add: AddAction, table: string) {
    if (add.deletionVector !== undefined) {
      throw tableError(
        "NOT_IMPLEMENTED",
        table,
        `the file "${add.path}" has a deletion vector, and deletionVectors is not supported: rewrite the table ` +
          `without them (REORG TABLE … APPLY (PURGE))`,
      );
    }
    this.key = decodePath(add.path, table);
    this.add = add;
  }

  get partitionValues(): PartitionValues {
    return this.add.partitionValues;
  }

  get sizeBytes(): number {
    return this.add.size;
  }

  /** When the file was written, milliseconds since the epoch. */
  get modificationTimeMs(): number {
    return this.add.modificationTime;
  }

  /** Statistics, parsed at first use. */
  get stats(): FileStats {
    return this.#stats ??= parseStats(this.add.stats);
  }
}

/** A file to add, in plain terms. */
export interface NewFile {
  /** Key relative to the table. */
  readonly key: string;
  /** Serialised value by partition column; empty for an unpartitioned table. */
  readonly partitionValues: PartitionValues;
  readonly sizeBytes: number;
  /** When the file was written, milliseconds since the epoch. */
  readonly modificationTimeMs: number;
  /** The `stats` JSON text. */
  readonly stats?: string;
  /** False when the rows were in the table before (compaction). Default true. */
  readonly dataChange?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

/** The action that adds a file. */
export function addFile(file: NewFile): { readonly add: AddInput } {
  return {
    add: {
      path: encodePath(file.key),
      partitionValues: { ...file.partitionValues },
      size: file.sizeBytes,
      modificationTime: file.modificationTimeMs,
      dataChange: file.dataChange ?? true,
      ...(file.stats === undefined ? {} : { stats: file.stats }),
      ...(file.tags === undefined ? {} : { tags: { ...file.tags } }),
    },
  };
}

/**
 * The action that removes a file.
 *
 * @param file A file of the snapshot the decision was made on.
 * @param options `deletionTimestampMs` now; `dataChange` false when the same commit adds its rows again.
 */
export function removeFile(
  file: DataFile,
  options: { readonly deletionTimestampMs: number; readonly dataChange: boolean },
): { readonly remove: RemoveInput } {
  return {
    remove: {
      // The same spelling as the add, because other engines compare paths as text.
      path: file.add.path,
      deletionTimestamp: options.deletionTimestampMs,
      dataChange: options.dataChange,
      extendedFileMetadata: true,
      partitionValues: file.add.partitionValues,
      size: file.add.size,
    },
  };
}
