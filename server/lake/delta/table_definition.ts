/**
 * What a new table is made of.
 *
 * @module
 */

import type { Action } from "./actions.ts";
import { readProperties } from "./properties.ts";
import { OUR_PROTOCOL } from "./protocol.ts";
import { checkColumns, type ColumnDefinition, encodeSchema } from "./schema.ts";

/** How a table is made. */
export interface TableDefinition {
  readonly columns: readonly ColumnDefinition[];
  /** Names of the columns whose values are kept in the log and not in the files. */
  readonly partitionColumns: readonly string[];
  /** Table properties (`delta.*` and others). */
  readonly configuration?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly description?: string;
}

/**
 * The actions of a table's first version.
 *
 * @param definition Columns, partitioning, properties.
 * @param table Address of the table, for errors.
 * @param nowMs Time of creation.
 * @throws {ScouterError} BAD_REQUEST for impossible columns, PRECONDITION_FAILED for impossible properties.
 */
export function creationActions(
  definition: TableDefinition,
  table: string,
  nowMs: number,
): readonly Action[] {
  checkColumns(definition.columns, definition.partitionColumns, table);
  const metaData = {
    id: crypto.randomUUID(),
    name: definition.name,
    description: definition.description,
    format: { provider: "parquet", options: {} },
    schemaString: encodeSchema(definition.columns),
    partitionColumns: [...definition.partitionColumns],
    createdTime: nowMs,
    configuration: { ...definition.configuration },
  };
  readProperties(metaData, table);
  return [{ protocol: OUR_PROTOCOL }, { metaData }];
}
