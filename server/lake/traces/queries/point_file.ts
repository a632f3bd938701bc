/**
 * Span files as the point reader opens them. Footers and id digests of files read lately are kept, within a budget;
 * files never change once written, so what is kept never goes stale.
 *
 * @module
 */

import { closeSync, fstatSync, openSync, read, readSync } from "node:fs";
import { readIdWords } from "../../parquet_read/chunk_values.ts";
import { ParquetReadError } from "../../parquet_read/error.ts";
import { type Footer, parseFooter } from "../../parquet_read/footer.ts";
import type { ChunkBytes } from "../../parquet_read/pages.ts";
import { planColumns, type PointColumn, type PointPlan } from "./point_columns.ts";

/** Most bytes kept for all files together. A million spans take some 8 MB. */
const CACHE_BYTES = 64 * 2 ** 20;
/** First guess at how much of a file's end holds the footer. */
const TAIL_BYTES = 64 * 1024;
/** Chunks this close together are read as one. */
const GAP_BYTES = 32 * 1024;
/** Reads up to this size are done at once; larger ones leave the thread to others meanwhile. */
const SYNC_READ_BYTES = 256 * 1024;
const MAGIC = 0x31524150; // "PAR1", little-endian.
/** A parsed footer takes about this many times its bytes on disk. */
const FOOTER_FACTOR = 4;

/** What is kept of a file. */
class KnownFile {
  readonly footer: Footer;
  readonly dataEnd: number;
  readonly plans = new Map<string, PointPlan>();
  /** {@linkcode readIdWords} of the trace ids by row group, once read. */
  readonly words: (Int32Array | null)[];
  sizeBytes: number;

  constructor(footer: Footer, dataEnd: number) {
    this.footer = footer;
    this.dataEnd = dataEnd;
    this.words = footer.rowGroups.map(() => null);
    this.sizeBytes = 4096 + footer.sizeBytes * FOOTER_FACTOR;
  }
}

/** Files by path, the one used longest ago first. */
const known = new Map<string, KnownFile>();
let knownBytes = 0;

function keep(path: string, file: KnownFile, addedBytes: number): void {
  file.sizeBytes += addedBytes;
  const held = known.get(path);
  if (held === file) knownBytes += addedBytes;
  else knownBytes += file.sizeBytes - (held?.sizeBytes ?? 0);
  known.delete(path);
  known.set(path, file);
  for (const [oldest, { sizeBytes }] of known) {
    if (knownBytes <= CACHE_BYTES) break;
    known.delete(oldest);
    knownBytes -= sizeBytes;
  }
}

/** Forgets all files, as after a start. */
export function forgetPointFiles(): void {
  known.clear();
  knownBytes = 0;
}

/** Bytes kept at present. */
export function pointFileBytes(): number {
  return knownBytes;
}

/** One file in use by one query. The descriptor is opened at the first read; dispose closes it. */
export class PointFile implements Disposable {
  readonly #path: string;
  readonly #known: KnownFile;
  #fd: number | null;

  private constructor(path: string, file: KnownFile, fd: number | null) {
    this.#path = path;
    this.#known = file;
    this.#fd = fd;
  }

  /**
   * Opens a file.
   *
   * @throws {ParquetReadError} When it has no Parquet footer.
   */
  static open(path: string): PointFile {
    const held = known.get(path);
    if (held !== undefined) {
      keep(path, held, 0);
      return new PointFile(path, held, null);
    }
    const fd = openSync(path, "r");
    try {
      const file = readFooter(fd);
      keep(path, file, 0);
      return new PointFile(path, file, fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  get footer(): Footer {
    return this.#known.footer;
  }

  /** How to read these columns; `key` names the set. */
  plan(key: string, names: readonly string[]): PointPlan {
    let plan = this.#known.plans.get(key);
    if (plan === undefined) {
      plan = planColumns(this.#known.footer, names, this.#known.dataEnd);
      this.#known.plans.set(key, plan);
    }
    return plan;
  }

  /** Digests of the trace ids of a row group, in row order. */
  async idWords(column: PointColumn, group: number): Promise<Int32Array> {
    const held = this.#known.words[group];
    if (held !== null && held !== undefined) return held;
    const chunks = await this.load(group, column.leaves);
    const chunk = chunks.get(column.leaves[0] ?? -1);
    const rows = this.footer.rowGroups[group]?.rows ?? 0;
    if (chunk === undefined) throw new ParquetReadError("A row group has no trace ids.");
    const words = readIdWords(chunk, rows);
    // Another query may have been faster.
    if (this.#known.words[group] === null) {
      this.#known.words[group] = words;
      keep(this.#path, this.#known, words.byteLength);
    }
    return words;
  }

  /** Reads the chunks of some leaves of a row group, neighbours in one go. */
  async load(group: number, leaves: readonly number[]): Promise<Map<number, ChunkBytes>> {
    const { rowGroups, leaves: all } = this.footer;
    const parts = leaves.map((leaf) => {
      const chunk = rowGroups[group]?.chunks[leaf];
      const of = all[leaf];
      if (chunk === undefined || of === undefined) throw new RangeError(`No leaf ${leaf}`);
      return { leaf, of, chunk, start: chunk.start, end: chunk.start + chunk.compressedBytes };
    }).sort((a, b) => a.start - b.start);
    const loaded = new Map<number, ChunkBytes>();
    for (let from = 0; from < parts.length;) {
      const start = parts[from]?.start ?? 0;
      let end = parts[from]?.end ?? 0;
      let to = from + 1;
      for (let next = parts[to]; next !== undefined && next.start <= end + GAP_BYTES;) {
        end = Math.max(end, next.end);
        next = parts[++to];
      }
      const bytes = await this.#read(start, end - start);
      for (const { leaf, of, chunk, start: at, end: until } of parts.slice(from, to)) {
        loaded.set(leaf, {
          leaf: of,
          codec: chunk.codec,
          valueCount: chunk.valueCount,
          bytes: bytes.subarray(at - start, until - start),
        });
      }
      from = to;
    }
    return loaded;
  }

  async #read(position: number, size: number): Promise<Uint8Array> {
    const fd = this.#fd ??= openSync(this.#path, "r");
    if (size <= SYNC_READ_BYTES) return readNow(fd, position, size);
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const got = await new Promise<number>((resolve, reject) =>
        read(
          fd,
          bytes,
          at,
          size - at,
          position + at,
          (error, count) => error ? reject(error) : resolve(count),
        )
      );
      if (got === 0) throw new ParquetReadError("A span file is shorter than its footer says.");
      at += got;
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}

function readNow(fd: number, position: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const got = readSync(fd, bytes, at, size - at, position + at);
    if (got === 0) throw new ParquetReadError("A span file is shorter than its footer says.");
    at += got;
  }
  return bytes;
}

function readFooter(fd: number): KnownFile {
  const fileBytes = fstatSync(fd).size;
  if (fileBytes < 12) throw new ParquetReadError("A span file is too short to be Parquet.");
  let tail = readNow(fd, Math.max(0, fileBytes - TAIL_BYTES), Math.min(fileBytes, TAIL_BYTES));
  const view = new DataView(tail.buffer, tail.length - 8);
  const size = view.getUint32(0, true);
  if (view.getUint32(4, true) !== MAGIC || size > fileBytes - 12) {
    throw new ParquetReadError("A span file does not end like Parquet.");
  }
  if (size + 8 > tail.length) tail = readNow(fd, fileBytes - 8 - size, size + 8);
  const end = tail.length - 8;
  return new KnownFile(parseFooter(tail.subarray(end - size, end)), fileBytes - 8 - size);
}
