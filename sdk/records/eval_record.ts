/**
 * The record of one agent interaction, to be evaluated offline or by the server.
 *
 * @module
 */

import { v7 as uuidV7 } from "uuid";

/** Where an evaluation record stands. */
export type EvalStatus = "Pending" | "Processing" | "Processed" | "Failed";

/** An evaluation record as it stands on the wire. */
export interface EvalRecordJson {
  /** The user's own id of the interaction. */
  readonly record_id: string;
  /** Groups interactions. */
  readonly session_id: string;
  /** RFC 3339, UTC. */
  readonly created_at: string;
  /** UUID version 7; the record's identity everywhere. */
  readonly uid: string;
  /** What the tasks look at; any JSON. */
  readonly context: unknown;
  /** Number given by the server; 0 from a client. */
  readonly id: number;
  /** RFC 3339, UTC; set by the server. */
  readonly updated_at: string | null;
  /** RFC 3339, UTC; set by the server. */
  readonly processing_started_at: string | null;
  /** RFC 3339, UTC; set by the server. */
  readonly processing_ended_at: string | null;
  /** Milliseconds. */
  readonly processing_duration: number | null;
  /** Number given by the server; 0 from a client. */
  readonly entity_id: number;
  /** Uid of the profile that the record belongs to; set by the queue. */
  readonly entity_uid: string;
  /** Where the record stands. */
  readonly status: EvalStatus;
  /** `GenAI` is what clients write; `Agent` is read as the same. */
  readonly entity_type: "GenAI" | "Agent";
  /** How often evaluating was tried again. */
  readonly retry_count: number;
  /** 32 lowercase hex digits, or null. */
  readonly trace_id: string | null;
  /** Where the record came from; set by the server. */
  readonly record_source?: "User" | "Queue" | "TraceDispatch";
  /** Tags as `key=value`. */
  readonly tags: readonly string[];
}

/** What an {@linkcode EvalRecord} is made from. */
export interface EvalRecordOptions {
  /** What the agent saw and answered; any JSON. An empty object by default. */
  readonly context?: unknown;
  /** The user's own id of the interaction. */
  readonly id?: string;
  /** Groups interactions; a new UUID by default. */
  readonly sessionId?: string;
  /** Trace of the interaction, 32 hex digits. */
  readonly traceId?: string;
}

const TRACE_ID = /^[0-9a-f]{32}$/;

/**
 * The record of one agent interaction.
 *
 * @example
 * ```ts
 * import { EvalRecord } from "@scouter/sdk/records";
 *
 * const record = new EvalRecord({ id: "order-7", context: { answer: "42" } });
 * record.addTag("env", "prod");
 * console.log(record.toJSON().tags); // ["env=prod"]
 * ```
 */
export class EvalRecord {
  /** UUID version 7; the record's identity everywhere. */
  readonly uid: string = uuidV7();
  /** The user's own id. */
  readonly recordId: string;
  /** Groups interactions. */
  readonly sessionId: string;
  /** When the record was made. */
  readonly createdAt: Date = new Date();
  /** What the tasks look at. */
  context: unknown;
  /** Trace of the interaction, 32 lowercase hex digits. */
  traceId: string | null;
  readonly #tags: string[] = [];

  /**
   * Makes a record with a new uid.
   *
   * @throws {RangeError} when `traceId` is not a valid W3C trace id
   */
  constructor(options: EvalRecordOptions = {}) {
    this.context = options.context ?? {};
    this.recordId = options.id ?? "";
    this.sessionId = options.sessionId ?? uuidV7();
    const traceId = options.traceId?.toLowerCase();
    if (traceId !== undefined && (!TRACE_ID.test(traceId) || /^0+$/.test(traceId))) {
      throw new RangeError(
        `traceId must be 32 hex digits that are not all zero, got "${options.traceId}"`,
      );
    }
    this.traceId = traceId ?? null;
  }

  /** Tags as `key=value`, in the order they were added. */
  get tags(): readonly string[] {
    return this.#tags;
  }

  /** Adds a tag once. */
  addTag(key: string, value: string): void {
    const tag = `${key}=${value}`;
    if (!this.#tags.includes(tag)) this.#tags.push(tag);
  }

  /**
   * Sets one field of the context.
   *
   * @throws {TypeError} when the context is not an object
   */
  updateContextField(key: string, value: unknown): void {
    if (typeof this.context !== "object" || this.context === null || Array.isArray(this.context)) {
      throw new TypeError(`the context is not an object, so field "${key}" cannot be set`);
    }
    this.context = { ...this.context, [key]: value };
  }

  /** The record as it stands on the wire. */
  toJSON(): EvalRecordJson {
    return {
      record_id: this.recordId,
      session_id: this.sessionId,
      created_at: this.createdAt.toISOString(),
      uid: this.uid,
      context: this.context,
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
      trace_id: this.traceId,
      tags: [...this.#tags],
    };
  }
}
