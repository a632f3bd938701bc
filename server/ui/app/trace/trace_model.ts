/**
 * What the views of a trace have in common, computed once for each version of its spans.
 *
 * @module
 */

import type { GetTraceResponse, TraceSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { criticalPath, type CriticalStretch } from "../critical_path.ts";
import { type Row, rowsOf } from "../trace_rows.ts";
import { failedStepOf } from "./failed_step.ts";
import { type ClockSkew, clockSkew } from "./clock_skew.ts";

/** A trace, ready to be drawn. */
export interface TraceModel {
  readonly traceId: string;
  /** Depth first. */
  readonly spans: readonly TraceSpan[];
  readonly rows: readonly Row[];
  readonly rootSpanId: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly critical: ReadonlyMap<number, readonly CriticalStretch[]>;
  readonly skew: ClockSkew;
  /** Distinct, in order of appearance. */
  readonly services: readonly string[];
  /** Ids of failed spans, in the order of the rows. */
  readonly failed: readonly string[];
  /** Id of the span where the failure began; undefined where nothing failed. */
  readonly failedStep: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly hasGenAi: boolean;
  readonly truncated: boolean;
  /** Id of the trace a span belongs to and its index, by id of the span. */
  readonly byId: ReadonlyMap<string, TraceSpan>;
}

/** Computes the model. */
export function traceModel(traceId: string, trace: GetTraceResponse): TraceModel {
  const { spans } = trace;
  const rows = rowsOf(spans);
  let startUs = Infinity;
  let endUs = -Infinity;
  let inputTokens = 0;
  let outputTokens = 0;
  let hasGenAi = false;
  const services = new Set<string>();
  for (const span of spans) {
    startUs = Math.min(startUs, Number(span.startTimeUs));
    endUs = Math.max(endUs, Number(span.endTimeUs));
    services.add(span.serviceName);
    if (span.genAi === undefined) continue;
    hasGenAi = true;
    inputTokens += Number(span.genAi.inputTokens ?? 0n);
    outputTokens += Number(span.genAi.outputTokens ?? 0n);
  }
  return {
    traceId,
    spans,
    rows,
    rootSpanId: trace.rootSpanId,
    startUs,
    endUs: Math.max(startUs, endUs),
    critical: criticalPath(rows),
    skew: clockSkew(rows),
    services: [...services],
    failed: rows.flatMap((row) => row.kind === "span" && row.span.statusCode === 2 ? [row.id] : []),
    failedStep: failedStepOf(rows),
    inputTokens,
    outputTokens,
    hasGenAi,
    truncated: trace.truncated,
    byId: new Map(spans.map((span) => [span.spanId, span])),
  };
}

/** How long a span took, µs. */
export function spanDurationUs(span: TraceSpan): number {
  return Math.max(0, Number(span.endTimeUs - span.startTimeUs));
}

/** Ids of spans that hold a text in what the trace shows of them, whatever the case. */
export function findSpans(spans: readonly TraceSpan[], text: string): Set<string> {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return new Set();
  const has = (value: string | undefined) =>
    value !== undefined && value.toLowerCase().includes(wanted);
  return new Set(
    spans.filter((span) =>
      has(span.spanName) || has(span.serviceName) || has(span.statusMessage) ||
      has(span.errorType) || has(span.label) || has(span.genAi?.responseModel) ||
      has(span.genAi?.requestModel) || has(span.genAi?.toolName) || has(span.genAi?.agentName) ||
      has(span.genAi?.operationName) || span.spanId === wanted ||
      span.events.some((event) => has(event.name))
    ).map((span) => span.spanId),
  );
}
