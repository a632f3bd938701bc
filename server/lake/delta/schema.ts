/**
 * Table schemas in Delta's JSON form (Delta protocol, "Schema Serialization Format").
 *
 * @module
 */

import { z } from "zod";
import { tableError } from "./errors.ts";

/** The column types our tables use. */
export type DeltaType =
  | "binary"
  | "string"
  | "integer"
  | "long"
  | "double"
  | "boolean"
  | "timestamp"
  | "date"
  | "map<string,string>"
  | "array<string>";

/** One column of a table to create. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: DeltaType;
  readonly nullable: boolean;
  /** Meaning, kept in the table as the column's comment. */
  readonly doc?: string;
}

const fieldSchema = z.looseObject({
  name: z.string(),
  type: z.union([z.string(), z.looseObject({})]),
  nullable: z.boolean(),
  metadata: z.looseObject({}).optional(),
});
const structSchema = z.looseObject({ type: z.literal("struct"), fields: z.array(fieldSchema) });

/** A column as the log has it. */
export type SchemaField = z.output<typeof fieldSchema>;

function typeToJson(type: DeltaType): string | Record<string, unknown> {
  switch (type) {
    case "map<string,string>":
      return { type: "map", keyType: "string", valueType: "string", valueContainsNull: true };
    case "array<string>":
      return { type: "array", elementType: "string", containsNull: true };
    default:
      return type;
  }
}

const toField = (column: ColumnDefinition): SchemaField => ({
  name: column.name,
  type: typeToJson(column.type),
  nullable: column.nullable,
  metadata: column.doc === undefined ? {} : { comment: column.doc },
});

/** The `schemaString` of columns. */
export function encodeSchema(columns: readonly ColumnDefinition[]): string {
  return JSON.stringify({ type: "struct", fields: columns.map(toField) });
}

/**
 * Parses a `schemaString`.
 *
 * @throws {ScouterError} INTERNAL_ERROR when it is not a struct.
 */
export function parseSchema(schemaString: string, table: string): readonly SchemaField[] {
  try {
    return structSchema.parse(JSON.parse(schemaString)).fields;
  } catch (cause) {
    throw tableError(
      "INTERNAL_ERROR",
      table,
      "the schemaString of its metadata is malformed: restore the log from a backup",
      { cause },
    );
  }
}

/** Order of keys must not matter when two types are compared. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1))
        : inner,
  );
}

/**
 * Compares the columns we want with those a table has.
 *
 * @returns The `schemaString` to commit when nullable columns have to be added, undefined when the table has them all.
 * @throws {ScouterError} PRECONDITION_FAILED naming a column that differs in type, that only the table has and that
 * cannot be left null, or that cannot be added because it must not be null.
 */
export function evolveSchema(
  schemaString: string,
  wanted: readonly ColumnDefinition[],
  table: string,
): string | undefined {
  const existing = parseSchema(schemaString, table);
  const refuse = (message: string): never => {
    throw tableError(
      "PRECONDITION_FAILED",
      table,
      `${message}: migrate the table or point to another folder`,
    );
  };
  const byName = new Map(existing.map((field) => [field.name.toLowerCase(), field]));
  const added: SchemaField[] = [];
  for (const column of wanted) {
    const field = byName.get(column.name.toLowerCase());
    byName.delete(column.name.toLowerCase());
    if (field === undefined) {
      if (!column.nullable) {
        refuse(`its data has no column "${column.name}", which must not be null`);
      }
      added.push(toField(column));
      continue;
    }
    if (
      field.name !== column.name || canonical(field.type) !== canonical(typeToJson(column.type))
    ) {
      refuse(
        `column "${field.name}" has type ${
          canonical(field.type)
        }, expected "${column.name}" ${column.type}`,
      );
    }
    if (column.nullable && !field.nullable) refuse(`column "${field.name}" does not allow null`);
  }
  for (const field of byName.values()) {
    if (!field.nullable) refuse(`column "${field.name}" is unknown here and must not be null`);
  }
  if (added.length === 0) return undefined;
  return JSON.stringify({ type: "struct", fields: [...existing, ...added] });
}

/** @throws {ScouterError} BAD_REQUEST for columns that no table may have. */
export function checkColumns(
  columns: readonly ColumnDefinition[],
  partitionColumns: readonly string[],
  table: string,
): void {
  const refuse = (message: string): never => {
    throw tableError("BAD_REQUEST", table, message);
  };
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (/[ ,;{}()\n\t=]/.test(name) || name === "") {
      refuse(`column name "${name}" has a character Parquet refuses`);
    }
    if (seen.has(name.toLowerCase())) {
      refuse(`column "${name}" occurs twice (case does not matter)`);
    }
    seen.add(name.toLowerCase());
  }
  for (const name of partitionColumns) {
    const column = columns.find((candidate) => candidate.name === name);
    if (column === undefined) refuse(`partition column "${name}" is not a column`);
    else if (column.type.includes("<")) {
      refuse(`partition column "${name}" has the nested type ${column.type}`);
    }
  }
  if (columns.length <= partitionColumns.length) {
    refuse("at least one column must not be a partition column");
  }
}
