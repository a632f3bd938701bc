/**
 * OTLP/HTTP traces: `POST /v1/traces`.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { ScouterError } from "../errors.ts";
import { CONTENT_ENCODINGS } from "../ingest/inflate.ts";
import type { OtlpReceiver } from "../ingest/otlp/receiver.ts";
import {
  exportResponse,
  OTLP_CONTENT_TYPE,
  type OtlpSignal,
  statusMessage,
} from "../ingest/otlp/responses.ts";
import { otlpSource } from "../telemetry/ingest_health.ts";
import type { OtlpEncoding } from "../lake/traces/contract.ts";
import { RPC_CODE_OF_CODE } from "../rpc/errors.ts";
import type { Authority } from "./authority.ts";
import { readBody } from "./body.ts";
import type { HttpApp, HttpContext, HttpEnv } from "./context.ts";
import { logServerError, retryAfter, STATUS_OF_CODE, toScouterError } from "./errors.ts";

/** What the routes need. */
export interface OtlpTraceRouteDeps {
  readonly receiver: OtlpReceiver;
  readonly authority: Authority;
  /** What the request carries; traces when absent. */
  readonly signal?: OtlpSignal;
}

/** `/v1/traces`, and the path that clients of the reference implementation know. */
export function otlpTraceRoutes(deps: OtlpTraceRouteDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  const handler = (c: HttpContext) => exportOtlp(deps, c);
  app.post("/v1/traces", handler);
  app.post("/scouter/v1/traces", handler);
  return app;
}

/** Answers one export request. Never rejects. */
export async function exportOtlp(deps: OtlpTraceRouteDeps, c: HttpContext): Promise<Response> {
  const { receiver, authority } = deps;
  const { headers } = c.req.raw;
  // Until the content type is known, errors are in JSON.
  let encoding: OtlpEncoding = "json";
  const attempt = receiver.health.begin(otlpSource("http", deps.signal));
  try {
    encoding = encodingOf(headers.get("content-type"));
    const principal = await authority.authenticate(headers);
    attempt.from(principal);
    authority.authorize(principal, "ingest");
    const body = await readBody(c.req.raw, receiver.maxBodyBytes);
    const contentEncoding = headers.get("content-encoding");
    const result = await receiver.receive("http", body, contentEncoding, encoding, attempt);
    return answer(200, exportResponse(result, encoding, deps.signal), encoding);
  } catch (thrown) {
    const error = toScouterError(thrown);
    attempt.refused(error);
    logServerError(error, c.get("requestId"));
    const response = answer(
      STATUS_OF_CODE[error.code],
      statusMessage(RPC_CODE_OF_CODE[error.code], error, encoding),
      encoding,
    );
    const wait = retryAfter(error);
    if (wait !== null) response.headers.set("retry-after", wait);
    if (error.code === "UNSUPPORTED_MEDIA_TYPE") {
      response.headers.set("accept-encoding", CONTENT_ENCODINGS);
    }
    return response;
  }
}

function encodingOf(contentType: string | null): OtlpEncoding {
  const mediaType = contentType === null ? "" : contentType.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType === "application/x-protobuf" || mediaType === "application/protobuf") {
    return "protobuf";
  }
  if (mediaType === "application/json") return "json";
  throw new ScouterError(
    "UNSUPPORTED_MEDIA_TYPE",
    contentType === null
      ? "The request has no Content-Type."
      : `Content-Type "${contentType.slice(0, 100)}" is not supported.`,
    { suggestedAction: "Use application/x-protobuf or application/json." },
  );
}

function answer(status: number, body: Uint8Array, encoding: OtlpEncoding): Response {
  return new Response(new Uint8Array(body), {
    status,
    headers: { "content-type": OTLP_CONTENT_TYPE[encoding] },
  });
}
