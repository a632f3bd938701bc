/**
 * Parquet file writer: one data page (v1) per column chunk, optional dictionary page, thrift footer.
 *
 * @module
 */
import { ByteSink, concatBytes } from "./byte_sink.ts";
import type { ParquetSchema } from "./schema.ts";
import { ThriftWriter } from "./thrift.ts";
import { zstdFrame } from "./zstd_frame.ts";

/** Page compression. */
export type ParquetCodec = "uncompressed" | "zstd";

/** The values of one leaf in one row group. */
export interface LeafChunk {
  /** Number of level entries, nulls included. */
  readonly valueCount: number;
  readonly nullCount: number;
  /** Body of the data page in order: repetition levels, definition levels, values. */
  readonly parts: readonly Uint8Array[];
  /** PLAIN entries of the dictionary page; the data page then holds RLE_DICTIONARY indices. */
  readonly dictionary?: { readonly bytes: Uint8Array; readonly count: number };
  /** Smallest and largest value in PLAIN form without length prefix. */
  readonly min?: Uint8Array;
  readonly max?: Uint8Array;
}

const MAGIC = new Uint8Array([0x50, 0x41, 0x52, 0x31]);
const ENCODING = { PLAIN: 0, RLE: 3, RLE_DICTIONARY: 8 } as const;
const CODEC = { uncompressed: 0, zstd: 6 } as const;

/** Below this many bytes a zstd frame and its call cost more than they save. */
const COMPRESS_FROM_BYTES = 256;

interface WrittenChunk {
  readonly leaf: number;
  readonly codec: ParquetCodec;
  readonly valueCount: number;
  readonly nullCount: number;
  readonly uncompressedBytes: number;
  readonly compressedBytes: number;
  readonly dictionaryOffset: number | null;
  readonly dataOffset: number;
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
}

interface WrittenRowGroup {
  readonly rows: number;
  readonly chunks: readonly WrittenChunk[];
}

/** What to record in the footer beside the columns. */
export interface ParquetFileOptions {
  readonly codec: ParquetCodec;
  /** Index of the leaf by which the rows ascend, if any. */
  readonly sortedByLeaf?: number;
}

/** Writes one file in memory, row group by row group. */
export class ParquetFileWriter {
  readonly #schema: ParquetSchema;
  readonly #options: ParquetFileOptions;
  readonly #parts: Uint8Array[] = [MAGIC];
  readonly #rowGroups: WrittenRowGroup[] = [];
  readonly #header = new ThriftWriter(new ByteSink(64));
  #offset = MAGIC.length;

  constructor(schema: ParquetSchema, options: ParquetFileOptions) {
    this.#schema = schema;
    this.#options = options;
  }

  #push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#offset += bytes.length;
  }

  /** Appends a page; returns its uncompressed size with header. */
  #page(
    parts: readonly Uint8Array[],
    codec: ParquetCodec,
    count: number,
    isDictionary: boolean,
    encoding: number,
  ): number {
    let size = 0;
    for (const part of parts) size += part.length;
    let body = parts;
    let stored = size;
    if (codec === "zstd") {
      const first = parts[0];
      const whole = parts.length === 1 && first !== undefined ? first : concatBytes(parts);
      const compressed = zstdFrame(whole);
      body = [compressed];
      stored = compressed.length;
    }
    const header = this.#header;
    header.sink.length = 0;
    header.begin();
    header.i32(1, isDictionary ? 2 : 0);
    header.i32(2, size);
    header.i32(3, stored);
    if (isDictionary) {
      header.struct(7);
      header.i32(1, count);
      header.i32(2, ENCODING.PLAIN);
    } else {
      header.struct(5);
      header.i32(1, count);
      header.i32(2, encoding);
      header.i32(3, ENCODING.RLE);
      header.i32(4, ENCODING.RLE);
    }
    header.end();
    header.end();
    const headerBytes = header.sink.view().slice();
    this.#push(headerBytes);
    for (const part of body) this.#push(part);
    return headerBytes.length + size;
  }

  /**
   * Appends a row group.
   *
   * @param leaves one chunk per schema leaf, in order
   */
  addRowGroup(rows: number, leaves: readonly LeafChunk[]): void {
    if (leaves.length !== this.#schema.leaves.length) {
      throw new RangeError(
        `A row group needs ${this.#schema.leaves.length} column chunks, got ${leaves.length}`,
      );
    }
    const chunks = leaves.map((chunk, leaf): WrittenChunk => {
      let bytes = chunk.dictionary?.bytes.length ?? 0;
      for (const part of chunk.parts) bytes += part.length;
      const codec = bytes < COMPRESS_FROM_BYTES ? "uncompressed" : this.#options.codec;
      const start = this.#offset;
      let uncompressedBytes = 0;
      if (chunk.dictionary !== undefined) {
        uncompressedBytes += this.#page(
          [chunk.dictionary.bytes],
          codec,
          chunk.dictionary.count,
          true,
          ENCODING.PLAIN,
        );
      }
      const dataOffset = this.#offset;
      const encoding = chunk.dictionary === undefined ? ENCODING.PLAIN : ENCODING.RLE_DICTIONARY;
      uncompressedBytes += this.#page(chunk.parts, codec, chunk.valueCount, false, encoding);
      return {
        leaf,
        codec,
        valueCount: chunk.valueCount,
        nullCount: chunk.nullCount,
        uncompressedBytes,
        compressedBytes: this.#offset - start,
        dictionaryOffset: chunk.dictionary === undefined ? null : start,
        dataOffset,
        min: chunk.min,
        max: chunk.max,
      };
    });
    this.#rowGroups.push({ rows, chunks });
  }

  /** Writes the footer and returns the whole file. */
  finish(): Uint8Array<ArrayBuffer> {
    const out = new ThriftWriter(new ByteSink(8192));
    const schema = this.#schema;
    out.begin();
    out.i32(1, 1);
    out.list(2, "struct", schema.elementCount);
    out.sink.copy(schema.elements, 0, schema.elements.length);
    out.i64(3, this.#rowGroups.reduce((sum, group) => sum + group.rows, 0));
    out.list(4, "struct", this.#rowGroups.length);
    for (const group of this.#rowGroups) this.#writeRowGroup(out, group);
    out.binary(6, "scouter");
    // Type-defined order for every leaf: without it readers must ignore min_value and max_value.
    out.list(7, "struct", schema.leaves.length);
    for (let i = 0; i < schema.leaves.length; i++) {
      out.begin();
      out.struct(1);
      out.end();
      out.end();
    }
    out.end();
    out.sink.int32(out.sink.length);
    this.#push(out.sink.view());
    this.#push(MAGIC);
    return concatBytes(this.#parts);
  }

  #writeRowGroup(out: ThriftWriter, group: WrittenRowGroup): void {
    let total = 0;
    let stored = 0;
    out.begin();
    out.list(1, "struct", group.chunks.length);
    for (const chunk of group.chunks) {
      total += chunk.uncompressedBytes;
      stored += chunk.compressedBytes;
      this.#writeChunk(out, chunk);
    }
    out.i64(2, total);
    out.i64(3, group.rows);
    if (this.#options.sortedByLeaf !== undefined) {
      out.list(4, "struct", 1);
      out.begin();
      out.i32(1, this.#options.sortedByLeaf);
      out.bool(2, false);
      out.bool(3, false);
      out.end();
    }
    out.i64(6, stored);
    out.end();
  }

  #writeChunk(out: ThriftWriter, chunk: WrittenChunk): void {
    const leaf = this.#schema.leaves[chunk.leaf];
    if (leaf === undefined) throw new RangeError(`No schema leaf ${chunk.leaf}`);
    out.begin();
    out.i64(2, 0);
    out.struct(3);
    out.i32(1, leaf.physicalType);
    if (chunk.dictionaryOffset === null) {
      out.list(2, "i32", 2);
      out.i32Element(ENCODING.PLAIN);
      out.i32Element(ENCODING.RLE);
    } else {
      out.list(2, "i32", 3);
      out.i32Element(ENCODING.PLAIN);
      out.i32Element(ENCODING.RLE);
      out.i32Element(ENCODING.RLE_DICTIONARY);
    }
    out.list(3, "binary", leaf.path.length);
    for (const name of leaf.path) out.binaryElement(name);
    out.i32(4, CODEC[chunk.codec]);
    out.i64(5, chunk.valueCount);
    out.i64(6, chunk.uncompressedBytes);
    out.i64(7, chunk.compressedBytes);
    out.i64(9, chunk.dataOffset);
    if (chunk.dictionaryOffset !== null) out.i64(11, chunk.dictionaryOffset);
    out.struct(12);
    out.i64(3, chunk.nullCount);
    if (chunk.max !== undefined) out.binary(5, chunk.max);
    if (chunk.min !== undefined) out.binary(6, chunk.min);
    out.end();
    out.end();
    out.end();
  }
}
