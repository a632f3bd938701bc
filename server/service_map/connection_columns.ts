/**
 * The columns of `scouter.service_map.connections`: what the service map middleware of a service records of each
 * request it answered.
 *
 * @module
 */

import { schemaFingerprint } from "../../sdk/bifrost/fingerprint.ts";
import {
  type ArrowType,
  type DatasetField,
  datasetFields,
  type Json,
  SchemaError,
  SYSTEM_FIELDS,
} from "../../sdk/bifrost/schema.ts";
import { ScouterError } from "../errors.ts";
import type { ColumnDefinition } from "../lake/delta/schema.ts";

/** The dataset's name in three parts. */
export const CONNECTIONS = { catalog: "scouter", schema: "service_map", table: "connections" };

/** The name in one text. */
export const CONNECTIONS_FQN = Object.values(CONNECTIONS).join(".");

/** Partition column: the UTC date of `scouter_created_at`. */
export const CONNECTION_PARTITION = "scouter_partition_date";

type ConnectionType = "string" | "long" | "double" | "boolean" | "timestamp";

/** A column kept in the files. */
export interface ConnectionColumn extends ColumnDefinition {
  readonly type: ConnectionType;
}

const column = (name: string, type: ConnectionType, nullable: boolean, doc: string) =>
  ({ name, type, nullable, doc }) satisfies ConnectionColumn;

/** Columns kept in the files: those of the record by name, then the dataset's own. */
export const CONNECTION_COLUMNS: readonly ConnectionColumn[] = [
  column("destination_service", "string", false, "The service that answered."),
  column("endpoint", "string", false, "Path of the request, with `{id}` for numbers and UUIDs."),
  column("error", "boolean", false, "Whether the status was 500 or above."),
  column("latency_ms", "double", false, "Time to the response, in milliseconds."),
  column("method", "string", false, "HTTP method."),
  column("request_schema", "string", true, "JSON object: name of each body field and its type."),
  column("source_service", "string", false, "Who called, by the header `x-scouter-service`."),
  column("source_verified", "boolean", true, "Whether the caller's name was proved."),
  column("status_code", "long", false, "HTTP status."),
  column("tags", "string", true, "JSON object of tags."),
  column("timestamp", "timestamp", false, "When the request was answered."),
  column("trace_id", "string", true, "Trace the request belongs to, 32 hexadecimal characters."),
  column("scouter_created_at", "timestamp", false, "When the client made the batch."),
  column("scouter_batch_id", "string", false, "UUID of the client's batch."),
];

/** All columns of the table. */
export const CONNECTION_TABLE_COLUMNS: readonly ColumnDefinition[] = [
  ...CONNECTION_COLUMNS,
  {
    name: CONNECTION_PARTITION,
    type: "date",
    nullable: false,
    doc: "UTC date of scouter_created_at.",
  },
];

const ARROW_KINDS: Readonly<Record<ConnectionType, ArrowType>> = {
  string: { kind: "utf8_view" },
  long: { kind: "int64" },
  double: { kind: "float64" },
  boolean: { kind: "boolean" },
  timestamp: { kind: "timestamp", unit: "microsecond", timezone: "UTC" },
};

const isSystem = (name: string) => SYSTEM_FIELDS.some((field) => field.name === name);
/** The record's own columns. */
const OWN_COLUMNS = CONNECTION_COLUMNS.filter(({ name }) => !isSystem(name));
/** Columns that a client's model may declare with or without null. */
const OPTIONAL = OWN_COLUMNS.filter(({ nullable }) => nullable).map(({ name }) => name);

/**
 * Fingerprints of the schemas whose rows are taken. Models differ only in which optional fields they declare nullable,
 * and the server needs no memory of registrations.
 */
let accepted: Promise<ReadonlySet<string>> | undefined;

function acceptedFingerprints(): Promise<ReadonlySet<string>> {
  const variants = Array.from({ length: 1 << OPTIONAL.length }, (_, mask) =>
    schemaFingerprint([
      ...OWN_COLUMNS.map(({ name, type }): DatasetField => ({
        name,
        type: ARROW_KINDS[type],
        nullable: OPTIONAL.includes(name) && (mask >> OPTIONAL.indexOf(name) & 1) === 1,
      })),
      ...SYSTEM_FIELDS,
    ]));
  return accepted ??= Promise.all(variants).then((all) => new Set(all));
}

/**
 * Checks the schema a client wants to register.
 *
 * @param jsonSchema JSON Schema of the record, as text.
 * @returns Its fingerprint.
 * @throws {ScouterError} BAD_REQUEST when it is no usable schema, PRECONDITION_FAILED when its columns differ.
 */
export async function registerConnectionSchema(jsonSchema: string): Promise<string> {
  let fields: readonly DatasetField[];
  try {
    const parsed: Json = JSON.parse(jsonSchema);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
      throw new SchemaError("SCHEMA_PARSE", "$", "expected an object");
    }
    fields = datasetFields(parsed);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ScouterError("BAD_REQUEST", `Invalid JSON schema: ${reason}`, { cause });
  }
  const fingerprint = await schemaFingerprint(fields);
  await checkConnectionFingerprint(fingerprint);
  return fingerprint;
}

/** @throws {ScouterError} PRECONDITION_FAILED when rows of this schema are not taken. */
export async function checkConnectionFingerprint(fingerprint: string): Promise<void> {
  if ((await acceptedFingerprints()).has(fingerprint)) return;
  throw new ScouterError(
    "PRECONDITION_FAILED",
    `Fingerprint mismatch for table ${CONNECTIONS_FQN}`,
    {
      suggestedAction: `Its columns are ${
        OWN_COLUMNS.map(({ name, type, nullable }) => `${name} ${type}${nullable ? "?" : ""}`)
          .join(", ")
      }.`,
    },
  );
}
