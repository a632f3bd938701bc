/**
 * Sends the server's own spans by OTLP, in batches, in the background. What cannot be sent is counted and let go:
 * telemetry about the server must not become its burden.
 *
 * @module
 */

import { type Counter, METRIC, type Metrics, OWN_TELEMETRY_HEADER } from "./contract.ts";
import { getLogger, rateLimited } from "./log.ts";
import { type AttributeValue, type FinishedSpan, tracer } from "./tracer.ts";

const logger = getLogger("telemetry");
const MAX_BATCH = 512;
const MAX_WAITING = 8192;
const INTERVAL_MS = 2000;
const TIMEOUT_MS = 10_000;

/** Takes one OTLP/JSON export request. */
export type SendSpans = (body: Uint8Array) => Promise<void>;

/** What {@linkcode startOwnSpans} needs. */
export interface OwnSpansOptions {
  /** Absent when it is known only later, see {@linkcode OwnSpansExport.deliverTo}. */
  readonly send?: SendSpans;
  readonly version: string;
  readonly metrics: Metrics;
  readonly intervalMs?: number;
}

/** The process's spans on their way. */
export interface OwnSpansExport {
  /** Says how to send, unless that was said at the start. */
  deliverTo(send: SendSpans): void;
  /** Takes no more and sends the rest. */
  stop(): Promise<void>;
  /** Takes no more and lets the rest go. */
  abandon(): void;
}

/** Starts taking the process's spans. Stop it to send the rest and take no more. */
export function startOwnSpans(options: OwnSpansOptions): OwnSpansExport {
  const exporter = new OwnSpans(options);
  tracer.sendTo((span) => exporter.add(span));
  return {
    deliverTo: (send) => exporter.deliverTo(send),
    async stop() {
      tracer.sendTo(undefined);
      await exporter.close();
    },
    abandon() {
      tracer.sendTo(undefined);
      exporter.abandon();
    },
  };
}

/** Sends over HTTP to a base address, as OTEL_EXPORTER_OTLP_ENDPOINT gives it. */
export function sendOverHttp(
  endpoint: string,
  headers: Readonly<Record<string, string>>,
): SendSpans {
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  return async (body) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        ...headers,
        "content-type": "application/json",
        // Another Scouter, or this one, makes no spans about taking these.
        [OWN_TELEMETRY_HEADER]: "1",
      },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  };
}

/** `key=value,key=value` with percent-encoded values (OpenTelemetry specification, OTEL_EXPORTER_OTLP_HEADERS). */
export function parseOtlpHeaders(text: string): Record<string, string> {
  const pairs = text.split(",").map((pair) => pair.trim()).filter((pair) => pair.includes("="));
  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
  }));
}

class OwnSpans {
  readonly #options: OwnSpansOptions;
  readonly #sent: Counter;
  readonly #dropped: Counter;
  readonly #limited = rateLimited(60_000);
  #waiting: FinishedSpan[] = [];
  #sending: Promise<void> | null = null;
  readonly #timer: ReturnType<typeof setInterval>;
  #deliver: SendSpans | undefined;

  constructor(options: OwnSpansOptions) {
    this.#options = options;
    this.#deliver = options.send;
    this.#sent = options.metrics.counter(METRIC.ownSpansSent, "Spans about the server sent.");
    this.#dropped = options.metrics.counter(
      METRIC.ownSpansDropped,
      "Spans about the server that could not be sent.",
    );
    this.#timer = setInterval(() => this.#kick(), options.intervalMs ?? INTERVAL_MS);
  }

  add(span: FinishedSpan): void {
    if (this.#waiting.length >= MAX_WAITING) this.#dropped.add();
    else this.#waiting.push(span);
  }

  deliverTo(send: SendSpans): void {
    this.#deliver ??= send;
  }

  abandon(): void {
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sending;
    await this.#send();
  }

  #kick(): void {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
  }

  async #send(): Promise<void> {
    const send = this.#deliver;
    while (send !== undefined && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      try {
        const body = encodeSpans(batch, this.#options.version);
        await tracer.suppressed(() => send(body));
        this.#sent.add(batch.length);
      } catch (error) {
        this.#dropped.add(batch.length);
        this.#limited(
          "send",
          (suppressed) =>
            logger.warn("Spans about the server could not be sent ({suppressed} more): {error}", {
              suppressed,
              error: error instanceof Error ? error.message : String(error),
            }),
        );
      }
    }
  }
}

/** One OTLP/JSON export request. */
export function encodeSpans(spans: readonly FinishedSpan[], version: string): Uint8Array {
  const attribute = ([key, value]: readonly [string, AttributeValue]) => ({
    key,
    value: typeof value === "string"
      ? { stringValue: value }
      : typeof value === "boolean"
      ? { boolValue: value }
      : Number.isSafeInteger(value)
      ? { intValue: String(value) }
      : { doubleValue: value },
  });
  const resource = {
    attributes: [["service.name", "scouter-server"], ["service.version", version]].map((
      [key = "", value = ""],
    ) => attribute([key, value])),
  };
  const request = {
    resourceSpans: [{
      resource,
      scopeSpans: [{
        scope: { name: "scouter.server", version },
        spans: spans.map((span) => ({
          traceId: span.traceId,
          spanId: span.spanId,
          ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
          name: span.name,
          kind: span.kind,
          startTimeUnixNano: String(span.startUnixNano),
          endTimeUnixNano: String(span.endUnixNano),
          attributes: [...span.attributes].map(attribute),
          status: span.error === undefined ? {} : { code: 2, message: span.error },
        })),
      }],
    }],
  };
  return new TextEncoder().encode(JSON.stringify(request));
}
