/**
 * The envelope in which records travel, the same over HTTP, gRPC and brokers.
 *
 * @module
 */

import {
  AGENT_EVAL,
  AGENT_TASK,
  AGENT_WORKFLOW,
  type AgentEvalRecord,
  type AgentTaskRecord,
  type AgentWorkflowRecord,
} from "./agent_records.ts";
import { asObject, type Codec, inside, list, object, tagged, text } from "./codec.ts";
import {
  CUSTOM,
  type CustomMetricRecord,
  OBSERVABILITY,
  type ObservabilityRecord,
  PSI,
  type PsiRecord,
  SPC,
  type SpcRecord,
} from "./drift_records.ts";
import { RecordError } from "./error.ts";
import { TRACE_REQUEST, type TraceRequest } from "./trace_request.ts";

/** One record under the name of its kind. */
export type ServerRecord =
  | { readonly Spc: SpcRecord }
  | { readonly Psi: PsiRecord }
  | { readonly Custom: CustomMetricRecord }
  | { readonly Observability: ObservabilityRecord }
  | { readonly AgentEval: AgentEvalRecord }
  | { readonly AgentTaskRecord: AgentTaskRecord }
  | { readonly AgentWorkflowRecord: AgentWorkflowRecord };

/** Records of one kind and one profile. */
export interface ServerRecords {
  /** At least one. */
  readonly records: readonly ServerRecord[];
}

/** Spans in the envelope. */
export interface TraceServerRecord {
  /** An export request of OTLP/JSON. */
  readonly request: TraceRequest;
}

/** A tag of an entity. */
export interface TagRecord {
  /** Kind of the entity, for example `trace`. */
  readonly entity_type: string;
  /** The entity, for example a trace id. */
  readonly entity_id: string;
  /** The tag's name. */
  readonly key: string;
  /** The tag's value. */
  readonly value: string;
}

/** Anything that is sent to the server. */
export type MessageRecord = ServerRecords | TraceServerRecord | TagRecord;

/** {@linkcode ServerRecord} on the wire. */
export const SERVER_RECORD: Codec<ServerRecord> = tagged({
  Spc: SPC,
  Psi: PSI,
  Custom: CUSTOM,
  Observability: OBSERVABILITY,
  AgentEval: AGENT_EVAL,
  AgentTaskRecord: AGENT_TASK,
  AgentWorkflowRecord: AGENT_WORKFLOW,
});

const RECORDS: Codec<ServerRecords> = object({ records: list(SERVER_RECORD) });
const TRACES: Codec<TraceServerRecord> = object({ request: TRACE_REQUEST });
/** {@linkcode TagRecord} on the wire. */
export const TAG: Codec<TagRecord> = object({
  entity_type: text,
  entity_id: text,
  key: text,
  value: text,
});

/** The server looks only at the first record to learn kind and profile of all. */
function checkSameKind({ records }: ServerRecords): void {
  const kind = (at: number) => Object.keys(records[at] ?? {})[0];
  const first = kind(0);
  if (first === undefined) throw new RecordError(".records", "a list of at least one", records);
  for (let at = 1; at < records.length; at++) {
    if (kind(at) !== first) {
      throw new RecordError(`.records[${at}]`, `of kind ${first}, as the first`, records[at]);
    }
  }
}

/**
 * Reads a message.
 *
 * @param input JSON text, its UTF-8 bytes, or what it parses to
 * @returns the message; members it does not know are left out
 * @throws {RecordError} naming the place of what is wrong, also for records of different kinds in one message
 *
 * @example
 * ```ts
 * import { parseMessage } from "@scouter/sdk/records";
 *
 * const message = parseMessage('{"entity_type":"trace","entity_id":"a1","key":"env","value":"prod"}');
 * console.log("key" in message && message.key); // "env"
 * ```
 */
export function parseMessage(input: unknown): MessageRecord {
  return inside("message", () => {
    const value = asObject(parsed(input));
    if ("records" in value) {
      const message = RECORDS.read(value);
      checkSameKind(message);
      return message;
    }
    if ("request" in value) return TRACES.read(value);
    if ("entity_type" in value) return TAG.read(value);
    throw new RecordError("", 'an object with "records", "request" or "entity_type"', value);
  });
}

function parsed(input: unknown): unknown {
  if (typeof input !== "string" && !(input instanceof Uint8Array)) return input;
  try {
    return JSON.parse(
      typeof input === "string" ? input : new TextDecoder("utf-8", { fatal: true }).decode(input),
    );
  } catch {
    throw new RecordError("", "JSON in UTF-8", input);
  }
}

/**
 * Writes a message as the original's clients do: the same members in the same order, doubles always with a fraction or
 * an exponent.
 *
 * @param message the message
 * @returns JSON text
 * @throws {RecordError} naming the place of a value that JSON cannot hold
 *
 * @example
 * ```ts
 * import { writeMessage } from "@scouter/sdk/records";
 *
 * const uid = "01890a5d-ac96-774b-bcce-b302099a8057";
 * const created_at = "2026-01-05T10:00:00Z";
 * const text = writeMessage({
 *   records: [{ Spc: { created_at, uid, feature: "age", value: 37, entity_id: 0 } }],
 * });
 * console.log(text.includes('"value":37.0')); // true
 * ```
 */
export function writeMessage(message: MessageRecord): string {
  return inside("message", () => {
    if ("records" in message) {
      checkSameKind(message);
      return RECORDS.write(message);
    }
    return "request" in message ? TRACES.write(message) : TAG.write(message);
  });
}

/**
 * A time as records carry it.
 *
 * @param date the time
 * @returns RFC 3339 in UTC, with milliseconds only when there are some
 * @example
 * ```ts
 * import { recordTime } from "@scouter/sdk/records";
 *
 * console.log(recordTime(new Date(0))); // "1970-01-01T00:00:00Z"
 * ```
 */
export function recordTime(date: Date): string {
  return date.toISOString().replace(".000Z", "Z");
}
