/**
 * What every door that takes OTLP traces does with a request's bytes.
 *
 * @module
 */

import type { IngestResult, OtlpEncoding, SpanStore } from "../../lake/traces/contract.ts";
import type { Metrics } from "../../telemetry/contract.ts";
import { inflate } from "../inflate.ts";

/** Which door a request came through; a label of the metrics. */
export type Door = "http" | "grpc" | "envelope";

/** Takes export requests from any door. */
export interface OtlpReceiver {
  /** Most bytes of one request after decompression. */
  readonly maxBodyBytes: number;
  /**
   * Decompresses and stores one export request. Resolves when its spans are on disk.
   *
   * @throws {ScouterError} as {@linkcode inflate} and {@linkcode SpanStore.ingest} do.
   */
  receive(
    door: Door,
    body: Uint8Array,
    contentEncoding: string | null,
    encoding: OtlpEncoding,
  ): Promise<IngestResult>;
}

/** What {@linkcode createOtlpReceiver} needs. */
export interface OtlpReceiverOptions {
  readonly store: Pick<SpanStore, "ingest">;
  readonly maxBodyBytes: number;
  readonly metrics: Metrics;
}

/** Creates the receiver. */
export function createOtlpReceiver(options: OtlpReceiverOptions): OtlpReceiver {
  const { store, maxBodyBytes, metrics } = options;
  const requests = metrics.counter(
    "scouter_otlp_requests_total",
    "OTLP trace export requests by door and outcome.",
  );
  const bytes = metrics.counter(
    "scouter_otlp_received_bytes_total",
    "Bytes of OTLP requests as received, by door.",
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
    async receive(from, body, contentEncoding, encoding) {
      bytes.add(body.length, door[from]);
      try {
        const result = await store.ingest(inflate(body, contentEncoding, maxBodyBytes), encoding);
        requests.add(1, labels[from].ok);
        return result;
      } catch (error) {
        requests.add(1, labels[from].failed);
        throw error;
      }
    },
  };
}
