/**
 * Work that keeps the table tidy: merging small files, dropping old dates, deleting what nobody reads.
 *
 * @module
 */

import { CommitConflictError, type DataFile, removeFile } from "../../delta/mod.ts";
import { ATTRIBUTE, SPAN } from "../../../telemetry/contract.ts";
import { tracer } from "../../../telemetry/tracer.ts";
import { dateOf, planCompaction } from "./compaction_plan.ts";
import { ScouterError } from "../../../errors.ts";
import { mayHold, type ResourceMark } from "../sample_mark.ts";
import { SPAN_PARTITION_COLUMN } from "../schema.ts";
import type { SpanStoreLimits, StoreHook } from "./options.ts";
import type { SnapshotBoard } from "./snapshot_board.ts";
import { info, warn } from "./store_log.ts";
import type { StoreMetrics } from "./store_metrics.ts";
import type { TableView } from "./table_view.ts";
import type { UpkeepRun } from "../../table_status.ts";
import type { TableWriter, WrittenFile } from "./table_writer.ts";
import type { TraceIndex } from "./trace_index.ts";

const DAY_MS = 86_400_000;

/** What {@linkcode Maintenance} works with. */
export interface MaintenanceParts {
  readonly view: TableView;
  readonly writer: TableWriter;
  readonly board: SnapshotBoard;
  readonly index: TraceIndex;
  readonly limits: SpanStoreLimits;
  readonly metrics: StoreMetrics;
  readonly hook: StoreHook;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** Runs one job at a time. */
export class Maintenance {
  readonly #parts: MaintenanceParts;
  #queue: Promise<unknown> = Promise.resolve();
  #lastCompaction: UpkeepRun | null = null;
  #lastVacuum: UpkeepRun | null = null;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
  }

  /** The last run of {@linkcode compact}; null when there was none. */
  get lastCompaction(): UpkeepRun | null {
    return this.#lastCompaction;
  }

  /** The last run of {@linkcode retain}; null when there was none. */
  get lastVacuum(): UpkeepRun | null {
    return this.#lastVacuum;
  }

  /** Merges the small files of each date. */
  compact(): Promise<void> {
    const noted = this.#noting((run) => this.#lastCompaction = run, async () => {
      const { view, limits, signal } = this.#parts;
      await view.refresh();
      let files = 0;
      for (const group of planCompaction([...view.table.snapshot.files.values()], limits)) {
        if (signal.aborted) break;
        await tracer.run(
          SPAN.optimize,
          { attributes: { [ATTRIBUTE.table]: view.table.log.prefix.replace(/\/$/, "") } },
          () => this.#merge(group),
        );
        files += group.length;
      }
      return files;
    });
    return this.#exclusive(noted);
  }

  /** Drops old dates and deletes files that no reader may still use. */
  retain(): Promise<void> {
    const noted = this.#noting((run) => this.#lastVacuum = run, async () => {
      const { view, writer, board, index, limits, metrics, hook, now } = this.#parts;
      await view.refresh();
      if (limits.retentionDays > 0) {
        const oldest = new Date(now() - limits.retentionDays * DAY_MS).toISOString().slice(0, 10);
        const old = [...view.table.snapshot.files.values()].filter((file) => {
          const date = dateOf(file);
          return date !== null && date < oldest;
        });
        if (old.length > 0) {
          const removes = old.map((file) =>
            removeFile(file, { deletionTimestampMs: now(), dataChange: true })
          );
          const result = await view.table.commit(removes, {
            operation: "DELETE",
            operationParameters: { predicate: `["(${SPAN_PARTITION_COLUMN.name} < '${oldest}')"]` },
          });
          await hook("retain:committed");
          await view.apply(result.snapshot);
          metrics.maintenance.add(1, { kind: "retain", result: "ok" });
          info("Dropped {files} files with rows before {oldest}.", { files: old.length, oldest });
        }
      }
      const held = board.heldTableKeys();
      const { deleted } = await view.table.vacuum({
        retentionMs: limits.vacuumAfterMs,
        // A file goes from pending to the view while vacuum runs, and is in one of them at any time.
        keep: (key) => held.has(key) || writer.pending.has(key) || view.has(key),
      });
      metrics.deletedFiles.add(deleted.length, { kind: "table" });
      await index.prune([...view.table.snapshot.files.keys(), ...held, ...writer.pending]);
      return deleted.length;
    });
    return this.#exclusive(noted);
  }

  /** Writes the files that hold marked spans again without them. */
  removeMarked(mark: ResourceMark): Promise<number> {
    return this.#exclusive(async () => {
      const { view, writer, board, metrics, signal, now } = this.#parts;
      await view.refresh();
      using lease = board.acquire();
      const readVersion = view.table.snapshot.version;
      const services = new Map(lease.snapshot.files.map((file) => [file.path, file.services]));
      const affected: DataFile[] = [];
      const written: WrittenFile[] = [];
      let removed = 0;
      try {
        for (const file of view.table.snapshot.files.values()) {
          const path = view.path(file.key);
          if (!mayHold(mark, services.get(path) ?? null)) continue;
          const marked = await writer.countMarked(path, mark, signal);
          if (marked === 0) continue;
          written.push(...await writer.copyUnmarked(path, mark, signal));
          affected.push(file);
          removed += marked;
        }
        if (affected.length === 0) return 0;
        const result = await view.table.commit([
          ...affected.map((file) =>
            removeFile(file, { deletionTimestampMs: now(), dataChange: true })
          ),
          ...writer.addActions(written, true),
        ], {
          operation: "DELETE",
          operationParameters: {
            predicate: JSON.stringify([`resource_attributes['${mark.key}'] = '${mark.value}'`]),
          },
          readVersion,
        });
        await view.apply(result.snapshot);
        writer.settle(written);
        metrics.maintenance.add(1, { kind: "remove", result: "ok" });
        return removed;
      } catch (failure) {
        metrics.maintenance.add(1, { kind: "remove", result: "failed" });
        if (failure instanceof CommitConflictError) {
          await writer.discard(written);
          throw new ScouterError(
            "UNAVAILABLE",
            "Another writer changed the files that hold these spans; nothing was removed.",
            { retry: true, suggestedAction: "Try again." },
          );
        }
        writer.settle(written);
        throw failure;
      }
    });
  }

  /** Waits for the job under way. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  async #merge(group: readonly DataFile[]): Promise<void> {
    const { view, writer, board, metrics, hook, signal, now } = this.#parts;
    // The lease keeps a vacuum, ours or a concurrent retention's, away from what is being read.
    using _lease = board.acquire();
    const readVersion = view.table.snapshot.version;
    const { written, duplicates } = await writer.copyUnique(
      group.map(({ key }) => view.path(key)),
      signal,
    );
    // Merging alone changes no data; leaving a repeated span out does, and readers of changes have to know.
    const dataChange = duplicates > 0;
    try {
      const rows = written.reduce((sum, file) => sum + file.rows, 0);
      const expected = group.reduce((sum, file) => sum + (file.stats.numRecords ?? NaN), 0);
      if (!Number.isNaN(expected) && rows !== expected - duplicates) {
        throw new Error(
          `Merging gave ${rows} rows, the table's statistics say ${expected} with ${duplicates} duplicates`,
        );
      }
      await hook("compact:written");
      const removes = group.map((file) =>
        removeFile(file, { deletionTimestampMs: now(), dataChange })
      );
      const result = await view.table.commit([
        ...removes,
        ...writer.addActions(written, dataChange),
      ], {
        operation: "OPTIMIZE",
        readVersion,
      });
      await hook("compact:committed");
      await view.apply(result.snapshot);
      writer.settle(written);
      metrics.maintenance.add(1, { kind: "compact", result: "ok" });
      metrics.lateDuplicates.add(duplicates);
    } catch (failure) {
      metrics.maintenance.add(1, { kind: "compact", result: "failed" });
      if (failure instanceof CommitConflictError) {
        warn(
          "compact",
          "Another writer changed files that were being merged; they are left for later: {failure}",
          {
            failure,
          },
        );
        await writer.discard(written);
        return;
      }
      // Whether the commit happened is unknown: vacuum decides by the log, once the files are old enough.
      writer.settle(written);
      throw failure;
    }
  }

  /** The work, which gives the number of files it touched, with a note of when it ran and how it went. */
  #noting(note: (run: UpkeepRun) => void, work: () => Promise<number>): () => Promise<void> {
    return async () => {
      const startedMs = this.#parts.now();
      const clockMs = performance.now();
      const run = (files: number, error: string | null): UpkeepRun => ({
        startedMs,
        durationMs: performance.now() - clockMs,
        files,
        error,
      });
      try {
        note(run(await work(), null));
      } catch (failure) {
        note(run(0, failure instanceof Error ? failure.message : String(failure)));
        throw failure;
      }
    };
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }
}
