/**
 * What evaluation needs to know of a record.
 *
 * @module
 */

import { v7 as uuidv7 } from "uuid";
import { EvaluationError } from "./errors.ts";
import { isJsonArray, isJsonObject, type JsonValue, toJsonValue } from "./json.ts";

/**
 * A record as evaluation sees it; `EvalRecord` of the records module is one.
 */
export interface EvalSubject {
  /** Identity. */
  readonly uid: string;
  /** The user's own name for it; empty when there is none. */
  readonly recordId: string;
  /** Groups records. */
  readonly sessionId: string;
  /** When it was made. */
  readonly createdAt: Date;
  /** What tasks look at: any JSON-like value. */
  readonly context: unknown;
  /** The trace that produced it: 32 hex digits. */
  readonly traceId: string | null;
  /** `key=value` texts. */
  readonly tags: readonly string[];
}

const TRACE_ID = /^[0-9a-f]{32}$/i;

/**
 * Reads a record from plain data: the form that is sent and stored, or just `{"id", "context"}` as
 * people write data sets.
 *
 * @param data plain data
 * @param where for error messages
 * @returns the record; what is missing gets a default
 * @throws EvaluationError `INVALID_FILE`
 * @example
 * ```ts
 * import { parseRecord } from "./record.ts";
 *
 * parseRecord({ id: "q1", context: { answer: "42" } }).recordId; // "q1"
 * ```
 */
export function parseRecord(data: unknown, where = "record"): EvalSubject {
  if (!isJsonObject(data)) {
    throw new EvaluationError("INVALID_FILE", `${where}: expected an object with a "context"`);
  }
  if (!Object.hasOwn(data, "context")) {
    throw new EvaluationError("INVALID_FILE", `${where}: "context" is missing`);
  }
  const text = (...keys: readonly string[]): string | undefined => {
    for (const key of keys) {
      const value = data[key];
      if (typeof value === "string" && value !== "") return value;
    }
    return undefined;
  };
  const created = text("created_at");
  const traceId = text("trace_id");
  const { tags } = data;
  return {
    uid: text("uid") ?? uuidv7(),
    recordId: text("record_id", "id") ?? (typeof data.id === "number" ? String(data.id) : ""),
    sessionId: text("session_id") ?? uuidv7(),
    createdAt: created === undefined ? new Date() : new Date(created),
    context: data.context,
    traceId: traceId !== undefined && TRACE_ID.test(traceId) ? traceId.toLowerCase() : null,
    tags: isJsonArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
  };
}

/**
 * A copy with another context: merged member by member when both are objects, replaced otherwise.
 *
 * @param record the record
 * @param context what is added
 * @returns the copy
 * @example
 * ```ts
 * import { mergeContext, parseRecord } from "./record.ts";
 *
 * const record = parseRecord({ context: { a: 1 } });
 * mergeContext(record, { b: 2 }).context; // { a: 1, b: 2 }
 * ```
 */
export function mergeContext(record: EvalSubject, context: unknown): EvalSubject {
  const { uid, recordId, sessionId, createdAt, traceId, tags } = record;
  const before = plainContext(record.context);
  const next = plainContext(context);
  const merged = isJsonObject(before) && isJsonObject(next) ? { ...before, ...next } : next;
  return { uid, recordId, sessionId, createdAt, traceId, tags, context: merged };
}

/**
 * The value of a tag.
 *
 * @param record the record
 * @param key what comes before the equals sign
 * @returns what comes after it, or `undefined`
 * @example
 * ```ts
 * import { parseRecord, tagOf } from "./record.ts";
 *
 * tagOf(parseRecord({ context: {}, tags: ["lang=en"] }), "lang"); // "en"
 * ```
 */
export function tagOf(record: EvalSubject, key: string): string | undefined {
  return record.tags.find((tag) => tag.startsWith(`${key}=`))?.slice(key.length + 1);
}

/**
 * A context as JSON data: the very same object when it is plain already.
 *
 * @param context what a program holds
 * @returns JSON data
 * @example
 * ```ts
 * import { plainContext } from "./record.ts";
 *
 * plainContext({ at: new Date(0) }); // { at: "1970-01-01T00:00:00.000Z" }
 * ```
 */
export function plainContext(context: unknown): JsonValue {
  return isPlain(context, 0) ? context : toJsonValue(context);
}

/** Deeper than this is not looked at but converted, which also finds cycles. */
const MAX_PLAIN_DEPTH = 32;

function isPlain(value: unknown, depth: number): value is JsonValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth > MAX_PLAIN_DEPTH) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlain(item, depth + 1)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    if (!isPlain((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return true;
}
