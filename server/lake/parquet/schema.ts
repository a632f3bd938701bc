/**
 * Parquet schemas of flat columns, maps and lists, in the shapes every engine agrees on.
 *
 * @module
 */
import { ByteSink } from "./byte_sink.ts";
import { ThriftWriter } from "./thrift.ts";

/** Physical types used here, with their numbers in `parquet.thrift`. */
export const PHYSICAL_TYPE = { INT32: 1, INT64: 2, DOUBLE: 5, BYTE_ARRAY: 6 } as const;

/** The logical kind of a top-level column. */
export type ParquetColumnType =
  | "binary"
  | "string"
  | "int32"
  | "int64"
  | "double"
  | "timestamp_micros"
  | "map_string_string"
  | "list_string";

/** One top-level column. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ParquetColumnType;
  readonly nullable: boolean;
}

/** One leaf: what a column chunk stores. */
export interface ParquetLeaf {
  readonly path: readonly string[];
  readonly physicalType: number;
  readonly maxDefinitionLevel: number;
  readonly maxRepetitionLevel: number;
}

/** A schema prepared for writing: its leaves and its encoded `SchemaElement` list. */
export interface ParquetSchema {
  readonly columns: readonly ParquetColumn[];
  readonly leaves: readonly ParquetLeaf[];
  /** Thrift bytes of the schema elements, without the list header. */
  readonly elements: Uint8Array;
  readonly elementCount: number;
}

const REQUIRED = 0;
const OPTIONAL = 1;
const REPEATED = 2;
const CONVERTED = { UTF8: 0, MAP: 1, LIST: 3, TIMESTAMP_MICROS: 10 } as const;
const LOGICAL = { STRING: 1, MAP: 2, LIST: 3, TIMESTAMP: 8 } as const;

interface Element {
  readonly name: string;
  readonly repetition?: number;
  readonly type?: number;
  readonly children?: number;
  readonly kind?: "string" | "map" | "list" | "timestamp";
}

function writeElement(out: ThriftWriter, element: Element): void {
  out.begin();
  if (element.type !== undefined) out.i32(1, element.type);
  if (element.repetition !== undefined) out.i32(3, element.repetition);
  out.binary(4, element.name);
  if (element.children !== undefined) out.i32(5, element.children);
  switch (element.kind) {
    case "string":
      out.i32(6, CONVERTED.UTF8);
      emptyLogical(out, LOGICAL.STRING);
      break;
    case "map":
      out.i32(6, CONVERTED.MAP);
      emptyLogical(out, LOGICAL.MAP);
      break;
    case "list":
      out.i32(6, CONVERTED.LIST);
      emptyLogical(out, LOGICAL.LIST);
      break;
    case "timestamp":
      out.i32(6, CONVERTED.TIMESTAMP_MICROS);
      out.struct(10);
      out.struct(LOGICAL.TIMESTAMP);
      out.bool(1, true); // isAdjustedToUTC
      out.struct(2);
      out.struct(2); // MICROS
      out.end();
      out.end();
      out.end();
      out.end();
      break;
  }
  out.end();
}

function emptyLogical(out: ThriftWriter, id: number): void {
  out.struct(10);
  out.struct(id);
  out.end();
  out.end();
}

const PRIMITIVES: Readonly<
  Record<Exclude<ParquetColumnType, "map_string_string" | "list_string">, {
    type: number;
    kind?: "string" | "timestamp";
  }>
> = {
  binary: { type: PHYSICAL_TYPE.BYTE_ARRAY },
  string: { type: PHYSICAL_TYPE.BYTE_ARRAY, kind: "string" },
  int32: { type: PHYSICAL_TYPE.INT32 },
  int64: { type: PHYSICAL_TYPE.INT64 },
  double: { type: PHYSICAL_TYPE.DOUBLE },
  timestamp_micros: { type: PHYSICAL_TYPE.INT64, kind: "timestamp" },
};

/**
 * Prepares a schema. Maps are `key_value{key, value}` and lists `list.element`, the three-level forms of the Parquet
 * logical type specification; keys, values and elements are never null.
 */
export function parquetSchema(columns: readonly ParquetColumn[]): ParquetSchema {
  const out = new ThriftWriter(new ByteSink(4096));
  const leaves: ParquetLeaf[] = [];
  let elementCount = 0;
  const add = (element: Element) => {
    writeElement(out, element);
    elementCount++;
  };
  add({ name: "schema", children: columns.length });
  for (const { name, type, nullable } of columns) {
    const repetition = nullable ? OPTIONAL : REQUIRED;
    const level = nullable ? 1 : 0;
    const string = {
      type: PHYSICAL_TYPE.BYTE_ARRAY,
      kind: "string",
      repetition: REQUIRED,
    } as const;
    const leaf = (...path: string[]) =>
      leaves.push({
        path: [name, ...path],
        physicalType: PHYSICAL_TYPE.BYTE_ARRAY,
        maxDefinitionLevel: level + 1,
        maxRepetitionLevel: 1,
      });
    if (type === "map_string_string") {
      add({ name, repetition, children: 1, kind: "map" });
      add({ name: "key_value", repetition: REPEATED, children: 2 });
      add({ name: "key", ...string });
      add({ name: "value", ...string });
      leaf("key_value", "key");
      leaf("key_value", "value");
    } else if (type === "list_string") {
      add({ name, repetition, children: 1, kind: "list" });
      add({ name: "list", repetition: REPEATED, children: 1 });
      add({ name: "element", ...string });
      leaf("list", "element");
    } else {
      const primitive = PRIMITIVES[type];
      add({ name, repetition, ...primitive });
      leaves.push({
        path: [name],
        physicalType: primitive.type,
        maxDefinitionLevel: level,
        maxRepetitionLevel: 0,
      });
    }
  }
  return { columns, leaves, elements: out.sink.view().slice(), elementCount };
}
