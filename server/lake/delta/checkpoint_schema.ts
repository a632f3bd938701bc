/**
 * The Parquet schema of a V1 checkpoint (Delta protocol, "Checkpoint Schema").
 *
 * @module
 */

import type { SchemaElement } from "hyparquet";

/** A column of the checkpoint, flattened in the order of the Parquet footer. */
type Column = readonly SchemaElement[];

const string = (name: string): Column => [
  { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
];
const long = (name: string): Column => [{ name, type: "INT64", repetition_type: "OPTIONAL" }];
const integer = (name: string): Column => [{ name, type: "INT32", repetition_type: "OPTIONAL" }];
const boolean = (name: string): Column => [{ name, type: "BOOLEAN", repetition_type: "OPTIONAL" }];
const struct = (name: string, ...fields: readonly Column[]): Column => [
  { name, repetition_type: "OPTIONAL", num_children: fields.length },
  ...fields.flat(),
];
const stringMap = (name: string): Column => [
  { name, converted_type: "MAP", repetition_type: "OPTIONAL", num_children: 1 },
  { name: "key_value", repetition_type: "REPEATED", num_children: 2 },
  { name: "key", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
  ...string("value"),
];
const strings = (name: string): Column => [
  { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  ...string("element"),
];

/** Top-level columns by name, each with the elements below it. */
const COLUMNS: Readonly<Record<string, Column>> = {
  txn: struct("txn", string("appId"), long("version"), long("lastUpdated")),
  add: struct(
    "add",
    string("path"),
    stringMap("partitionValues"),
    long("size"),
    long("modificationTime"),
    boolean("dataChange"),
    string("stats"),
    stringMap("tags"),
  ),
  remove: struct(
    "remove",
    string("path"),
    long("deletionTimestamp"),
    boolean("dataChange"),
    boolean("extendedFileMetadata"),
    stringMap("partitionValues"),
    long("size"),
  ),
  metaData: struct(
    "metaData",
    string("id"),
    string("name"),
    string("description"),
    struct("format", string("provider"), stringMap("options")),
    string("schemaString"),
    strings("partitionColumns"),
    stringMap("configuration"),
    long("createdTime"),
  ),
  protocol: struct(
    "protocol",
    integer("minReaderVersion"),
    integer("minWriterVersion"),
    strings("readerFeatures"),
    strings("writerFeatures"),
  ),
  domainMetadata: struct(
    "domainMetadata",
    string("domain"),
    string("configuration"),
    boolean("removed"),
  ),
};

/** Names of the top-level columns, in file order. */
export const CHECKPOINT_COLUMNS: readonly string[] = Object.keys(COLUMNS);

/** The whole schema, flattened depth first as the Parquet footer wants it. */
export function checkpointSchema(): SchemaElement[] {
  return [
    { name: "spark_schema", num_children: CHECKPOINT_COLUMNS.length },
    ...Object.values(COLUMNS).flat().map((element) => ({ ...element })),
  ];
}
