/**
 * Trace id filters of table files, kept beside the table as small files that can be made anew at any time.
 *
 * Layout, little-endian: magic, CRC-32 of the header, header length, CRC-32 of the filter, filter length (4 bytes
 * each), header (JSON, padded to 4), filter.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, open, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { errnoOf } from "../../objects/local_durability.ts";
import type { RowBounds } from "../contract.ts";
import { removeFileIfPresent } from "./durable_file.ts";
import { TraceFilter } from "./trace_filter.ts";

const MAGIC = 0x31584954;
const PREAMBLE_BYTES = 20;
const SUFFIX = ".tix";
const FIRST_READ_BYTES = 16 * 1024;

/** Bounds without the hashes, which the filter stands for. */
export type IndexHeader = Omit<RowBounds, "traceHashes">;

const headerSchema: z.ZodType<IndexHeader> = z.object({
  rows: z.number(),
  minStartUs: z.number(),
  maxStartUs: z.number(),
  maxEndUs: z.number(),
  services: z.array(z.string()).nullable(),
});

/** Reads and writes the filters, and holds recently used ones in memory. */
export class TraceIndex {
  readonly #dir: string;
  readonly #cacheBytes: number;
  /** By table key, least recently used first. */
  readonly #filters = new Map<string, TraceFilter>();
  #heldBytes = 0;
  /** Keys whose file is known to be missing or damaged. */
  readonly #missing = new Set<string>();

  /**
   * @param dir Folder of the index files; made when missing.
   * @param cacheBytes Most bytes of filters in memory.
   */
  constructor(dir: string, cacheBytes: number) {
    this.#dir = dir;
    this.#cacheBytes = cacheBytes;
  }

  /** Notes the bounds of a new table file. Not synced: what is lost is made anew. */
  async write(key: string, bounds: RowBounds): Promise<void> {
    const filter = TraceFilter.of(bounds.traceHashes);
    const { rows, minStartUs, maxStartUs, maxEndUs, services } = bounds;
    const json = JSON.stringify({ rows, minStartUs, maxStartUs, maxEndUs, services });
    const text = new TextEncoder().encode(json);
    const header = new Uint8Array(Math.ceil(text.length / 4) * 4).fill(0x20);
    header.set(text);
    const words = new Uint8Array(
      filter.words.buffer,
      filter.words.byteOffset,
      filter.words.byteLength,
    );
    const bytes = new Uint8Array(PREAMBLE_BYTES + header.length + words.length);
    const view = new DataView(bytes.buffer);
    [MAGIC, crc32(header), header.length, crc32(words), words.length].forEach((word, i) =>
      view.setUint32(4 * i, word, true)
    );
    bytes.set(header, PREAMBLE_BYTES);
    bytes.set(words, PREAMBLE_BYTES + header.length);
    await mkdir(this.#dir, { recursive: true });
    const path = this.#path(key);
    await writeFile(path + ".tmp", bytes);
    await rename(path + ".tmp", path);
    this.#missing.delete(key);
    this.#hold(key, filter);
  }

  /** The bounds of a table file, or undefined when its index has to be made. */
  async readHeader(key: string): Promise<IndexHeader | undefined> {
    let bytes: Uint8Array;
    try {
      const handle = await open(this.#path(key), "r");
      try {
        const buffer = new Uint8Array(FIRST_READ_BYTES);
        let { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
        bytes = buffer.subarray(0, bytesRead);
        const need = PREAMBLE_BYTES + (bytesRead >= PREAMBLE_BYTES ? headerLength(bytes) : 0);
        if (need > FIRST_READ_BYTES && need < 1 << 24) {
          bytes = new Uint8Array(need);
          ({ bytesRead } = await handle.read(bytes, 0, need, 0));
          bytes = bytes.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
      return undefined;
    }
    return parseHeader(bytes);
  }

  /** False only when the trace is certainly not in the file. Reads the filter from disk when it is not in memory. */
  mayContain(key: string, hash: bigint): boolean {
    const held = this.#filters.get(key);
    if (held !== undefined) {
      this.#filters.delete(key);
      this.#filters.set(key, held);
      return held.has(hash);
    }
    if (this.#missing.has(key)) return true;
    const filter = this.#load(key);
    if (filter === undefined) {
      this.#missing.add(key);
      return true;
    }
    this.#hold(key, filter);
    return filter.has(hash);
  }

  /** Removes the indexes of files that are not in the table any more. @returns How many. */
  async prune(keys: Iterable<string>): Promise<number> {
    const wanted = new Set<string>();
    for (const key of keys) wanted.add(nameOf(key));
    let removed = 0;
    for (const name of await readdir(this.#dir).catch(() => [])) {
      if (!name.endsWith(SUFFIX) || wanted.has(name)) continue;
      await removeFileIfPresent(join(this.#dir, name));
      removed++;
    }
    return removed;
  }

  /** Lets go of a file's filter. */
  forget(key: string): void {
    const held = this.#filters.get(key);
    if (held !== undefined) this.#heldBytes -= held.words.byteLength;
    this.#filters.delete(key);
    this.#missing.delete(key);
  }

  #load(key: string): TraceFilter | undefined {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(this.#path(key));
    } catch (error) {
      // Whatever the reason, the answer "maybe" is right.
      if (errnoOf(error) === undefined) throw error;
      return undefined;
    }
    if (parseHeader(bytes) === undefined) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const start = PREAMBLE_BYTES + headerLength(bytes);
    const length = view.getUint32(16, true);
    // A copy of its own, because the words must be aligned (`slice` of a Node buffer is none).
    const words = new Uint8Array(bytes.subarray(start, start + length));
    if (words.length !== length || length % 64 !== 0 || crc32(words) !== view.getUint32(12, true)) {
      return undefined;
    }
    return new TraceFilter(new Uint32Array(words.buffer));
  }

  #hold(key: string, filter: TraceFilter): void {
    this.forget(key);
    this.#filters.set(key, filter);
    this.#heldBytes += filter.words.byteLength;
    for (const [oldest, { words }] of this.#filters) {
      if (this.#heldBytes <= this.#cacheBytes || oldest === key) break;
      this.#filters.delete(oldest);
      this.#heldBytes -= words.byteLength;
    }
  }

  #path(key: string): string {
    return join(this.#dir, nameOf(key));
  }
}

/** Keys may be longer than file names and hold any character. */
const nameOf = (key: string): string =>
  createHash("sha256").update(key).digest("hex").slice(0, 40) + SUFFIX;

const headerLength = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(8, true);

function parseHeader(bytes: Uint8Array): IndexHeader | undefined {
  if (bytes.length < PREAMBLE_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  const header = bytes.subarray(PREAMBLE_BYTES, PREAMBLE_BYTES + headerLength(bytes));
  if (header.length !== headerLength(bytes) || crc32(header) !== view.getUint32(4, true)) {
    return undefined;
  }
  const parsed = headerSchema.safeParse(JSON.parse(new TextDecoder().decode(header)));
  return parsed.success ? parsed.data : undefined;
}
