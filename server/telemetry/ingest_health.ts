/**
 * Watches what comes in: by source and sender, accepted, refused and why, how late and how fast it was on disk.
 *
 * Counting costs a request a few additions; sums, percentiles and texts are made when somebody asks.
 *
 * @module
 */

import type { ScouterError } from "../errors.ts";
import { peekRequest } from "./peek_request.ts";
import type { IngestResult, OtlpEncoding } from "../lake/traces/contract.ts";
import { METRIC } from "./contract.ts";
import { IngestCounts, MINUTE_MS, MinuteRing, MINUTES_KEPT } from "./ingest_counts.ts";
import { type IngestReason, REASON_OF_CODE } from "./ingest_reasons.ts";
import { type IngestSender, OTHER_SENDERS, senderOf, UNKNOWN_SENDER } from "./ingest_sender.ts";
import type { MetricsRegistry, Sample } from "./metrics.ts";
import { type RejectedExample, Rejections } from "./rejections.ts";
import type { Principal } from "../http/context.ts";

/** Ways in. */
export const INGEST_SOURCES = [
  "otlp-http",
  "otlp-grpc",
  "otlp-http-logs",
  "otlp-grpc-logs",
  "otlp-http-metrics",
  "otlp-grpc-metrics",
  "envelope-http",
  "envelope-grpc",
  "kafka",
  "rabbitmq",
  "redis",
  "self",
] as const;

/** One of {@linkcode INGEST_SOURCES}. */
export type IngestSource = typeof INGEST_SOURCES[number];

/** The source that stands for an OTLP door and what comes through it. */
export function otlpSource(
  door: "http" | "grpc",
  signal: "traces" | "logs" | "metrics" = "traces",
): IngestSource {
  return signal === "traces" ? `otlp-${door}` : `otlp-${door}-${signal}`;
}

/** Senders counted one by one; the rest are counted together. */
const MAX_SENDERS = 200;
/** Durable times remembered for percentiles. */
const MAX_LAGS = 1000;
/** Refused requests that are looked into for trace ids, each second: refusing must stay cheap. */
const MAX_PEEKS_PER_SECOND = 20;

/** What a sender sent through a source. */
export interface IngestRow {
  readonly source: IngestSource;
  readonly sender: IngestSender;
  readonly sinceStart: IngestCounts;
  readonly lastRequestMs: number;
}

/** A row with the counts of a window. */
export interface IngestWindowRow extends IngestRow {
  readonly counts: IngestCounts;
}

/** One minute of a window. */
export interface IngestMinute {
  readonly startMs: number;
  readonly counts: IngestCounts;
  /** Greatest age of spans outside the table, in milliseconds; null where not sampled. */
  readonly maxTableLagMs: number | null;
}

/** Everything about a window. */
export interface IngestReport {
  /** Busiest first. */
  readonly rows: readonly IngestWindowRow[];
  /** Oldest first. */
  readonly minutes: readonly IngestMinute[];
  readonly total: IngestCounts;
  readonly sinceStart: IngestCounts;
  /** Milliseconds; null without stored requests. */
  readonly durable: { readonly p50: number; readonly p95: number; readonly max: number } | null;
  readonly rejected: readonly RejectedExample[];
  readonly startedMs: number;
  readonly nowMs: number;
}

/** What a report is about. */
export interface IngestReportRequest {
  /** 1 to {@linkcode MINUTES_KEPT}. */
  readonly minutes: number;
  readonly source?: string;
  readonly senderId?: string;
  readonly maxExamples: number;
}

interface CountedRow extends IngestRow {
  lastRequestMs: number;
  readonly ring: MinuteRing;
}

/** One request or message on its way in. Ends with `stored` or `refused`, once. */
export interface IngestAttempt {
  /** Who sends, as soon as it is known. */
  from(principal: Principal): void;
  /** As received. */
  received(bytes: number): void;
  /** The decompressed request, for looking into it should it be refused. */
  decoded(body: Uint8Array, encoding: OtlpEncoding): void;
  /** Its spans are on disk. */
  stored(result: IngestResult): void;
  /** Nothing of it was stored. */
  refused(error: Pick<ScouterError, "code" | "message">): void;
}

/** Counts what comes in. */
export class IngestHealth {
  readonly #now: () => number;
  readonly #clock: () => number;
  readonly #startedMs: number;
  readonly #rows = new Map<string, CountedRow>();
  readonly #senders = new Set<string>();
  readonly #rejections: Rejections;
  readonly #lags: number[] = [];
  #nextLag = 0;
  readonly #tableLags = new Map<number, number>();
  #peekSecond = 0;
  #peeks = 0;

  /**
   * @param now Milliseconds since the epoch.
   * @param clock Steady milliseconds.
   */
  constructor(now: () => number = Date.now, clock: () => number = () => performance.now()) {
    this.#now = now;
    this.#clock = clock;
    this.#startedMs = now();
    this.#rejections = new Rejections(this.#startedMs);
  }

  /** When counting began, milliseconds since the epoch. */
  get startedMs(): number {
    return this.#startedMs;
  }

  /** A request begins. */
  begin(source: IngestSource, sender: IngestSender = UNKNOWN_SENDER): IngestAttempt {
    const startedMs = this.#clock();
    let who = sender;
    let bytes = 0;
    let body: Uint8Array | undefined;
    let bodyEncoding: OtlpEncoding = "protobuf";
    return {
      from: (principal) => {
        who = senderOf(principal);
      },
      received: (count) => {
        bytes += count;
      },
      decoded: (inflated, encoding) => {
        body = inflated;
        bodyEncoding = encoding;
      },
      stored: (result) => {
        const durableMs = this.#clock() - startedMs;
        this.#noteLag(durableMs);
        this.#count(source, who, (counts) => {
          counts.bytes += bytes;
          counts.accepted += result.accepted;
          counts.rejected += result.rejected;
          counts.deduplicated += result.deduplicated;
          counts.late += result.late ?? 0;
          if (durableMs > counts.maxDurableMs) counts.maxDurableMs = durableMs;
          for (const [reason, spans] of result.rejectedByReason ?? []) {
            counts.refuse(reason, spans, 0);
          }
        });
        if (result.rejected > 0) this.#noteRefusedSpans(source, who, result);
      },
      refused: (error) => {
        const reason = REASON_OF_CODE[error.code];
        this.#count(source, who, (counts) => {
          counts.bytes += bytes;
          counts.refusedRequests++;
          counts.refuse(reason, 0, 1);
        });
        const seen = body !== undefined && this.#mayPeek()
          ? peekRequest(body, bodyEncoding)
          : { traceIds: [], serviceName: null };
        this.#rejections.add({
          source,
          sender: who,
          reason,
          message: error.message,
          ...seen,
          spans: 0,
          wholeRequest: true,
        }, this.#now());
      },
    };
  }

  /** Notes how old the oldest spans outside the table are; called now and then. */
  sampleTableLag(lagMs: number): void {
    const minute = Math.floor(this.#now() / MINUTE_MS);
    this.#tableLags.set(minute, Math.max(lagMs, this.#tableLags.get(minute) ?? 0));
    for (const known of this.#tableLags.keys()) {
      if (known > minute - MINUTES_KEPT) break;
      this.#tableLags.delete(known);
    }
  }

  /** Refusals of late that concern a trace, newest first. */
  rejectionsOf(traceId: string): readonly RejectedExample[] {
    return this.#rejections.ofTrace(traceId);
  }

  /** From when on refusals of traces are remembered, milliseconds since the epoch. */
  get rejectionsSinceMs(): number {
    return this.#rejections.sinceMs;
  }

  /** Everything about the last minutes. */
  report(request: IngestReportRequest): IngestReport {
    const nowMs = this.#now();
    const last = Math.floor(nowMs / MINUTE_MS);
    const wanted = (row: { readonly source: string; readonly sender: IngestSender }) =>
      (request.source === undefined || row.source === request.source) &&
      (request.senderId === undefined || row.sender.id === request.senderId);
    const rows = [...this.#rows.values()].filter(wanted);
    const minutes = Array.from({ length: request.minutes }, (_, at) => {
      const minute = last - request.minutes + 1 + at;
      const counts = new IngestCounts();
      for (const { ring } of rows) {
        const found = ring.find(minute);
        if (found !== undefined) counts.add(found);
      }
      const maxTableLagMs = this.#tableLags.get(minute) ?? null;
      return { startMs: minute * MINUTE_MS, counts, maxTableLagMs };
    });
    const sum = (all: Iterable<IngestCounts>) => {
      const counts = new IngestCounts();
      for (const one of all) counts.add(one);
      return counts;
    };
    return {
      rows: rows.map(({ source, sender, sinceStart, lastRequestMs, ring }) => {
        const found = minutes.flatMap(({ startMs }) => ring.find(startMs / MINUTE_MS) ?? []);
        return { source, sender, sinceStart, lastRequestMs, counts: sum(found) };
      }).sort((a, b) =>
        b.counts.requests - a.counts.requests || b.sinceStart.requests - a.sinceStart.requests
      ),
      minutes,
      total: sum(minutes.map(({ counts }) => counts)),
      sinceStart: sum(rows.map(({ sinceStart }) => sinceStart)),
      durable: this.#durable(),
      rejected: this.#rejections.newest(request.maxExamples, wanted),
      startedMs: this.#startedMs,
      nowMs,
    };
  }

  /** Shows the counts among the metrics of the process. */
  register(metrics: MetricsRegistry): void {
    const series = (
      name: string,
      help: string,
      value: (counts: IngestCounts) => number,
    ) => metrics.observedSeries(name, "counter", help, () => this.#samples(value));
    series(METRIC.ingestRequests, "Requests and messages by source and sender.", (c) => c.requests);
    series(METRIC.ingestAccepted, "Spans and records stored.", (c) => c.accepted);
    series(METRIC.ingestDeduplicated, "Spans that were stored before.", (c) => c.deduplicated);
    series(METRIC.ingestLate, "Spans that arrived over 5 minutes after their end.", (c) => c.late);
    series(METRIC.ingestBytes, "Bytes as received.", (c) => c.bytes);
    metrics.observedSeries(
      METRIC.ingestRejected,
      "counter",
      "Spans refused one by one, by reason.",
      () => this.#reasonSamples((count) => count.spans),
    );
    metrics.observedSeries(
      METRIC.ingestRefused,
      "counter",
      "Requests refused whole, by reason.",
      () => this.#reasonSamples((count) => count.requests),
    );
  }

  *#samples(value: (counts: IngestCounts) => number): Iterable<Sample> {
    for (const { source, sender, sinceStart } of this.#rows.values()) {
      yield { labels: { source, sender: sender.id }, value: value(sinceStart) };
    }
  }

  *#reasonSamples(value: (count: { spans: number; requests: number }) => number): Iterable<Sample> {
    for (const { source, sender, sinceStart } of this.#rows.values()) {
      for (const [reason, count] of sinceStart.reasons ?? []) {
        if (value(count) === 0) continue;
        yield { labels: { source, sender: sender.id, reason }, value: value(count) };
      }
    }
  }

  #count(source: IngestSource, who: IngestSender, add: (counts: IngestCounts) => void): void {
    const row = this.#row(source, who);
    const nowMs = this.#now();
    row.lastRequestMs = nowMs;
    for (const counts of [row.sinceStart, row.ring.at(Math.floor(nowMs / MINUTE_MS))]) {
      counts.requests++;
      add(counts);
    }
  }

  #row(source: IngestSource, who: IngestSender): CountedRow {
    const key = `${source} ${who.id}`;
    const row = this.#rows.get(key);
    if (row !== undefined) return row;
    if (!this.#senders.has(who.id) && who !== OTHER_SENDERS) {
      if (this.#senders.size >= MAX_SENDERS) return this.#row(source, OTHER_SENDERS);
      this.#senders.add(who.id);
    }
    const made: CountedRow = {
      source,
      sender: who,
      sinceStart: new IngestCounts(),
      lastRequestMs: 0,
      ring: new MinuteRing(),
    };
    this.#rows.set(key, made);
    return made;
  }

  #noteRefusedSpans(source: IngestSource, sender: IngestSender, result: IngestResult): void {
    const byReason = new Map<IngestReason, { ids: string[]; service: string | null }>();
    for (const span of result.refusedSpans ?? []) {
      const found = byReason.get(span.reason) ?? { ids: [], service: span.serviceName };
      if (span.traceIdHex !== null) found.ids.push(span.traceIdHex);
      byReason.set(span.reason, found);
    }
    for (const [reason, spans] of result.rejectedByReason ?? []) {
      const found = byReason.get(reason);
      this.#rejections.add({
        source,
        sender,
        reason,
        message: result.rejectedMessage,
        serviceName: found?.service ?? null,
        traceIds: found?.ids ?? [],
        spans,
        wholeRequest: false,
      }, this.#now());
    }
  }

  #mayPeek(): boolean {
    const second = Math.floor(this.#clock() / 1000);
    if (second !== this.#peekSecond) [this.#peekSecond, this.#peeks] = [second, 0];
    return this.#peeks++ < MAX_PEEKS_PER_SECOND;
  }

  #noteLag(lagMs: number): void {
    this.#lags[this.#nextLag] = lagMs;
    this.#nextLag = (this.#nextLag + 1) % MAX_LAGS;
  }

  #durable(): IngestReport["durable"] {
    if (this.#lags.length === 0) return null;
    const sorted = this.#lags.toSorted((a, b) => a - b);
    const at = (q: number) => sorted[Math.round(q * (sorted.length - 1))] ?? 0;
    return { p50: at(0.5), p95: at(0.95), max: at(1) };
  }
}
