/**
 * Connection rows as a Parquet file.
 *
 * @module
 */

import type { SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { CONNECTION_COLUMNS, type ConnectionColumn } from "./connection_columns.ts";
import type { ConnectionRows } from "./connection_rows.ts";

function element({ name, type, nullable }: ConnectionColumn): SchemaElement {
  const repetition_type = nullable ? "OPTIONAL" : "REQUIRED";
  switch (type) {
    case "string":
      return { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type };
    case "long":
      return { name, type: "INT64", repetition_type };
    case "double":
      return { name, type: "DOUBLE", repetition_type };
    case "boolean":
      return { name, type: "BOOLEAN", repetition_type };
    case "timestamp":
      return {
        name,
        type: "INT64",
        repetition_type,
        logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
      };
  }
}

/** Encodes rows uncompressed. */
export function encodeConnections(rows: ConnectionRows): Uint8Array {
  const buffer = parquetWriteBuffer({
    schema: [
      { name: "root", num_children: CONNECTION_COLUMNS.length },
      ...CONNECTION_COLUMNS.map(element),
    ],
    columnData: CONNECTION_COLUMNS.map(({ name }, at) => ({
      name,
      data: [...rows.columns[at] ?? []],
    })),
    codec: "UNCOMPRESSED",
    createdBy: "Scouter",
  });
  return new Uint8Array(buffer);
}
