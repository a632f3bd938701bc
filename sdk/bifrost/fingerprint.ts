/**
 * Fingerprints of dataset schemas: producers and the server compare them before rows are accepted.
 *
 * @module
 */

import { type ArrowType, compareUtf8, type DatasetField } from "./schema.ts";

/** Spellings are frozen: a change here would orphan every registered table. */
const SPELLINGS = {
  int64: "Int64",
  float64: "Float64",
  boolean: "Boolean",
  utf8: "Utf8",
  utf8_view: "Utf8View",
  date32: "Date32",
  null: "Null",
  timestamp: 'Timestamp(\u00b5s, "UTC")',
  dictionary: "Dictionary(Int16, Utf8)",
} as const;

function spell(type: ArrowType): string {
  if (type.kind === "list") return `List(${canonical(type.item)})`;
  if (type.kind === "struct") {
    return `Struct(${type.children.map(canonical).sort(compareUtf8).join(",")})`;
  }
  return SPELLINGS[type.kind];
}

function canonical(field: DatasetField): string {
  return `${field.name}:${spell(field.type)}:${field.nullable}`;
}

/**
 * The fingerprint of a table's columns: the first 32 hex digits of SHA-256 over the columns' canonical forms
 * (`name:type:nullable`), sorted by UTF-8 bytes and joined with `|`.
 *
 * @param fields all columns, system columns included
 * @returns 32 lowercase hex digits
 *
 * @example
 * ```ts
 * import { datasetFields, schemaFingerprint } from "@scouter/sdk/bifrost";
 *
 * const fields = datasetFields({ properties: {} });
 * console.log(await schemaFingerprint(fields)); // da383cad05713d3db0571cdd78a30750
 * ```
 */
export async function schemaFingerprint(fields: readonly DatasetField[]): Promise<string> {
  const text = fields.map(canonical).sort(compareUtf8).join("|");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
