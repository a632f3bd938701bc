import { v7 as uuidv7 } from "uuid";
import { EvaluationError } from "./errors.ts";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, toJsonValue } from "./json.ts";

/** Where a record is on its way through online evaluation. */
export type EvalRecordStatus = "Pending" | "Processing" | "Processed" | "Failed";

/** Options of {@linkcode EvalRecord}. */
export interface EvalRecordOptions {
  /** What is evaluated: any JSON-like value, usually an object. */
  readonly context?: unknown;
  /** The user's own name for the record; key for results and comparisons. */
  readonly id?: string;
  /** Groups records; a UUIDv7 unless told. */
  readonly sessionId?: string;
  /** The trace that produced the record: 32 hex digits; anything else is dropped. */
  readonly traceId?: string | null;
  /** `key=value` texts. */
  readonly tags?: readonly string[];
  /** Identity; a UUIDv7 unless told. */
  readonly uid?: string;
  /** When it was made; now unless told. */
  readonly createdAt?: Date;
}

const TRACE_ID = /^[0-9a-f]{32}$/i;

/**
 * Something to evaluate: the context a task looks at, and who it is.
 *
 * @example
 * ```ts
 * import { EvalRecord } from "./record.ts";
 *
 * const record = new EvalRecord({ id: "q1", context: { question: "…", answer: "…" } });
 * record.addTag("lang", "en");
 * ```
 */
export class EvalRecord {
  /** The user's own name for the record; empty when there is none. */
  readonly recordId: string;
  #context: JsonValue;
  #uid: string | undefined;
  #sessionId: string | undefined;
  #createdAt: Date | undefined;
  #traceId: string | null;
  readonly #tags: string[];

  /** @param options see {@linkcode EvalRecordOptions} */
  constructor(options: EvalRecordOptions = {}) {
    const { context = {}, id = "", sessionId, traceId = null, tags = [], uid, createdAt } = options;
    this.recordId = id;
    this.#context = isPlain(context) ? context : toJsonValue(context);
    this.#sessionId = sessionId;
    this.#traceId = traceId !== null && TRACE_ID.test(traceId) ? traceId.toLowerCase() : null;
    this.#tags = [...tags];
    this.#uid = uid;
    this.#createdAt = createdAt;
  }

  /** What is evaluated. */
  get context(): JsonValue {
    return this.#context;
  }

  /** Identity. */
  get uid(): string {
    return this.#uid ??= uuidv7();
  }

  /** The session it belongs to. */
  get sessionId(): string {
    return this.#sessionId ??= uuidv7();
  }

  /** When it was made. */
  get createdAt(): Date {
    return this.#createdAt ??= new Date();
  }

  /** The trace that produced it, as 32 lower-case hex digits. */
  get traceId(): string | null {
    return this.#traceId;
  }

  /** Sets the trace, when the record has none yet and the id is valid. */
  setTraceId(traceId: string): void {
    if (this.#traceId === null && TRACE_ID.test(traceId)) this.#traceId = traceId.toLowerCase();
  }

  /** `key=value` texts. */
  get tags(): readonly string[] {
    return this.#tags;
  }

  /** Adds a tag, unless it is there. */
  addTag(key: string, value: string): void {
    const tag = `${key}=${value}`;
    if (!this.#tags.includes(tag)) this.#tags.push(tag);
  }

  /** The value of a tag. */
  tag(key: string): string | undefined {
    const found = this.#tags.find((tag) => tag.startsWith(`${key}=`));
    return found?.slice(key.length + 1);
  }

  /** Sets one member of the context, which has to be an object. */
  updateContextField(key: string, value: unknown): void {
    if (!isJsonObject(this.#context)) {
      throw new EvaluationError(
        "INVALID_TASK",
        `Record "${this.recordId}": "${key}" cannot be set, the context is not an object`,
      );
    }
    this.#context = { ...this.#context, [key]: toJsonValue(value) };
  }

  /** A copy whose context is merged with this one: member by member if both are objects. */
  withContext(context: unknown): EvalRecord {
    const next = toJsonValue(context);
    const merged = isJsonObject(this.#context) && isJsonObject(next)
      ? { ...this.#context, ...next }
      : next;
    return new EvalRecord({
      context: merged,
      id: this.recordId,
      uid: this.uid,
      sessionId: this.sessionId,
      traceId: this.#traceId,
      tags: this.#tags,
      createdAt: this.createdAt,
    });
  }

  /** The record as it is sent and stored. */
  toJSON(): JsonObject {
    const createdAt = this.createdAt.toISOString();
    return {
      record_id: this.recordId,
      session_id: this.sessionId,
      created_at: createdAt,
      uid: this.uid,
      context: this.#context,
      id: 0,
      updated_at: null,
      processing_started_at: null,
      processing_ended_at: null,
      processing_duration: null,
      entity_id: 0,
      entity_uid: "",
      status: "Pending",
      entity_type: "GenAI",
      retry_count: 0,
      trace_id: this.#traceId,
      tags: [...this.#tags],
    };
  }

  /**
   * Reads a record: the serialised form, or just `{"id", "context"}` as people write data sets.
   *
   * @param data plain data
   * @param where for error messages
   * @returns the record
   * @throws EvaluationError `INVALID_FILE`
   */
  static fromJSON(data: unknown, where = "record"): EvalRecord {
    if (!isJsonObject(data)) {
      throw new EvaluationError("INVALID_FILE", `${where}: expected an object`);
    }
    const text = (...keys: readonly string[]): string | undefined => {
      for (const key of keys) {
        const value = data[key];
        if (typeof value === "string" && value !== "") return value;
      }
      return undefined;
    };
    const created = text("created_at");
    const id = text("record_id", "id");
    const sessionId = text("session_id");
    const uid = text("uid");
    return new EvalRecord({
      context: Object.hasOwn(data, "context") ? data.context : {},
      traceId: text("trace_id") ?? null,
      tags: isJsonArray(data.tags) ? data.tags.filter((tag) => typeof tag === "string") : [],
      ...(id === undefined ? {} : { id }),
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(uid === undefined ? {} : { uid }),
      ...(created === undefined ? {} : { createdAt: new Date(created) }),
    });
  }
}

/** Plain data two levels deep needs no copy; anything else is brought into JSON form. */
function isPlain(value: unknown, depth = 0): value is JsonValue {
  if (value === null) return true;
  switch (typeof value) {
    case "string":
    case "boolean":
    case "number":
      return true;
    case "object":
      break;
    default:
      return false;
  }
  if (depth > 16) return false;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    if (!isPlain((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return true;
}
