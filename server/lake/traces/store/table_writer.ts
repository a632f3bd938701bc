/**
 * Puts Parquet files where the table keeps them, ready to be committed.
 *
 * @module
 */

import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { addFile, type NewFile } from "../../delta/mod.ts";
import type { ObjectStore } from "../../objects/store.ts";
import type { QueryEngine } from "../../query/contract.ts";
import { ScouterError } from "../../../errors.ts";
import type { RowBounds, SealedFile } from "../contract.ts";
import type { ResourceMark } from "../sample_mark.ts";
import { removeFileIfPresent } from "./durable_file.ts";
import { BACKGROUND_TIMEOUT_MS, readBounds } from "./file_bounds.ts";
import type { SegmentCodec } from "./options.ts";
import type { TableShape } from "./table_shape.ts";
import { literal, readParquet } from "./sql.ts";
import type { TraceIndex } from "./trace_index.ts";

const DAY_US = 86_400_000_000;
/** As small as in sealed files: a trace read by id decompresses one row group. Merged files grow by 5 % for it. */
const ROW_GROUP_ROWS = 4_096;

/** A file that lies in the table's folder and waits for its commit. */
export interface WrittenFile {
  readonly file: NewFile;
  readonly rows: number;
}

/** Writes table files. */
export class TableWriter {
  readonly #objects: ObjectStore;
  readonly #prefix: string;
  readonly #tempDir: string;
  readonly #engine: QueryEngine;
  readonly #codec: SegmentCodec;
  readonly #index: TraceIndex;
  readonly #shape: TableShape;
  /** Keys written and not committed, which no vacuum may take for garbage. */
  readonly pending = new Set<string>();

  constructor(
    objects: ObjectStore,
    prefix: string,
    tempDir: string,
    engine: QueryEngine,
    codec: SegmentCodec,
    index: TraceIndex,
    shape: TableShape,
  ) {
    this.#objects = objects;
    this.#prefix = prefix;
    this.#tempDir = tempDir;
    this.#engine = engine;
    this.#codec = codec;
    this.#index = index;
    this.#shape = shape;
  }

  /** Writes the files of the sealer. What a failure leaves half done is garbage for vacuum. */
  async putAllSealed(sealed: readonly SealedFile[]): Promise<WrittenFile[]> {
    const written: WrittenFile[] = [];
    try {
      for (const file of sealed) written.push(await this.#putSealed(file));
    } catch (error) {
      this.settle(written);
      throw error;
    }
    return written;
  }

  async #putSealed(sealed: SealedFile): Promise<WrittenFile> {
    const key = this.#newKey(sealed.partitionDate);
    await this.#place(key, (target) => this.#objects.put(target, sealed.bytes));
    await this.#index.write(key, sealed);
    return {
      rows: sealed.rows,
      file: {
        key,
        partitionValues: { [this.#shape.partitionColumn.name]: sealed.partitionDate },
        sizeBytes: sealed.bytes.length,
        modificationTimeMs: Date.now(),
        stats: sealed.deltaStats,
      },
    };
  }

  /**
   * Merges Parquet files into one file a day, sorted by time.
   *
   * @throws {ScouterError} INTERNAL_ERROR when the copies do not hold as many rows as the originals.
   */
  copy(paths: readonly string[], signal?: AbortSignal): Promise<WrittenFile[]> {
    return this.#copyFrom(readParquet(paths), signal);
  }

  /**
   * Merges like {@linkcode copy} and keeps one of the rows that were stored more than once: the window of recent rows
   * does not see one that is sent again late.
   */
  async copyUnique(
    paths: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ written: WrittenFile[]; duplicates: number }> {
    // Ids only, so that the usual case, no duplicate at all, costs no second look at the wide columns.
    const ids = this.#shape.idColumns.join(", ");
    const repeated = `SELECT filename, file_row_number FROM ${readParquet(paths, true)} ` +
      `QUALIFY row_number() OVER (PARTITION BY ${ids} ORDER BY filename, file_row_number) > 1`;
    const found = await this.#engine.query(`SELECT count(*) FROM (${repeated})`, [], {
      timeoutMs: BACKGROUND_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    const duplicates = Number(found.columns[0]?.[0]);
    const from = duplicates === 0
      ? readParquet(paths)
      : `(SELECT * EXCLUDE (filename, file_row_number) ` +
        `FROM ${
          readParquet(paths, true)
        } ANTI JOIN (${repeated}) USING (filename, file_row_number))`;
    return { written: await this.#copyFrom(from, signal), duplicates };
  }

  /** How many spans of a file carry a mark. */
  async countMarked(path: string, mark: ResourceMark, signal?: AbortSignal): Promise<number> {
    const found = await this.#engine.query(
      `SELECT count(*) FROM ${readParquet([path])} WHERE ${isMarked(mark)}`,
      [],
      { timeoutMs: BACKGROUND_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) },
    );
    return Number(found.columns[0]?.[0]);
  }

  /** Copies the spans of a file that do not carry a mark. */
  copyUnmarked(path: string, mark: ResourceMark, signal?: AbortSignal): Promise<WrittenFile[]> {
    return this.#copyFrom(
      `(SELECT * FROM ${readParquet([path])} WHERE NOT ${isMarked(mark)})`,
      signal,
    );
  }

  async #copyFrom(from: string, signal?: AbortSignal): Promise<WrittenFile[]> {
    const options = {
      timeoutMs: BACKGROUND_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    };
    const { timeColumn } = this.#shape;
    const days = await this.#engine.query(
      `SELECT epoch_us(${timeColumn}) // ${DAY_US}, count(*) FROM ${from} GROUP BY 1 ORDER BY 1`,
      [],
      options,
    );
    await mkdir(this.#tempDir, { recursive: true });
    const written: WrittenFile[] = [];
    for (let i = 0; i < days.rowCount; i++) {
      const day = Number(days.columns[0]?.[i]);
      const rows = Number(days.columns[1]?.[i]);
      const temporary = join(this.#tempDir, `${crypto.randomUUID()}.parquet`);
      try {
        // Without Bloom filters: DuckDB before 2.0 looks BLOBs up in them wrongly.
        await this.#engine.query(
          `COPY (SELECT * FROM ${from} WHERE epoch_us(${timeColumn}) // ${DAY_US} = ${day} ORDER BY ${timeColumn}) ` +
            `TO ${literal(temporary)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ` +
            `ROW_GROUP_SIZE ${ROW_GROUP_ROWS}, WRITE_BLOOM_FILTER false)`,
          [],
          options,
        );
        written.push(await this.#adopt(temporary, day, rows));
      } finally {
        await removeFileIfPresent(temporary);
      }
    }
    return written;
  }

  /** The actions that add files. */
  addActions(written: readonly WrittenFile[], dataChange: boolean) {
    return written.map(({ file }) => addFile({ ...file, dataChange }));
  }

  /** The files' fate is decided: in the table, or garbage. */
  settle(written: readonly WrittenFile[]): void {
    for (const { file } of written) this.pending.delete(file.key);
  }

  /** Deletes files whose commit is certain not to happen. */
  async discard(written: readonly WrittenFile[]): Promise<void> {
    for (const { file } of written) await this.#objects.delete(`${this.#prefix}/${file.key}`);
    this.settle(written);
  }

  #newKey(partitionDate: string): string {
    const { name } = this.#shape.partitionColumn;
    return `${name}=${partitionDate}/part-${crypto.randomUUID()}.zstd.parquet`;
  }

  async #place(key: string, put: (target: string) => Promise<void>): Promise<void> {
    this.pending.add(key);
    try {
      await put(`${this.#prefix}/${key}`);
    } catch (error) {
      this.pending.delete(key);
      throw error;
    }
  }

  async #adopt(temporary: string, day: number, rows: number): Promise<WrittenFile> {
    const bounds = await readBounds(this.#engine, this.#codec, this.#shape, temporary);
    if (bounds.rows !== rows) {
      throw new ScouterError(
        "INTERNAL_ERROR",
        `The merged file ${temporary} holds ${bounds.rows} rows, expected ${rows}; it is not used.`,
      );
    }
    const partitionDate = new Date(day * 86_400_000).toISOString().slice(0, 10);
    const key = this.#newKey(partitionDate);
    const { size } = await stat(temporary);
    await this.#place(key, (target) => this.#objects.putFile(target, temporary));
    await this.#index.write(key, bounds);
    return {
      rows,
      file: {
        key,
        partitionValues: { [this.#shape.partitionColumn.name]: partitionDate },
        sizeBytes: size,
        modificationTimeMs: Date.now(),
        stats: statsOf(bounds, this.#shape),
      },
    };
  }
}

/** SQL true for marked spans, never null. */
const isMarked = ({ key, value }: ResourceMark): string =>
  `coalesce(json_extract_string(resource_attributes, ${literal(`$."${key}"`)}) = ${
    literal(value)
  }, false)`;

/** Statistics for the log: timestamps in whole microseconds, so that bounds are exact. */
function statsOf(bounds: RowBounds, { timeColumn, endColumn }: TableShape): string {
  const time = (us: number): string => {
    const ms = Math.floor(us / 1000);
    const rest = String(us - ms * 1000).padStart(3, "0");
    return new Date(ms).toISOString().replace("Z", `${rest}Z`);
  };
  return JSON.stringify({
    numRecords: bounds.rows,
    minValues: { [timeColumn]: time(bounds.minStartUs) },
    maxValues: { [endColumn]: time(bounds.maxEndUs), [timeColumn]: time(bounds.maxStartUs) },
    nullCount: { [timeColumn]: 0, [endColumn]: 0 },
  });
}
