/**
 * What came in, as messages of `scouter.v1.AdminService`, and the answer to "where is my trace".
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  GetIngestHealthResponseSchema,
  IngestCountsSchema,
  IngestSenderSchema,
  LocateTraceResponseSchema,
  RejectedExampleSchema,
} from "../../sdk/gen/scouter/v1/admin_pb.ts";
import type { TraceLocation } from "../lake/traces/queries/locate_trace.ts";
import type { SpanStoreStatus } from "../lake/traces/store/status.ts";
import type { IngestCounts } from "../telemetry/ingest_counts.ts";
import type { IngestReport } from "../telemetry/ingest_health.ts";
import { REASON_MEANING } from "../telemetry/ingest_reasons.ts";
import type { IngestSender } from "../telemetry/ingest_sender.ts";
import type { RejectedExample } from "../telemetry/rejections.ts";
import { int64, present } from "./trace_messages.ts";

/** What people call a sender: names and spaces of API keys by key id. */
export type KeyNames = ReadonlyMap<
  string,
  { readonly name: string; readonly space: string | null }
>;

const micros = (ms: number): bigint => int64(ms * 1000);

function senderMessage(
  sender: IngestSender,
  keys: KeyNames,
): MessageInitShape<typeof IngestSenderSchema> {
  const key = sender.kind === "api_key" ? keys.get(sender.name) : undefined;
  return {
    id: sender.id,
    kind: sender.kind,
    name: key?.name ?? sender.name,
    ...present({ space: key?.space ?? null }),
  };
}

function countsMessage(counts: IngestCounts): MessageInitShape<typeof IngestCountsSchema> {
  const reasons = [...counts.reasons ?? []].sort(([, a], [, b]) =>
    b.spans + b.requests - a.spans - a.requests
  );
  return {
    requests: int64(counts.requests),
    refusedRequests: int64(counts.refusedRequests),
    accepted: int64(counts.accepted),
    rejected: int64(counts.rejected),
    deduplicated: int64(counts.deduplicated),
    late: int64(counts.late),
    bytes: int64(counts.bytes),
    reasons: reasons.map(([reason, { spans, requests }]) => ({
      reason,
      meaning: REASON_MEANING[reason],
      spans: int64(spans),
      requests: int64(requests),
    })),
  };
}

function exampleMessage(
  example: RejectedExample,
  keys: KeyNames,
): MessageInitShape<typeof RejectedExampleSchema> {
  return {
    timeUs: micros(example.timeMs),
    source: example.source,
    sender: senderMessage(example.sender, keys),
    reason: example.reason,
    message: example.message,
    traceIds: [...example.traceIds],
    spans: int64(example.spans),
    wholeRequest: example.wholeRequest,
    ...present({ serviceName: example.serviceName }),
  };
}

/** The health of ingest. */
export function ingestHealthMessage(
  report: IngestReport,
  status: SpanStoreStatus,
  keys: KeyNames,
): MessageInitShape<typeof GetIngestHealthResponseSchema> {
  const { durable, nowMs } = report;
  return {
    rows: report.rows.map((row) => ({
      source: row.source,
      sender: senderMessage(row.sender, keys),
      counts: countsMessage(row.counts),
      sinceStart: countsMessage(row.sinceStart),
      lastRequestUs: micros(row.lastRequestMs),
    })),
    minutes: report.minutes.map(({ startMs, counts, maxTableLagMs }) => ({
      startTimeUs: micros(startMs),
      requests: int64(counts.requests),
      refusedRequests: int64(counts.refusedRequests),
      accepted: int64(counts.accepted),
      rejected: int64(counts.rejected),
      deduplicated: int64(counts.deduplicated),
      late: int64(counts.late),
      bytes: int64(counts.bytes),
      ...present({
        maxDurableMs: counts.maxDurableMs < 0 ? null : counts.maxDurableMs,
        maxTableLagMs,
      }),
    })),
    total: countsMessage(report.total),
    sinceStart: countsMessage(report.sinceStart),
    lag: {
      tableLagMs: status.oldestRowMs === null ? 0 : Math.max(0, nowMs - status.oldestRowMs),
      tableLagLimitMs: status.sealAfterMs,
      hotSpans: int64(status.hotSpans),
      hotFiles: int64(status.hotFiles),
      bufferedBytes: int64(status.bufferedBytes),
      waitingSegments: status.waitingSegments,
      maxWaitingSegments: status.maxWaitingSegments,
      backPressure: status.isRefusing,
      trouble: status.trouble,
      ...(durable === null ? {} : {
        durableP50Ms: durable.p50,
        durableP95Ms: durable.p95,
        durableMaxMs: durable.max,
      }),
    },
    rejectedExamples: report.rejected.map((example) => exampleMessage(example, keys)),
    startedUs: micros(report.startedMs),
    nowUs: micros(nowMs),
  };
}

/** Where a trace is, in numbers and words. */
export function locationMessage(
  location: TraceLocation,
  rejected: readonly RejectedExample[],
  rejectionsSinceMs: number,
  retentionDays: number,
  keys: KeyNames,
): MessageInitShape<typeof LocateTraceResponseSchema> {
  const { verdict, explanation } = judge(location, rejected, rejectionsSinceMs, retentionDays);
  return {
    hotSpans: int64(location.hotSpans),
    tableSpans: int64(location.tableSpans),
    services: [...location.services],
    rejected: rejected.map((example) => exampleMessage(example, keys)),
    verdict,
    explanation,
    rejectionsSinceUs: micros(rejectionsSinceMs),
    retentionDays,
    ...(location.firstStartUs === null ? {} : { firstStartTimeUs: int64(location.firstStartUs) }),
    ...(location.lastEndUs === null ? {} : { lastEndTimeUs: int64(location.lastEndUs) }),
  };
}

function judge(
  location: TraceLocation,
  rejected: readonly RejectedExample[],
  rejectionsSinceMs: number,
  retentionDays: number,
): { verdict: string; explanation: string } {
  const { hotSpans, tableSpans } = location;
  const [newest] = rejected;
  const refusal = newest === undefined
    ? ""
    : ` ${newest.wholeRequest ? "A request with spans of it was" : "Some of its spans were"} ` +
      `refused at ${new Date(newest.timeMs).toISOString()} (${newest.reason}): ${newest.message} ` +
      REASON_MEANING[newest.reason];
  if (hotSpans + tableSpans > 0) {
    const places = [
      ...(hotSpans > 0 ? [`${hotSpans} durable and on their way into the Delta table`] : []),
      ...(tableSpans > 0 ? [`${tableSpans} in the Delta table`] : []),
    ];
    return {
      verdict: newest === undefined ? "stored" : "partly_rejected",
      explanation: `Its spans are stored and found by every query: ${places.join(", ")}.` +
        (newest === undefined
          ? " A list with a time range shows it when it starts within the range."
          : `${refusal} An exporter that sent them again succeeded if the trace is whole.`),
    };
  }
  if (newest !== undefined) {
    return { verdict: "rejected", explanation: `Nothing of it is stored.${refusal}` };
  }
  const since = new Date(rejectionsSinceMs).toISOString();
  const retention = retentionDays === 0
    ? ""
    : ` Spans older than ${retentionDays} days are dropped.`;
  return {
    verdict: "never_seen",
    explanation:
      `No span of it is stored, and none was refused since ${since} as far as requests could be read.${retention} ` +
      "Check that the id is whole, that the sender's sampler kept the trace, that its exporter points to this " +
      "server (OTEL_EXPORTER_OTLP_ENDPOINT) and has flushed, and what the exporter's own log says.",
  };
}
