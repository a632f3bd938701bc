/**
 * Parquet footers: which columns a file has and where their chunks lie.
 *
 * @module
 */

import { ParquetReadError } from "./error.ts";
import { ThriftReader } from "./thrift_reader.ts";

/** Physical types by their numbers in `parquet.thrift`. */
export const PHYSICAL = { INT32: 1, INT64: 2, BYTE_ARRAY: 6 } as const;
/** Compression codecs by their numbers in `parquet.thrift`. */
export const CODEC = { UNCOMPRESSED: 0, SNAPPY: 1, ZSTD: 6 } as const;

/** One leaf of the schema. */
export interface FooterLeaf {
  readonly path: readonly string[];
  readonly physicalType: number;
  /** `ConvertedType`, or -1. */
  readonly convertedType: number;
  /** Member of the `LogicalType` union, or 0. */
  readonly logicalType: number;
  /** Unit of a logical TIMESTAMP: 1 ms, 2 µs, 3 ns; else 0. */
  readonly timeUnit: number;
  readonly maxDefinitionLevel: number;
  readonly maxRepetitionLevel: number;
  /** Definition level from which the outermost group or value is not null. */
  readonly presentLevel: number;
  /** Definition level from which the innermost repeated group has an entry; 0 when nothing repeats. */
  readonly entryLevel: number;
}

/** One column chunk. */
export interface FooterChunk {
  readonly codec: number;
  /** Bit `n` is set when encoding `n` of `parquet.thrift` is used. */
  readonly encodings: number;
  /** First byte of the chunk in the file. */
  readonly start: number;
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
  readonly valueCount: number;
  /** True when statistics say that every value is null. */
  readonly allNull: boolean;
  /** Statistics of INT64 columns, or null. */
  readonly minInt64: number | null;
  readonly maxInt64: number | null;
  /** False for chunks kept in other files or encrypted. */
  readonly plainFile: boolean;
}

/** One row group; `chunks` is parallel to the file's leaves. */
export interface FooterRowGroup {
  readonly rows: number;
  readonly chunks: readonly FooterChunk[];
}

/** What a footer says. */
export interface Footer {
  readonly leaves: readonly FooterLeaf[];
  readonly rowGroups: readonly FooterRowGroup[];
  readonly rows: number;
  /** Bytes of the footer in the file; its size in memory is some four times that. */
  readonly sizeBytes: number;
}

interface SchemaElement {
  name: string;
  type: number;
  repetition: number;
  children: number;
  converted: number;
  logical: number;
  timeUnit: number;
}

const OPTIONAL = 1;
const REPEATED = 2;
const LOGICAL_TIMESTAMP = 8;

function schemaElement(reader: ThriftReader): SchemaElement {
  const element: SchemaElement = {
    name: "",
    type: -1,
    repetition: 0,
    children: 0,
    converted: -1,
    logical: 0,
    timeUnit: 0,
  };
  reader.struct((id) => {
    if (id === 1) element.type = reader.int();
    else if (id === 3) element.repetition = reader.int();
    else if (id === 4) element.name = reader.text();
    else if (id === 5) element.children = reader.int();
    else if (id === 6) element.converted = reader.int();
    else if (id === 10) {
      reader.struct((member) => {
        element.logical = member;
        if (member !== LOGICAL_TIMESTAMP) return false;
        reader.struct((field) => {
          if (field !== 2) return false;
          reader.struct((unit) => {
            element.timeUnit = unit;
            return false;
          });
          return true;
        });
        return true;
      });
    } else return false;
    return true;
  });
  return element;
}

function leavesOf(elements: readonly SchemaElement[]): FooterLeaf[] {
  const leaves: FooterLeaf[] = [];
  let at = 0;
  const walk = (
    path: readonly string[],
    definition: number,
    repetition: number,
    entryLevel: number,
    presentLevel: number,
  ) => {
    const element = elements[at++];
    if (element === undefined || path.length > 16) {
      throw new ParquetReadError("The schema in the footer is not a tree.");
    }
    const isRoot = at === 1;
    const own = isRoot ? path : [...path, element.name];
    if (!isRoot && element.repetition === OPTIONAL) definition++;
    if (!isRoot && element.repetition === REPEATED) {
      definition++;
      repetition++;
      entryLevel = definition;
    }
    if (own.length === 1) presentLevel = definition;
    if (element.type < 0) {
      for (let i = 0; i < element.children; i++) {
        walk(own, definition, repetition, entryLevel, presentLevel);
      }
      return;
    }
    leaves.push({
      path: own,
      physicalType: element.type,
      convertedType: element.converted,
      logicalType: element.logical,
      timeUnit: element.timeUnit,
      maxDefinitionLevel: definition,
      maxRepetitionLevel: repetition,
      presentLevel,
      entryLevel,
    });
  };
  walk([], 0, 0, 0, 0);
  return leaves;
}

function int64(bytes: Uint8Array): number | null {
  if (bytes.length !== 8) return null;
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true));
}

function columnChunk(reader: ThriftReader): FooterChunk {
  let codec = -1;
  let encodings = 0;
  let dataOffset = -1;
  let dictionaryOffset = -1;
  let compressedBytes = -1;
  let uncompressedBytes = -1;
  let valueCount = -1;
  let nullCount = -1;
  let min: number | null = null;
  let max: number | null = null;
  let plainFile = true;
  const statistics = (id: number) => {
    if (id === 3) nullCount = reader.int();
    else if (id === 5) max = int64(reader.binary());
    else if (id === 6) min = int64(reader.binary());
    else return false;
    return true;
  };
  const metadata = (id: number) => {
    switch (id) {
      case 2:
        reader.list(() => {
          const encoding = reader.int();
          encodings |= encoding >= 0 && encoding < 31 ? 1 << encoding : 1 << 30;
        });
        return true;
      case 4:
        codec = reader.int();
        return true;
      case 5:
        valueCount = reader.int();
        return true;
      case 6:
        uncompressedBytes = reader.int();
        return true;
      case 7:
        compressedBytes = reader.int();
        return true;
      case 9:
        dataOffset = reader.int();
        return true;
      case 11:
        dictionaryOffset = reader.int();
        return true;
      case 12:
        reader.struct(statistics);
        return true;
      default:
        return false;
    }
  };
  reader.struct((id) => {
    if (id === 3) {
      reader.struct(metadata);
      return true;
    }
    // file_path, crypto_metadata, encrypted_column_metadata.
    if (id === 1 || id >= 8) plainFile = false;
    return false;
  });
  // Some writers put 0 for "no dictionary"; no page can begin there, the magic does.
  const start = dictionaryOffset > 0 ? Math.min(dictionaryOffset, dataOffset) : dataOffset;
  return {
    codec,
    encodings,
    start,
    compressedBytes,
    uncompressedBytes,
    valueCount,
    allNull: nullCount >= 0 && nullCount === valueCount,
    minInt64: min,
    maxInt64: max,
    plainFile,
  };
}

/**
 * Reads a footer.
 *
 * @param bytes The thrift bytes between the last page and the eight closing bytes of the file.
 * @throws {ParquetReadError} When they are not a Parquet footer.
 */
export function parseFooter(bytes: Uint8Array): Footer {
  const reader = new ThriftReader(bytes);
  const elements: SchemaElement[] = [];
  const rowGroups: FooterRowGroup[] = [];
  let rows = 0;
  reader.struct((id) => {
    if (id === 2) reader.list(() => elements.push(schemaElement(reader)));
    else if (id === 3) rows = reader.int();
    else if (id === 4) {
      reader.list(() => {
        const chunks: FooterChunk[] = [];
        let groupRows = 0;
        reader.struct((field) => {
          if (field === 1) reader.list(() => chunks.push(columnChunk(reader)));
          else if (field === 3) groupRows = reader.int();
          else return false;
          return true;
        });
        rowGroups.push({ rows: groupRows, chunks });
      });
    } else return false;
    return true;
  });
  const leaves = leavesOf(elements);
  let sum = 0;
  for (const group of rowGroups) {
    sum += group.rows;
    if (group.chunks.length !== leaves.length) {
      throw new ParquetReadError("A row group has not one chunk for each column.");
    }
  }
  if (sum !== rows) throw new ParquetReadError("The row groups do not add up to the file's rows.");
  return { leaves, rowGroups, rows, sizeBytes: bytes.length };
}
