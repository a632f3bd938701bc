/**
 * What every door that takes OTLP does with a request's bytes.
 *
 * @module
 */

import type { IngestResult, OtlpEncoding, SpanStore } from "../../lake/traces/contract.ts";
import type { Metrics } from "../../telemetry/contract.ts";
import {
  type IngestAttempt,
  IngestHealth,
  type IngestSource,
} from "../../telemetry/ingest_health.ts";
import { inflate } from "../inflate.ts";
import type { OtlpSignal } from "./responses.ts";

/** Which door a request came through; a label of the metrics. */
export type Door = "http" | "grpc" | "envelope";

/** Takes export requests from any door. */
export interface OtlpReceiver {
  /** Most bytes of one request after decompression. */
  readonly maxBodyBytes: number;
  /** Where doors announce what comes in. */
  readonly health: IngestHealth;
  /**
   * Decompresses and stores one export request. Resolves when what it holds is on disk.
   *
   * @param attempt What the door announced; told here when the request is stored. The door tells of errors.
   * @throws {ScouterError} as {@linkcode inflate} and {@linkcode SpanStore.ingest} do.
   */
  receive(
    door: Door,
    body: Uint8Array,
    contentEncoding: string | null,
    encoding: OtlpEncoding,
    attempt?: IngestAttempt,
  ): Promise<IngestResult>;
}

/** What {@linkcode createOtlpReceiver} needs. */
export interface OtlpReceiverOptions {
  readonly store: Pick<SpanStore, "ingest">;
  readonly maxBodyBytes: number;
  readonly metrics: Metrics;
  /** Counts by source and sender; counted for nobody when absent. */
  readonly health?: IngestHealth;
  /** What the requests carry; traces when absent. */
  readonly signal?: OtlpSignal;
}

const SOURCE_OF_DOOR: Readonly<Record<Door, IngestSource>> = {
  http: "otlp-http",
  grpc: "otlp-grpc",
  envelope: "envelope-http",
};

const PREFIX: Readonly<Record<OtlpSignal, string>> = {
  traces: "scouter_otlp",
  logs: "scouter_otlp_logs",
  metrics: "scouter_otlp_metrics",
};

/** Creates the receiver. */
export function createOtlpReceiver(options: OtlpReceiverOptions): OtlpReceiver {
  const { store, maxBodyBytes, metrics, signal = "traces", health = new IngestHealth() } = options;
  const prefix = PREFIX[signal];
  const requests = metrics.counter(
    `${prefix}_requests_total`,
    `OTLP export requests of ${signal} by door and outcome.`,
  );
  const bytes = metrics.counter(
    `${prefix}_received_bytes_total`,
    `Bytes of OTLP requests of ${signal} as received, by door.`,
  );
  const labels = {
    http: { ok: { door: "http", outcome: "ok" }, failed: { door: "http", outcome: "error" } },
    grpc: { ok: { door: "grpc", outcome: "ok" }, failed: { door: "grpc", outcome: "error" } },
    envelope: {
      ok: { door: "envelope", outcome: "ok" },
      failed: { door: "envelope", outcome: "error" },
    },
  } as const;
  const door = { http: { door: "http" }, grpc: { door: "grpc" }, envelope: { door: "envelope" } };
  return {
    maxBodyBytes,
    health,
    async receive(
      from,
      body,
      contentEncoding,
      encoding,
      attempt = health.begin(SOURCE_OF_DOOR[from]),
    ) {
      bytes.add(body.length, door[from]);
      attempt.received(body.length);
      try {
        const request = inflate(body, contentEncoding, maxBodyBytes);
        attempt.decoded(request, encoding);
        const result = await store.ingest(request, encoding);
        requests.add(1, labels[from].ok);
        attempt.stored(result);
        return result;
      } catch (error) {
        requests.add(1, labels[from].failed);
        throw error;
      }
    },
  };
}
