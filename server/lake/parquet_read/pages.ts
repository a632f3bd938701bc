/**
 * The pages of a column chunk: their headers, and their bodies cut into levels and values.
 *
 * @module
 */

import { decompress } from "./decompress.ts";
import { ParquetReadError } from "./error.ts";
import { CODEC, type FooterLeaf } from "./footer.ts";
import { bitWidthFor } from "../parquet/hybrid.ts";
import { THRIFT, ThriftReader } from "./thrift_reader.ts";

/** Value encodings by their numbers in `parquet.thrift`. */
export const ENCODING = { PLAIN: 0, PLAIN_DICTIONARY: 2, RLE: 3, RLE_DICTIONARY: 8 } as const;

const PAGE = { DATA: 0, DICTIONARY: 2, DATA_V2: 3 } as const;

/** The bytes of one column chunk and how to read them. */
export interface ChunkBytes {
  readonly leaf: FooterLeaf;
  readonly codec: number;
  /** All pages, from the first header on. */
  readonly bytes: Uint8Array;
  readonly valueCount: number;
}

interface PageHeader {
  type: number;
  uncompressed: number;
  compressed: number;
  values: number;
  encoding: number;
  levelEncoding: number;
  definitionBytes: number;
  repetitionBytes: number;
  isCompressed: boolean;
}

/** A data page whose body is not decompressed yet. */
export interface DataPage {
  /** Level entries; equal to rows in a column that does not repeat. */
  readonly values: number;
  /** Decompresses the body. */
  open(): OpenPage;
}

/** A decompressed data page. Positions are in `bytes`. */
export interface OpenPage {
  readonly bytes: Uint8Array;
  readonly repetitionAt: number;
  readonly repetitionEnd: number;
  readonly definitionAt: number;
  readonly definitionEnd: number;
  readonly valuesAt: number;
  readonly isDictionary: boolean;
}

/** A decompressed dictionary page. */
export interface DictionaryPage {
  readonly bytes: Uint8Array;
  readonly count: number;
}

function readHeader(reader: ThriftReader): PageHeader {
  const header: PageHeader = {
    type: -1,
    uncompressed: -1,
    compressed: -1,
    values: -1,
    encoding: -1,
    levelEncoding: ENCODING.RLE,
    definitionBytes: 0,
    repetitionBytes: 0,
    isCompressed: true,
  };
  reader.struct((id) => {
    if (id === 1) header.type = reader.int();
    else if (id === 2) header.uncompressed = reader.int();
    else if (id === 3) header.compressed = reader.int();
    else if (id === 5 || id === 7) {
      reader.struct((field) => {
        if (field === 1) header.values = reader.int();
        else if (field === 2) header.encoding = reader.int();
        else if (field === 3 && id === 5) header.levelEncoding = reader.int();
        else return false;
        return true;
      });
    } else if (id === 8) {
      reader.struct((field, type) => {
        if (field === 1) header.values = reader.int();
        else if (field === 4) header.encoding = reader.int();
        else if (field === 5) header.definitionBytes = reader.int();
        else if (field === 6) header.repetitionBytes = reader.int();
        else if (field === 7) header.isCompressed = type === THRIFT.TRUE;
        else return false;
        return true;
      });
    } else return false;
    return true;
  });
  if (header.compressed < 0 || header.uncompressed < 0) {
    throw new ParquetReadError("A page header names no size.");
  }
  return header;
}

/** Goes through the pages of one chunk; the dictionary, if any, comes first. */
export class ChunkPages {
  readonly #chunk: ChunkBytes;
  readonly #reader: ThriftReader;
  #values = 0;
  #dictionary: (() => DictionaryPage) | null = null;

  constructor(chunk: ChunkBytes) {
    this.#chunk = chunk;
    this.#reader = new ThriftReader(chunk.bytes);
  }

  /** The next data page, or null after the last. */
  next(): DataPage | null {
    const { leaf, codec, bytes, valueCount } = this.#chunk;
    while (this.#values < valueCount) {
      const header = readHeader(this.#reader);
      const at = this.#reader.at;
      const end = at + header.compressed;
      if (end > bytes.length) throw new ParquetReadError("A page reaches beyond its column chunk.");
      this.#reader.at = end;
      const body = bytes.subarray(at, end);
      if (header.type === PAGE.DICTIONARY) {
        this.#setDictionary(body, header, codec);
        continue;
      }
      if (header.type !== PAGE.DATA && header.type !== PAGE.DATA_V2) continue;
      if (header.values < 0) throw new ParquetReadError("A page header names no value count.");
      this.#values += header.values;
      const isDictionary = header.encoding === ENCODING.RLE_DICTIONARY ||
        header.encoding === ENCODING.PLAIN_DICTIONARY;
      if (!isDictionary && header.encoding !== ENCODING.PLAIN) {
        throw new ParquetReadError(
          `A page of ${leaf.path.join(".")} uses encoding ${header.encoding}, unlike its footer.`,
        );
      }
      return {
        values: header.values,
        open: () =>
          header.type === PAGE.DATA
            ? openV1(body, header, codec, leaf, isDictionary)
            : openV2(body, header, codec, isDictionary),
      };
    }
    return null;
  }

  /** The dictionary of the pages seen so far. */
  dictionary(): DictionaryPage {
    if (this.#dictionary === null) throw new ParquetReadError("A chunk lacks its dictionary.");
    return this.#dictionary();
  }

  #setDictionary(body: Uint8Array, header: PageHeader, codec: number): void {
    let page: DictionaryPage | null = null;
    this.#dictionary = () =>
      page ??= { bytes: decompress(body, codec, header.uncompressed), count: header.values };
  }
}

function openV1(
  body: Uint8Array,
  header: PageHeader,
  codec: number,
  leaf: FooterLeaf,
  isDictionary: boolean,
): OpenPage {
  const bytes = decompress(body, codec, header.uncompressed);
  let at = 0;
  const levels = (maxLevel: number): [number, number] => {
    if (bitWidthFor(maxLevel) === 0) return [at, at];
    if (at + 4 > bytes.length) throw new ParquetReadError("A page ends inside its levels.");
    const from = at + 4;
    const size = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
    at = from + size;
    if (at > bytes.length) throw new ParquetReadError("A page ends inside its levels.");
    return [from, at];
  };
  const hasLevels = leaf.maxDefinitionLevel > 0 || leaf.maxRepetitionLevel > 0;
  if (hasLevels && header.levelEncoding !== ENCODING.RLE) {
    throw new ParquetReadError(`Levels use encoding ${header.levelEncoding}, unlike their footer.`);
  }
  const [repetitionAt, repetitionEnd] = levels(leaf.maxRepetitionLevel);
  const [definitionAt, definitionEnd] = levels(leaf.maxDefinitionLevel);
  return {
    bytes,
    repetitionAt,
    repetitionEnd,
    definitionAt,
    definitionEnd,
    valuesAt: at,
    isDictionary,
  };
}

function openV2(
  body: Uint8Array,
  header: PageHeader,
  codec: number,
  isDictionary: boolean,
): OpenPage {
  const { repetitionBytes, definitionBytes } = header;
  const levels = repetitionBytes + definitionBytes;
  if (repetitionBytes < 0 || definitionBytes < 0 || levels > body.length) {
    throw new ParquetReadError("A page ends inside its levels.");
  }
  const values = decompress(
    body.subarray(levels),
    header.isCompressed ? codec : CODEC.UNCOMPRESSED,
    header.uncompressed - levels,
  );
  // Levels are never compressed; one array for both keeps the rest of the reader simple.
  const bytes = new Uint8Array(levels + values.length);
  bytes.set(body.subarray(0, levels));
  bytes.set(values, levels);
  return {
    bytes,
    repetitionAt: 0,
    repetitionEnd: repetitionBytes,
    definitionAt: repetitionBytes,
    definitionEnd: levels,
    valuesAt: levels,
    isDictionary,
  };
}
