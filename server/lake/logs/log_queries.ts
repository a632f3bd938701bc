/**
 * Questions about log records: each takes one snapshot, answers from it, and lets it go.
 *
 * @module
 */

import { GENAI_EVENTS, type SpanEventData } from "../../genai/messages/events.ts";
import type { QueryEngine, QueryOptions } from "../query/contract.ts";
import type { SpanStore } from "../traces/contract.ts";
import { attributeValue } from "../traces/genai/attribute_values.ts";
import { spanKey } from "../traces/genai/log_events.ts";
import { readRows, type ResultRow } from "../traces/genai/measures.ts";
import {
  type QueryContext,
  run,
  traceHashes,
  type TraceIdHash,
} from "../traces/queries/context.ts";
import { idHex } from "../traces/queries/identifiers.ts";
import { type JsonValue, objectEntries, parseLossless } from "../traces/queries/lossless_json.ts";
import { pruneFiles } from "../traces/queries/prune.ts";
import { idSql } from "../traces/queries/search_sql.ts";
import type { Attribute } from "../traces/queries/span_rows.ts";
import { SqlParams } from "../traces/queries/sql_params.ts";

/** One log record. */
export interface LogRecord {
  readonly traceId: string;
  readonly spanId: string | null;
  readonly timeUs: number;
  readonly observedTimeUs: number;
  readonly serviceName: string;
  readonly scopeName: string;
  readonly scopeVersion: string | null;
  /** 0 when not given. */
  readonly severityNumber: number;
  readonly severityText: string | null;
  readonly eventName: string | null;
  /** Null when the record has none. */
  readonly body: Omit<Attribute, "key"> | null;
  readonly attributes: readonly Attribute[];
  readonly resourceAttributes: readonly Attribute[];
  readonly scopeAttributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

/** Which records. */
export interface LogRequest {
  /** Lowercase hex. */
  readonly traceId: string;
  readonly spanId?: string;
  /** At least this severe. */
  readonly minSeverityNumber?: number;
  readonly limit: number;
}

/** What {@linkcode LogQueries} needs. */
export interface LogQueriesOptions {
  readonly store: Pick<SpanStore, "acquire">;
  readonly engine: QueryEngine;
  readonly traceIdHash: TraceIdHash;
}

/** More traces than this are looked up by a list instead of one condition each. */
const MAX_TRACE_CONDITIONS = 50;
/** Most events that one answer takes in. */
const MAX_EVENTS = 50_000;

/** Everything that can be asked about stored log records. */
export class LogQueries {
  readonly #options: LogQueriesOptions;

  constructor(options: LogQueriesOptions) {
    this.#options = options;
  }

  /** Records of a trace, oldest first. */
  ofTrace(
    request: LogRequest,
    options?: QueryOptions,
  ): Promise<{ readonly records: readonly LogRecord[]; readonly truncated: boolean }> {
    return this.#with(options, async (context) => {
      const { traceId, spanId, minSeverityNumber = 0, limit } = request;
      const files = pruneFiles(context.files, { traceHashes: traceHashes(context, [traceId]) });
      if (files.length === 0) return { records: [], truncated: false };
      const params = new SqlParams();
      const where = [
        idSql("trace_id", traceId, params),
        ...(spanId === undefined ? [] : [idSql("span_id", spanId, params)]),
        ...(minSeverityNumber === 0 ? [] : [`severity_number >= ${params.add(minSeverityNumber)}`]),
      ];
      const result = await run(
        context,
        `SELECT * FROM ${params.files(files)} WHERE ${where.join(" AND ")}
         ORDER BY time, observed_time, sequence, record_id LIMIT ${params.add(limit + 1)}`,
        params,
      );
      const records = readRows(result, readRecord);
      return { records: records.slice(0, limit), truncated: records.length > limit };
    });
  }

  /**
   * Events that say something about GenAI spans, by time.
   *
   * @param traceIds Lowercase hex.
   * @returns By `trace id/span id`; events that name no span are left out.
   */
  genAiEvents(
    traceIds: readonly string[],
    options?: QueryOptions,
  ): Promise<ReadonlyMap<string, readonly SpanEventData[]>> {
    return this.#with(options, async (context) => {
      const found = new Map<string, SpanEventData[]>();
      const files = pruneFiles(context.files, { traceHashes: traceHashes(context, traceIds) });
      if (files.length === 0) return found;
      const params = new SqlParams();
      const ofTraces = traceIds.length <= MAX_TRACE_CONDITIONS
        ? `(${traceIds.map((id) => idSql("trace_id", id, params)).join(" OR ")})`
        : `lower(hex(trace_id)) IN (SELECT unnest(${params.add(traceIds)}::VARCHAR[]))`;
      const result = await run(
        context,
        `SELECT trace_id, span_id, time, event_name, body, attributes FROM ${params.files(files)}
         WHERE event_name IN (SELECT unnest(${params.add(GENAI_EVENTS)}::VARCHAR[]))
           AND span_id IS NOT NULL AND ${ofTraces}
         ORDER BY time, observed_time, sequence, record_id LIMIT ${MAX_EVENTS}`,
        params,
      );
      readRows(result, (row) => {
        const key = spanKey(hexOf(row, "trace_id"), hexOf(row, "span_id"));
        const events = found.get(key) ?? [];
        events.push({
          name: row.text("event_name") ?? "",
          timeUs: row.number("time"),
          attributes: valuesOf(row.get("attributes")),
          body: attributeValue(row.text("body")),
        });
        found.set(key, events);
      });
      return found;
    });
  }

  async #with<T>(
    options: QueryOptions | undefined,
    ask: (context: QueryContext) => Promise<T>,
  ): Promise<T> {
    const { store, engine, traceIdHash } = this.#options;
    using lease = store.acquire();
    return await ask({ engine, traceIdHash, files: lease.snapshot.files, options: options ?? {} });
  }
}

function hexOf(row: ResultRow, name: string): string {
  const value = row.get(name);
  return value instanceof Uint8Array ? idHex(value) : "";
}

function valuesOf(stored: unknown): Map<string, unknown> {
  const values = new Map<string, unknown>();
  if (!(stored instanceof Map)) return values;
  for (const [key, value] of stored) {
    if (typeof key === "string" && typeof value === "string") {
      values.set(key, attributeValue(value));
    }
  }
  return values;
}

function readRecord(row: ResultRow): LogRecord {
  const body = row.text("body");
  const stored = row.get("attributes");
  return {
    traceId: hexOf(row, "trace_id"),
    spanId: hexOf(row, "span_id") || null,
    timeUs: row.number("time"),
    observedTimeUs: row.number("observed_time"),
    serviceName: row.text("service_name") ?? "",
    scopeName: row.text("scope_name") ?? "",
    scopeVersion: row.text("scope_version"),
    severityNumber: row.number("severity_number"),
    severityText: row.text("severity_text"),
    eventName: row.text("event_name"),
    body: body === null ? null : jsonText(body),
    attributes: stored instanceof Map
      ? [...stored].map(([key, value]) => ({ key: String(key), ...jsonText(String(value)) }))
      : [],
    resourceAttributes: objectOf(row.text("resource_attributes")),
    scopeAttributes: objectOf(row.text("scope_attributes")),
    droppedAttributesCount: row.number("dropped_attributes_count"),
    flags: row.number("flags") >>> 0,
  };
}

/** Bytes are marked by a leading space. */
function jsonText(text: string): { readonly value: JsonValue; readonly bytes?: true } {
  return text.startsWith(' "')
    ? { value: parseLossless(text.slice(1)), bytes: true }
    : { value: parseLossless(text) };
}

const objectOf = (text: string | null): Attribute[] =>
  text === null ? [] : objectEntries(parseLossless(text));
