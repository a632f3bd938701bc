/**
 * Maps the JSON Schema of a record type to the Arrow types its dataset columns have.
 *
 * @module
 */

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Arrow type of a dataset column. */
export type ArrowType =
  | { readonly kind: "int64" | "float64" | "boolean" | "utf8" | "utf8_view" | "date32" | "null" }
  | { readonly kind: "timestamp"; readonly unit: "microsecond"; readonly timezone: "UTC" }
  | { readonly kind: "dictionary"; readonly index: "int16"; readonly values: readonly string[] }
  | { readonly kind: "list"; readonly item: DatasetField }
  | { readonly kind: "struct"; readonly children: readonly DatasetField[] };

/** One named column, or one child of a struct or list. */
export interface DatasetField {
  /** Name of the column; `item` for the element of a list. */
  readonly name: string;
  /** What it holds. */
  readonly type: ArrowType;
  /** Whether a value may be missing. */
  readonly nullable: boolean;
}

/** Stable codes of {@linkcode SchemaError}. */
export type SchemaErrorCode = "SCHEMA_PARSE" | "UNSUPPORTED" | "REF_RESOLUTION";

/**
 * Says which part of a JSON Schema cannot become a dataset column, and why.
 *
 * @example
 * ```ts
 * import { SchemaError } from "@scouter/sdk/bifrost";
 *
 * const error = new SchemaError("UNSUPPORTED", "$.tags", "a free-form object has no columns");
 * console.log(error.code, error.path); // UNSUPPORTED $.tags
 * ```
 */
export class SchemaError extends Error {
  /** Tells this error apart from others: always `SchemaError`. */
  override readonly name = "SchemaError";
  /** What kind of problem it is. */
  readonly code: SchemaErrorCode;
  /** Where in the record the problem is: `$` is the root, `$.a[]` an item of the list `a`. */
  readonly path: string;

  /** Makes an error for one place of a schema. */
  constructor(code: SchemaErrorCode, path: string, message: string) {
    super(`${path}: ${message}`);
    this.code = code;
    this.path = path;
  }
}

/** Columns that every dataset has after the user's own, in this order. */
export const SYSTEM_FIELDS: readonly DatasetField[] = [
  {
    name: "scouter_created_at",
    type: { kind: "timestamp", unit: "microsecond", timezone: "UTC" },
    nullable: false,
  },
  { name: "scouter_partition_date", type: { kind: "date32" }, nullable: false },
  { name: "scouter_batch_id", type: { kind: "utf8" }, nullable: false },
];

const MAX_DEPTH = 32;
const PRIMITIVES: Readonly<Record<string, ArrowType>> = {
  integer: { kind: "int64" },
  number: { kind: "float64" },
  boolean: { kind: "boolean" },
  null: { kind: "null" },
};

type JsonObject = { readonly [key: string]: Json };

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const encoder = new TextEncoder();

/** Orders by UTF-8 bytes, which differs from UTF-16 order beyond the basic plane. */
export function compareUtf8(a: string, b: string): number {
  const left = encoder.encode(a);
  const right = encoder.encode(b);
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** True for the three spellings of "null" that an `anyOf` branch may have. */
function isNullBranch(schema: Json): boolean {
  if (!isObject(schema)) return false;
  return schema.type === "null" || ("const" in schema && schema.const === null) ||
    (Array.isArray(schema.enum) && schema.enum.length === 1 && schema.enum[0] === null);
}

class Mapper {
  readonly #definitions: JsonObject;

  constructor(root: JsonObject) {
    this.#definitions = isObject(root.$defs) ? root.$defs : {};
  }

  property(schema: Json, path: string, depth: number): { type: ArrowType; nullable: boolean } {
    if (depth > MAX_DEPTH) {
      throw new SchemaError(
        "SCHEMA_PARSE",
        path,
        `nesting exceeds the maximum depth of ${MAX_DEPTH}; flatten the record or break the recursion`,
      );
    }
    if (!isObject(schema)) {
      throw new SchemaError(
        "SCHEMA_PARSE",
        path,
        `a property must be a JSON object, got ${JSON.stringify(schema)}`,
      );
    }
    if (typeof schema.$ref === "string") return this.#reference(schema.$ref, path, depth);
    if (Array.isArray(schema.anyOf)) return this.#anyOf(schema.anyOf, path, depth);
    if (Array.isArray(schema.enum)) return enumeration(schema, schema.enum, path);
    return this.#typed(schema, path, depth);
  }

  fields(schema: JsonObject, path: string, depth: number): DatasetField[] {
    const properties = isObject(schema.properties) ? schema.properties : {};
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    return Object.keys(properties).sort(compareUtf8).map((name) => {
      const { type, nullable } = this.property(properties[name] ?? null, `${path}.${name}`, depth);
      return { name, type, nullable: nullable || !required.has(name) };
    });
  }

  #reference(reference: string, path: string, depth: number) {
    const name = /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1];
    if (name === undefined) {
      throw new SchemaError(
        "REF_RESOLUTION",
        path,
        `unrecognized $ref "${reference}"; only "#/$defs/NAME" can be resolved (a recursive record has no columns)`,
      );
    }
    const target = Object.hasOwn(this.#definitions, name) ? this.#definitions[name] : undefined;
    if (!isObject(target)) {
      throw new SchemaError("REF_RESOLUTION", path, `"${reference}" is not an object in $defs`);
    }
    return this.property(target, path, depth + 1);
  }

  #anyOf(branches: readonly Json[], path: string, depth: number) {
    const others = branches.filter((branch) => !isNullBranch(branch));
    const [only] = others;
    if (only === undefined || others.length !== 1) {
      throw new SchemaError(
        "UNSUPPORTED",
        path,
        `anyOf with ${others.length} non-null variants has no single column type; keep one variant and null`,
      );
    }
    const { type, nullable } = this.property(only, path, depth + 1);
    return { type, nullable: nullable || others.length < branches.length };
  }

  #typed(schema: JsonObject, path: string, depth: number): { type: ArrowType; nullable: boolean } {
    let name = schema.type;
    let nullable = false;
    if (Array.isArray(name)) {
      // `type: ["number", "null"]` says the same as anyOf with a null branch.
      const others = name.filter((entry) => entry !== "null");
      nullable = others.length < name.length;
      const [only] = others;
      if (others.length !== 1 || only === undefined) {
        throw new SchemaError(
          "UNSUPPORTED",
          path,
          `type ${JSON.stringify(name)} has no single column type`,
        );
      }
      name = only;
    }
    if (typeof name !== "string") {
      throw new SchemaError("UNSUPPORTED", path, `no "type" in ${JSON.stringify(schema)}`);
    }
    const primitive = Object.hasOwn(PRIMITIVES, name) ? PRIMITIVES[name] : undefined;
    if (primitive !== undefined) return { type: primitive, nullable: nullable || name === "null" };
    if (name === "string") return { type: stringType(schema.format), nullable };
    if (name === "array") {
      if (!("items" in schema)) {
        throw new SchemaError(
          "SCHEMA_PARSE",
          path,
          `array without "items"; say what the list holds`,
        );
      }
      const item = this.property(schema.items ?? null, `${path}[]`, depth + 1);
      return {
        type: { kind: "list", item: { name: "item", type: item.type, nullable: true } },
        nullable,
      };
    }
    if (name === "object") {
      if (!isObject(schema.properties)) {
        throw new SchemaError(
          "UNSUPPORTED",
          path,
          `a free-form object (without "properties") has no columns; use a record with named fields or a JSON string`,
        );
      }
      return { type: { kind: "struct", children: this.fields(schema, path, depth + 1) }, nullable };
    }
    throw new SchemaError("UNSUPPORTED", path, `unknown type "${name}"`);
  }
}

function stringType(format: Json | undefined): ArrowType {
  if (format === "date-time") return { kind: "timestamp", unit: "microsecond", timezone: "UTC" };
  if (format === "date") return { kind: "date32" };
  return { kind: "utf8_view" };
}

function enumeration(schema: JsonObject, members: readonly Json[], path: string) {
  const values = members.filter((member) => member !== null);
  const nullable = values.length < members.length;
  if (values.length > 0 && values.every((value) => typeof value === "string")) {
    return { type: { kind: "dictionary", index: "int16", values } as const, nullable };
  }
  // A dictionary of strings cannot hold numbers: such an enum has its members' own type.
  if (values.length > 0 && values.every((value) => typeof value === "number")) {
    const integers = schema.type === "integer" || values.every(Number.isInteger);
    return { type: { kind: integers ? "int64" : "float64" } as const, nullable };
  }
  if (values.length > 0 && values.every((value) => typeof value === "boolean")) {
    return { type: { kind: "boolean" } as const, nullable };
  }
  throw new SchemaError(
    "UNSUPPORTED",
    path,
    `enum ${JSON.stringify(members)} mixes types or is empty`,
  );
}

/**
 * Maps a record's JSON Schema to dataset columns: the user's own sorted by name (UTF-8 byte order), then the system
 * columns.
 *
 * A field is nullable when it is not in `required` or may be null.
 *
 * @param schema JSON Schema (an object with `properties`), as a value or as text
 * @returns columns in table order
 * @throws {SchemaError} naming the field that cannot become a column
 *
 * @example
 * ```ts
 * import { datasetFields } from "@scouter/sdk/bifrost";
 *
 * const fields = datasetFields({
 *   type: "object",
 *   properties: { user: { type: "string" }, age: { type: "integer" } },
 *   required: ["user"],
 * });
 * console.log(fields.map((field) => field.name).slice(0, 2)); // ["age", "user"]
 * ```
 */
export function datasetFields(schema: Json): DatasetField[] {
  let root = schema;
  if (typeof schema === "string") {
    try {
      root = JSON.parse(schema);
    } catch (cause) {
      throw new SchemaError(
        "SCHEMA_PARSE",
        "$",
        `not JSON: ${cause instanceof Error ? cause.message : cause}`,
      );
    }
  }
  if (!isObject(root) || !isObject(root.properties)) {
    throw new SchemaError("SCHEMA_PARSE", "$", `the schema must be an object with "properties"`);
  }
  const fields = new Mapper(root).fields(root, "$", 1);
  for (const system of SYSTEM_FIELDS) {
    if (fields.some((field) => field.name === system.name)) {
      throw new SchemaError(
        "SCHEMA_PARSE",
        `$.${system.name}`,
        "this column name is reserved; rename the field",
      );
    }
  }
  return [...fields, ...SYSTEM_FIELDS];
}
