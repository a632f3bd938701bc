/**
 * The message envelope that HTTP, gRPC and the brokers share: one JSON object, told apart by its shape.
 *
 * @module
 */

import { ScouterError } from "../errors.ts";
import type { TagRow } from "../lake/traces/contract.ts";

/** A parsed message. */
export type Envelope =
  /** `{"request": {"resourceSpans": […]}}`; the bytes are the OTLP/JSON of the request. */
  | { readonly kind: "traces"; readonly request: Uint8Array }
  /** `{"entity_type", "entity_id", "key", "value"}`. */
  | { readonly kind: "tag"; readonly tag: TagRow }
  /** `{"records": […]}`; the names are those of the record kinds found. */
  | { readonly kind: "records"; readonly names: readonly string[] };

const SHAPES =
  'Expected {"request": {"resourceSpans": […]}}, {"records": […]} or {"entity_type", "entity_id", "key", "value"}.';

/**
 * Reads a message.
 *
 * @param bytes UTF-8 JSON.
 * @throws {ScouterError} BAD_REQUEST, naming the member that is missing or wrong.
 */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const message = parseJson(bytes);
  if (!isObject(message)) throw bad(`The message is ${nameOf(message)}, not an object.`);
  if ("records" in message) {
    const { records } = message;
    if (!Array.isArray(records)) throw bad(`"records" is ${nameOf(records)}, not an array.`);
    const names = new Set(records.flatMap((item) => isObject(item) ? Object.keys(item) : []));
    return { kind: "records", names: [...names].slice(0, 10).map((name) => name.slice(0, 50)) };
  }
  if ("request" in message) {
    const { request } = message;
    if (!isObject(request)) throw bad(`"request" is ${nameOf(request)}, not an object.`);
    return { kind: "traces", request: new TextEncoder().encode(JSON.stringify(request)) };
  }
  if ("entity_type" in message) return { kind: "tag", tag: parseTag(message) };
  throw bad("The message has none of the known shapes.");
}

/**
 * Reads one tag.
 *
 * @throws {ScouterError} BAD_REQUEST, naming the member.
 */
export function parseTag(value: unknown): TagRow {
  if (!isObject(value)) throw bad(`A tag is ${nameOf(value)}, not an object.`);
  const member = (name: string): string => {
    const found = value[name];
    if (typeof found !== "string") {
      throw bad(`The tag's "${name}" is ${nameOf(found)}, not a text.`);
    }
    return found;
  };
  return {
    entityType: member("entity_type"),
    entityId: member("entity_id"),
    key: member("key"),
    value: member("value"),
  };
}

/** Parses UTF-8 JSON. @throws {ScouterError} BAD_REQUEST */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ScouterError("BAD_REQUEST", `The body is not JSON in UTF-8: ${reason}`, { cause });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}

function bad(message: string): ScouterError {
  return new ScouterError("BAD_REQUEST", message, { suggestedAction: SHAPES });
}
