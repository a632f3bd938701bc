/**
 * The Delta table as the store follows it: which files it has, and what they may hold.
 *
 * @module
 */

import { join } from "node:path";
import type { DataFile, DeltaTable, Snapshot, StatValue } from "../../delta/mod.ts";
import type { QueryEngine } from "../../query/contract.ts";
import { ATTRIBUTE, SPAN } from "../../../telemetry/contract.ts";
import { tracer } from "../../../telemetry/tracer.ts";
import { readBounds } from "./file_bounds.ts";
import type { SegmentCodec } from "./options.ts";
import type { SnapshotBoard, TableFile } from "./snapshot_board.ts";
import { warn } from "./store_log.ts";
import { SPAN_TABLE, type TableShape } from "./table_shape.ts";
import type { IndexHeader, TraceIndex } from "./trace_index.ts";

const DAY_US = 86_400_000_000;

/** Keeps the board's table part equal to the table. */
export class TableView {
  readonly table: DeltaTable;
  readonly #tableDir: string;
  readonly #writerId: string;
  readonly #index: TraceIndex;
  readonly #board: SnapshotBoard;
  readonly #engine: QueryEngine;
  readonly #codec: SegmentCodec;
  readonly #shape: TableShape;
  readonly #files = new Map<string, TableFile>();
  /** Keys whose trace filter has to be made. */
  readonly #unindexed = new Set<string>();
  #queue: Promise<void> = Promise.resolve();

  constructor(
    table: DeltaTable,
    tableDir: string,
    writerId: string,
    index: TraceIndex,
    board: SnapshotBoard,
    engine: QueryEngine,
    codec: SegmentCodec,
    shape: TableShape,
  ) {
    this.table = table;
    this.#tableDir = tableDir;
    this.#writerId = writerId;
    this.#index = index;
    this.#board = board;
    this.#engine = engine;
    this.#codec = codec;
    this.#shape = shape;
  }

  /** Where a table file lies on disk. */
  path(key: string): string {
    return join(this.#tableDir, key);
  }

  /** Whether the table, as last shown, has a file. */
  has(key: string): boolean {
    return this.#files.has(key);
  }

  /** Shows a snapshot of the table, in the order of calls. */
  apply(snapshot: Snapshot): Promise<void> {
    const applied = this.#queue.then(() => this.#apply(snapshot));
    this.#queue = applied.catch(() => {});
    return applied;
  }

  /** Takes in commits of others. */
  async refresh(): Promise<void> {
    const attributes = { [ATTRIBUTE.table]: this.table.log.prefix.replace(/\/$/, "") };
    await tracer.run(SPAN.snapshotRefresh, { attributes }, async (span) => {
      const before = this.table.snapshot;
      const snapshot = await tracer.child(SPAN.updateIncremental, attributes, async (update) => {
        const found = await this.table.update();
        if (found === before) update.discard();
        return found;
      });
      if (snapshot === before) span.discard();
      else await tracer.child(SPAN.catalogSwap, attributes, () => this.apply(snapshot));
    });
  }

  /** Makes missing trace filters, one file after the other. */
  async indexMissing(signal: AbortSignal): Promise<void> {
    for (const key of [...this.#unindexed]) {
      if (signal.aborted) return;
      const file = this.#files.get(key);
      this.#unindexed.delete(key);
      if (file === undefined) continue;
      try {
        const bounds = await readBounds(this.#engine, this.#codec, this.#shape, file.path);
        await this.#index.write(key, bounds);
        if (this.#files.has(key)) this.#files.set(key, this.#describe(key, file.sizeBytes, bounds));
      } catch (failure) {
        // The file stays readable without a filter.
        warn("index", "The trace index of {key} could not be made: {failure}", { key, failure });
      }
    }
    await this.apply(this.table.snapshot);
  }

  /** Whether {@linkcode indexMissing} has work. */
  get hasUnindexed(): boolean {
    return this.#unindexed.size > 0;
  }

  async #apply(snapshot: Snapshot): Promise<void> {
    for (const [key, file] of snapshot.files) {
      if (this.#files.has(key)) continue;
      const header = await this.#index.readHeader(key);
      if (header === undefined) this.#unindexed.add(key);
      this.#files.set(
        key,
        this.#describe(key, file.sizeBytes, header ?? boundsFromLog(file, this.#shape)),
      );
    }
    for (const key of this.#files.keys()) {
      if (snapshot.files.has(key)) continue;
      this.#files.delete(key);
      this.#unindexed.delete(key);
      this.#index.forget(key);
    }
    const sealed = snapshot.txns.get(this.#writerId) ?? -1;
    this.#board.publishTable(snapshot.version, sealed, [...this.#files.values()]);
  }

  #describe(key: string, sizeBytes: number, header: IndexHeader): TableFile {
    const { rows, minStartUs, maxStartUs, maxEndUs, services } = header;
    return {
      key,
      path: this.path(key),
      sizeBytes,
      tier: "table",
      rows,
      minStartUs,
      maxStartUs,
      maxEndUs,
      services,
      mayContainTrace: (hash) => this.#index.mayContain(key, hash),
    };
  }
}

/** What the log alone says about a file of another writer: never narrower than the truth. */
export function boundsFromLog(file: DataFile, shape: TableShape = SPAN_TABLE): IndexHeader {
  const { numRecords, minValues, maxValues } = file.stats;
  const date = file.partitionValues[shape.partitionColumn.name];
  const dayStartUs = date === null || date === undefined
    ? NaN
    : Date.parse(`${date}T00:00:00Z`) * 1000;
  const [dayMin, dayMax] = Number.isNaN(dayStartUs)
    ? [-Infinity, Infinity]
    : [dayStartUs, dayStartUs + DAY_US - 1];
  return {
    rows: numRecords ?? 0,
    minStartUs: timestampUs(minValues[shape.timeColumn]) ?? dayMin,
    // Statistics of timestamps may be cut to milliseconds (Delta protocol, "Per-file Statistics").
    maxStartUs: plus999(timestampUs(maxValues[shape.timeColumn])) ?? dayMax,
    maxEndUs: plus999(timestampUs(maxValues[shape.endColumn])) ?? Infinity,
    services: null,
  };
}

const plus999 = (us: number | undefined): number | undefined =>
  us === undefined ? undefined : us + 999;

function timestampUs(value: StatValue | undefined): number | undefined {
  if (typeof value !== "string") return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms * 1000;
}
