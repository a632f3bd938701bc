/**
 * Looks into a request that was refused, for the ids of its traces: enough to tell somebody who asks what became of
 * theirs. Reads a bounded part, trusts nothing, and never throws.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { OtlpEncoding } from "../lake/traces/contract.ts";

/** What was seen. */
export interface Peeked {
  /** Lowercase hex, distinct, at most 16. */
  readonly traceIds: readonly string[];
  /** `service.name` of the first resource that has one. */
  readonly serviceName: string | null;
}

const MAX_IDS = 16;
const MAX_JSON_BYTES = 256 * 1024;
/** Messages visited at most. */
const MAX_STEPS = 20_000;

/** Looks for trace ids and a service name. */
export function peekRequest(body: Uint8Array, encoding: OtlpEncoding): Peeked {
  return encoding === "json" ? peekJson(body) : peekProtobuf(body);
}

function peekJson(body: Uint8Array): Peeked {
  const text = new TextDecoder().decode(body.subarray(0, MAX_JSON_BYTES));
  const ids = new Set<string>();
  for (const match of text.matchAll(/"trace(?:Id|_id)"\s*:\s*"([0-9a-fA-F]{32})"/g)) {
    ids.add((match[1] ?? "").toLowerCase());
    if (ids.size >= MAX_IDS) break;
  }
  const service =
    /"service\.name"\s*,\s*"value"\s*:\s*\{\s*"string(?:Value|_value)"\s*:\s*"([^"\\]{0,200})"/
      .exec(
        text,
      );
  return { traceIds: [...ids], serviceName: service?.[1] ?? null };
}

const SERVICE_NAME = "service.name";

function peekProtobuf(body: Uint8Array): Peeked {
  const ids = new Set<string>();
  let serviceName: string | null = null;
  let steps = 0;
  const text = (from: number, to: number) => Buffer.from(body.subarray(from, to)).toString("utf8");
  /** Calls back with every length-delimited field; returns false to stop. */
  const walk = (
    from: number,
    to: number,
    visit: (field: number, from: number, to: number) => void,
  ): void => {
    let at = from;
    const varint = (): number => {
      let value = 0;
      for (let shift = 0; shift < 63 && at < to; shift += 7) {
        const byte = body[at++] ?? 0;
        value += (byte & 127) * 2 ** shift;
        if (byte < 128) return value;
      }
      at = to;
      return -1;
    };
    while (at < to && ids.size < MAX_IDS && ++steps < MAX_STEPS) {
      const tag = varint();
      if (tag < 0) return;
      const wire = tag % 8;
      if (wire === 0) varint();
      else if (wire === 1) at += 8;
      else if (wire === 5) at += 4;
      else if (wire === 2) {
        const size = varint();
        if (size < 0 || at + size > to) return;
        visit(Math.floor(tag / 8), at, at + size);
        at += size;
      } else return;
    }
  };
  const attribute = (from: number, to: number): void => {
    let key = "";
    let value = "";
    walk(from, to, (field, start, end) => {
      if (field === 1 && end - start < 64) key = text(start, end);
      if (field === 2) {
        walk(start, end, (kind, from, to) => {
          if (kind === 1) value = text(from, Math.min(to, from + 200));
        });
      }
    });
    if (key === SERVICE_NAME && value !== "") serviceName ??= value;
  };
  // ExportTraceServiceRequest.resource_spans = 1; ResourceSpans: resource = 1, scope_spans = 2;
  // Resource.attributes = 1; ScopeSpans.spans = 2; Span.trace_id = 1.
  walk(0, body.length, (field, from, to) => {
    if (field !== 1) return;
    walk(from, to, (field, from, to) => {
      if (field === 1) {
        walk(from, to, (field, from, to) => {
          if (field === 1) attribute(from, to);
        });
      } else if (field === 2) {
        walk(from, to, (field, from, to) => {
          if (field !== 2) return;
          walk(from, to, (field, from, to) => {
            if (field === 1 && to - from === 16) {
              ids.add(Buffer.from(body.subarray(from, to)).toString("hex"));
            }
          });
        });
      }
    });
  });
  return { traceIds: [...ids], serviceName };
}
