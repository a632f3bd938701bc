/**
 * Reading the transaction log: from nothing (one LIST, one checkpoint, the commits after it) and onwards from a known
 * version (no LIST, one GET a commit).
 *
 * @module
 */

import type { ObjectStore } from "../objects/store.ts";
import type { CommitContent } from "./actions.ts";
import { readCheckpoint } from "./checkpoint_read.ts";
import { parseCommit } from "./commit_file.ts";
import { damagedLog, tableError } from "./errors.ts";
import { parseLastCheckpoint } from "./last_checkpoint.ts";
import {
  checkpointKey,
  checkpointPartKey,
  commitKey,
  LAST_CHECKPOINT,
  LOG_FOLDER,
  parseLogFile,
} from "./paths.ts";
import { checkReadable } from "./protocol.ts";
import { type Snapshot, SnapshotBuilder } from "./snapshot.ts";

/** Commits fetched at once while a table is opened. */
const PARALLEL_READS = 16;

/** A complete checkpoint in the log folder. */
interface CheckpointFiles {
  readonly version: number;
  /** 1 for a classic checkpoint. */
  readonly parts: number;
}

/** What a listing of the log found. */
interface Listing {
  readonly commits: readonly number[];
  /** Complete checkpoints, newest first. */
  readonly checkpoints: readonly CheckpointFiles[];
  readonly hasV2Checkpoint: boolean;
  /** Whether there is nothing of a log at all. */
  readonly isEmpty: boolean;
}

/** The log of one table. */
export class DeltaLog {
  readonly store: ObjectStore;
  /** Key prefix of the table in the store: "" or ending with a slash. */
  readonly prefix: string;
  /** Address of the table, for messages. */
  readonly table: string;

  /**
   * @param store Where the table lies.
   * @param prefix Key prefix of the table; "" when the store holds nothing else.
   */
  constructor(store: ObjectStore, prefix: string) {
    this.store = store;
    this.prefix = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
    this.table = `${store.uri.replace(/\/$/, "")}/${this.prefix}`.replace(/\/$/, "");
  }

  /** The full key of something whose key is relative to the table. */
  key(relative: string): string {
    return this.prefix + relative;
  }

  /** Reads one commit, or null when there is none (yet). */
  async readCommit(version: number): Promise<CommitContent | null> {
    const bytes = await this.store.get(this.key(commitKey(version)));
    return bytes === null ? null : parseCommit(bytes, this.table, version);
  }

  /**
   * Reads the newest snapshot from nothing.
   *
   * @returns Null when there is no table.
   * @throws {ScouterError} INTERNAL_ERROR when the log is damaged, NOT_IMPLEMENTED for unsupported features.
   */
  async load(): Promise<Snapshot | null> {
    const pointer = await this.store.get(this.key(LAST_CHECKPOINT));
    const hint = pointer === null ? undefined : parseLastCheckpoint(pointer);
    const listing = await this.#list(hint);
    // The pointer may be stale or wrong; only a complete checkpoint that is there counts.
    if (hint !== undefined && listing.checkpoints.length === 0) {
      return await this.#replay(await this.#list(undefined));
    }
    return await this.#replay(listing);
  }

  /**
   * Reads the commits after a snapshot, one GET each and one that finds nothing.
   *
   * @returns The same snapshot when there are none.
   */
  async advance(snapshot: Snapshot): Promise<Snapshot> {
    let builder: SnapshotBuilder | undefined;
    let protocolChanged = false;
    for (let version = snapshot.version + 1;; version++) {
      const commit = await this.readCommit(version);
      if (commit === null) break;
      builder ??= new SnapshotBuilder(this.table, snapshot);
      protocolChanged ||= commit.protocol !== undefined || commit.metaData !== undefined;
      // Before the files: a feature is best refused by its own name.
      if (commit.protocol !== undefined) {
        checkReadable(commit.protocol, commit.metaData ?? snapshot.metadata, this.table);
      }
      builder.apply(version, commit);
    }
    if (builder === undefined) return snapshot;
    const next = builder.build();
    if (protocolChanged) checkReadable(next.protocol, next.metadata, this.table);
    return next;
  }

  async #replay(listing: Listing): Promise<Snapshot | null> {
    const { commits, checkpoints, hasV2Checkpoint } = listing;
    const builder = new SnapshotBuilder(this.table);
    const checkpoint = checkpoints[0];
    let version = -1;
    if (checkpoint !== undefined) {
      const content = await this.#readCheckpoint(checkpoint);
      this.#refuseUnreadable(content);
      builder.apply(checkpoint.version, content);
      version = checkpoint.version;
    }
    const after = commits.filter((commit) => commit > version);
    if (version < 0 && after.length === 0) {
      if (hasV2Checkpoint) this.#refuseV2Checkpoint();
      if (listing.isEmpty) return null;
      // Never take the remains of a table for an empty place where one may be created.
      throw damagedLog(
        this.table,
        0,
        "there are log files, but neither commits nor a complete checkpoint",
      );
    }
    for (const [index, commit] of after.entries()) {
      const expected = version + 1 + index;
      if (commit === expected) continue;
      if (hasV2Checkpoint) this.#refuseV2Checkpoint();
      throw damagedLog(
        this.table,
        expected,
        `${commitKey(expected)} is missing, though version ${commit} is there`,
      );
    }
    for (let from = 0; from < after.length; from += PARALLEL_READS) {
      const chunk = after.slice(from, from + PARALLEL_READS);
      const contents = await Promise.all(chunk.map((commit) => this.readCommit(commit)));
      for (const [index, content] of contents.entries()) {
        const commit = chunk[index];
        if (commit === undefined) continue;
        if (content === null) {
          throw damagedLog(
            this.table,
            commit,
            `${commitKey(commit)} went missing while it was read`,
          );
        }
        this.#refuseUnreadable(content);
        builder.apply(commit, content);
      }
    }
    const snapshot = builder.build();
    checkReadable(snapshot.protocol, snapshot.metadata, this.table);
    return snapshot;
  }

  /** Refuses unsupported features by name before the actions that use them are met. */
  #refuseUnreadable(content: CommitContent): void {
    if (content.protocol !== undefined && content.metaData !== undefined) {
      checkReadable(content.protocol, content.metaData, this.table);
    }
  }

  #refuseV2Checkpoint(): never {
    throw tableError(
      "NOT_IMPLEMENTED",
      this.table,
      "its log needs the Delta table feature v2Checkpoint, not supported here: drop it (ALTER TABLE … DROP " +
        "FEATURE v2Checkpoint)",
    );
  }

  async #readCheckpoint({ version, parts }: CheckpointFiles): Promise<CommitContent> {
    const keys = parts === 1
      ? [checkpointKey(version)]
      : Array.from({ length: parts }, (_, index) => checkpointPartKey(version, index + 1, parts));
    const contents = await Promise.all(keys.map(async (key) => {
      const bytes = await this.store.get(this.key(key));
      if (bytes === null) {
        throw damagedLog(this.table, version, `${key} went missing while it was read`);
      }
      return bytes;
    }));
    return await readCheckpoint(contents, this.table, version);
  }

  /** @param fromVersion Version of a checkpoint that is said to exist; absent to list everything. */
  async #list(fromVersion: number | undefined): Promise<Listing> {
    const folder = this.key(LOG_FOLDER);
    // Everything of a version sorts after its bare number.
    const startAfter = fromVersion === undefined
      ? undefined
      : folder + String(fromVersion).padStart(20, "0");
    const commits: number[] = [];
    const parts = new Map<string, { version: number; parts: number; seen: Set<number> }>();
    let hasV2Checkpoint = false;
    let isEmpty = fromVersion === undefined;
    for await (const { key } of this.store.list(folder, startAfter)) {
      isEmpty = false;
      const file = parseLogFile(key.slice(folder.length));
      if (file?.kind === "commit") commits.push(file.version);
      else if (file?.kind === "v2-checkpoint") hasV2Checkpoint = true;
      else if (file?.kind === "checkpoint") {
        const id = `${file.version}/${file.parts}`;
        const found = parts.get(id) ??
          { version: file.version, parts: file.parts, seen: new Set() };
        found.seen.add(file.part);
        parts.set(id, found);
      }
    }
    const checkpoints = [...parts.values()]
      .filter((checkpoint) => checkpoint.seen.size === checkpoint.parts)
      .sort((a, b) => b.version - a.version || a.parts - b.parts);
    return { commits, checkpoints, hasV2Checkpoint, isEmpty };
  }
}
