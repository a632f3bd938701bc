/**
 * OTLP/gRPC. The RPC is answered on the HTTP/2 stream itself, so that the message's bytes go to the decoder
 * as they came and no message object is ever built.
 *
 * @module
 */

import type { IncomingHttpHeaders } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { Buffer } from "node:buffer";
import { Code } from "@connectrpc/connect";
import { ScouterError } from "../errors.ts";
import type { Authority } from "../http/authority.ts";
import { logServerError, toScouterError } from "../http/errors.ts";
import { bodyTooLarge } from "../ingest/inflate.ts";
import type { OtlpReceiver } from "../ingest/otlp/receiver.ts";
import { exportResponse, type OtlpSignal, statusMessage } from "../ingest/otlp/responses.ts";
import { otlpSource } from "../telemetry/ingest_health.ts";
import type { Counter } from "../telemetry/contract.ts";
import { RPC_CODE_OF_CODE, rpcMessage } from "./errors.ts";
import type { OtlpHandler } from "./listener.ts";

/** The paths of the RPCs. */
export const OTLP_EXPORT_PATHS: Readonly<Record<OtlpSignal, string>> = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
};

/** What the handler needs. */
export interface OtlpExportDeps {
  readonly receiver: OtlpReceiver;
  readonly authority: Authority;
  /** `rpc_requests_total`. */
  readonly requests: Counter;
  /** What the request carries; traces when absent. */
  readonly signal?: OtlpSignal;
}

const FRAME_HEADER_BYTES = 5;

/** The handlers of all signals, by path. */
export function otlpHandlers(
  receivers: Readonly<Record<OtlpSignal, OtlpReceiver>>,
  deps: Pick<OtlpExportDeps, "authority" | "requests">,
): ReadonlyMap<string, OtlpHandler> {
  const signals: readonly OtlpSignal[] = ["traces", "logs", "metrics"];
  return new Map(signals.map((signal) => [
    OTLP_EXPORT_PATHS[signal],
    (request, response) =>
      handleOtlpExport({ ...deps, signal, receiver: receivers[signal] }, request, response),
  ]));
}

/** Answers one call. Never rejects. */
export async function handleOtlpExport(
  deps: OtlpExportDeps,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
): Promise<void> {
  const { signal = "traces" } = deps;
  let code = "ok";
  const attempt = deps.receiver.health.begin(otlpSource("grpc", signal));
  try {
    if (!/^application\/grpc(\+proto)?(;|$)/.test(request.headers["content-type"] ?? "")) {
      response.writeHead(415);
      response.end();
      request.resume();
      return;
    }
    const { receiver, authority } = deps;
    const principal = await authority.authenticate(headerSource(request.headers));
    attempt.from(principal);
    authority.authorize(principal, "ingest");
    const body = await readFrame(request, receiver.maxBodyBytes);
    const encoding = body.compressed ? compressionOf(request.headers) : null;
    const result = await receiver.receive("grpc", body.message, encoding, "protobuf", attempt);
    const message = exportResponse(result, "protobuf", signal);
    const frame = new Uint8Array(FRAME_HEADER_BYTES + message.length);
    new DataView(frame.buffer).setUint32(1, message.length);
    frame.set(message, FRAME_HEADER_BYTES);
    response.writeHead(200, {
      "content-type": "application/grpc+proto",
      "grpc-accept-encoding": "gzip, deflate, zstd, identity",
    });
    response.addTrailers({ "grpc-status": "0" });
    response.end(frame);
  } catch (thrown) {
    const error = toScouterError(thrown);
    code = Code[RPC_CODE_OF_CODE[error.code]];
    attempt.refused(error);
    logServerError(error, "");
    refuse(request, response, error);
  } finally {
    deps.requests.add(1, { method: OTLP_EXPORT_PATHS[signal].slice(1), code });
  }
}

/** An answer without a message; `grpc-status-details-bin` carries the wait as `RetryInfo`. */
function refuse(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  error: ScouterError,
): void {
  if (response.headersSent || request.stream.destroyed) return;
  const status = RPC_CODE_OF_CODE[error.code];
  const message = rpcMessage(error);
  const details = statusMessage(
    status,
    { message, retryAfterSeconds: error.retryAfterSeconds },
    "protobuf",
  );
  response.writeHead(200, { "content-type": "application/grpc+proto" });
  response.addTrailers({
    "grpc-status": String(status),
    // Percent-encoding covers everything gRPC asks for, and more.
    "grpc-message": encodeURIComponent(message).replaceAll("%20", " "),
    "grpc-status-details-bin": btoa(String.fromCharCode(...details)).replaceAll("=", ""),
  });
  response.end();
  request.resume();
}

/** Reads the one length-prefixed message of a unary call. */
async function readFrame(
  request: Http2ServerRequest,
  limitBytes: number,
): Promise<{ compressed: boolean; message: Uint8Array }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  await new Promise<void>((resolve, reject) => {
    request.on("data", (chunk: Uint8Array) => {
      size += chunk.length;
      if (size > limitBytes + FRAME_HEADER_BYTES) {
        request.removeAllListeners("data");
        reject(bodyTooLarge(limitBytes));
        return;
      }
      chunks.push(chunk);
    });
    request.on("end", resolve);
    request.on("error", reject);
    request.on(
      "aborted",
      () => reject(new ScouterError("CANCELLED", "The client closed the request.")),
    );
  });
  const [only] = chunks;
  const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < FRAME_HEADER_BYTES ? -1 : view.getUint32(1);
  if (length !== bytes.length - FRAME_HEADER_BYTES) {
    throw new ScouterError(
      "BAD_REQUEST",
      length < 0
        ? "The call carries no message."
        : `The message's length is ${length}, but ${
          bytes.length - FRAME_HEADER_BYTES
        } bytes were sent.`,
    );
  }
  return { compressed: (view.getUint8(0) & 1) === 1, message: bytes.subarray(FRAME_HEADER_BYTES) };
}

function compressionOf(headers: IncomingHttpHeaders): string {
  const encoding = headers["grpc-encoding"];
  if (typeof encoding === "string" && encoding !== "identity") return encoding;
  throw new ScouterError("BAD_REQUEST", "The message is compressed, but grpc-encoding is not set.");
}

function headerSource(headers: IncomingHttpHeaders): { get(name: string): string | null } {
  return {
    get(name) {
      const value = headers[name];
      return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value;
    },
  };
}
