/**
 * Decides from a file's footer whether the point reader can read its columns, and how.
 *
 * @module
 */

import { readFlat, readRepeated, type ValueKind } from "../../parquet_read/chunk_values.ts";
import { CODEC, type Footer, type FooterLeaf, PHYSICAL } from "../../parquet_read/footer.ts";
import { type ChunkBytes, ENCODING } from "../../parquet_read/pages.ts";
import { type ColumnType, SPAN_COLUMNS } from "../schema.ts";

/** How to read one column. */
export interface PointColumn {
  readonly name: string;
  /** Indices of the leaves whose chunks `read` takes, in that order. */
  readonly leaves: readonly number[];
  /** True when the leaf's statistics may stand in for its values. */
  readonly isFlat: boolean;
  /** Values of some rows (ascending), as a query result has them. */
  read(chunks: readonly ChunkBytes[], rows: readonly number[]): readonly unknown[];
}

/** Columns by name, or why the file is not for this reader. */
export type PointPlan =
  | { readonly columns: ReadonlyMap<string, PointColumn> }
  | { readonly unsupported: string };

/**
 * A chunk is decompressed on the thread that serves requests: beyond this many bytes the engine's threads are the
 * better place.
 */
export const MAX_CHUNK_BYTES = 8 * 2 ** 20;

/** Bits of `n` for encodings the reader knows. */
const ENCODINGS = 1 << ENCODING.PLAIN | 1 << ENCODING.PLAIN_DICTIONARY | 1 << ENCODING.RLE |
  1 << ENCODING.RLE_DICTIONARY;
const CODECS: ReadonlySet<number> = new Set(Object.values(CODEC));

/** `ConvertedType` numbers a plain integer, text or timestamp may carry. */
const CONVERTED = { NONE: -1, UTF8: 0, TIMESTAMP_MICROS: 10, INT_32: 17, INT_64: 18 } as const;
const LOGICAL = { NONE: 0, STRING: 1, TIMESTAMP: 8, INTEGER: 10 } as const;
const MICROS = 2;

interface Primitive {
  readonly kind: ValueKind;
  readonly physical: number;
  readonly converted: readonly number[];
  readonly logical: readonly number[];
}

const TEXT: Primitive = {
  kind: "string",
  physical: PHYSICAL.BYTE_ARRAY,
  converted: [CONVERTED.UTF8],
  logical: [LOGICAL.NONE, LOGICAL.STRING],
};
const PRIMITIVES: Readonly<Partial<Record<ColumnType, Primitive>>> = {
  binary: {
    kind: "binary",
    physical: PHYSICAL.BYTE_ARRAY,
    converted: [CONVERTED.NONE],
    logical: [LOGICAL.NONE],
  },
  string: TEXT,
  integer: {
    kind: "int32",
    physical: PHYSICAL.INT32,
    converted: [CONVERTED.NONE, CONVERTED.INT_32],
    logical: [LOGICAL.NONE, LOGICAL.INTEGER],
  },
  long: {
    kind: "int64",
    physical: PHYSICAL.INT64,
    converted: [CONVERTED.NONE, CONVERTED.INT_64],
    logical: [LOGICAL.NONE, LOGICAL.INTEGER],
  },
  timestamp: {
    kind: "int64",
    physical: PHYSICAL.INT64,
    converted: [CONVERTED.NONE, CONVERTED.TIMESTAMP_MICROS],
    logical: [LOGICAL.NONE, LOGICAL.TIMESTAMP],
  },
};

const TYPES: ReadonlyMap<string, ColumnType> = new Map(
  SPAN_COLUMNS.map(({ name, type }) => [name, type]),
);

function fits(leaf: FooterLeaf, primitive: Primitive): boolean {
  return leaf.physicalType === primitive.physical &&
    primitive.converted.includes(leaf.convertedType) &&
    primitive.logical.includes(leaf.logicalType);
}

/** A list's or map's leaf: `column / repeated group / entry`, where only the group repeats. */
function fitsNested(leaf: FooterLeaf, entry: string): boolean {
  return leaf.path.length === 3 && leaf.path[2] === entry && leaf.maxRepetitionLevel === 1 &&
    fits(leaf, TEXT);
}

function columnOf(name: string, type: ColumnType, found: readonly [number, FooterLeaf][]) {
  const leaves = found.map(([index]) => index);
  const [first, second] = found.map(([, leaf]) => leaf);
  if (first === undefined) return null;
  if (type === "map<string,string>") {
    if (found.length !== 2 || second === undefined) return null;
    if (!fitsNested(first, "key") || !fitsNested(second, "value")) return null;
    const read: PointColumn["read"] = ([keyChunk, valueChunk], rows) => {
      if (keyChunk === undefined || valueChunk === undefined) return [];
      const keys = readRepeated(keyChunk, rows, "string");
      const values = readRepeated(valueChunk, rows, "string");
      return keys.map((entries, i) =>
        entries === null
          ? null
          : new Map(entries.map((key, nth) => [key, values[i]?.[nth] ?? null]))
      );
    };
    return { name, leaves, isFlat: false, read };
  }
  if (found.length !== 1) return null;
  if (type === "array<string>") {
    if (!fitsNested(first, "element")) return null;
    const read: PointColumn["read"] = ([chunk], rows) =>
      chunk === undefined ? [] : readRepeated(chunk, rows, "string");
    return { name, leaves, isFlat: false, read };
  }
  const primitive = PRIMITIVES[type];
  const isFlat = first.path.length === 1 && first.maxRepetitionLevel === 0 &&
    first.maxDefinitionLevel <= 1;
  if (primitive === undefined || !isFlat || !fits(first, primitive)) return null;
  if (
    type === "timestamp" && first.timeUnit !== MICROS &&
    (first.timeUnit !== 0 || first.convertedType !== CONVERTED.TIMESTAMP_MICROS)
  ) return null;
  const read: PointColumn["read"] = ([chunk], rows) =>
    chunk === undefined ? [] : readFlat(chunk, rows, primitive.kind);
  return { name, leaves, isFlat, read };
}

/**
 * Plans how to read columns of the span table from a file.
 *
 * @param names Columns to read.
 * @param dataEnd Where the file's pages end at the latest, in bytes.
 */
export function planColumns(footer: Footer, names: readonly string[], dataEnd: number): PointPlan {
  const byName = new Map<string, [number, FooterLeaf][]>();
  footer.leaves.forEach((leaf, index) => {
    const name = leaf.path[0] ?? "";
    const found = byName.get(name);
    if (found === undefined) byName.set(name, [[index, leaf]]);
    else found.push([index, leaf]);
  });
  const columns = new Map<string, PointColumn>();
  for (const name of names) {
    const type = TYPES.get(name);
    const found = byName.get(name);
    if (type === undefined || found === undefined) return { unsupported: `no column ${name}` };
    const column = columnOf(name, type, found);
    if (column === null) return { unsupported: `the type of column ${name}` };
    for (const { chunks } of footer.rowGroups) {
      for (const index of column.leaves) {
        const chunk = chunks[index];
        if (chunk === undefined || !chunk.plainFile) return { unsupported: `chunks of ${name}` };
        if (!CODECS.has(chunk.codec)) return { unsupported: `codec ${chunk.codec} of ${name}` };
        if ((chunk.encodings & ~ENCODINGS) !== 0) return { unsupported: `encodings of ${name}` };
        if (chunk.uncompressedBytes > MAX_CHUNK_BYTES) return { unsupported: `size of ${name}` };
        if (
          chunk.start < 4 || chunk.compressedBytes < 0 || chunk.valueCount < 0 ||
          chunk.start + chunk.compressedBytes > dataEnd
        ) return { unsupported: `place of ${name}` };
      }
    }
    columns.set(name, column);
  }
  return { columns };
}
