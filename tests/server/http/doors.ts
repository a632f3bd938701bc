/**
 * The HTTP and gRPC doors on free ports, in front of a store that only remembers what it was given.
 *
 * @module
 */

import type { Authority } from "../../../server/http/authority.ts";
import { createHttpApp } from "../../../server/http/app.ts";
import { LOCAL_PRINCIPAL } from "../../../server/auth/permissions.ts";
import { authorize } from "../../../server/auth/permissions.ts";
import { ScouterError } from "../../../server/errors.ts";
import { listenHttp } from "../../../server/http/listener.ts";
import type { HttpApp } from "../../../server/http/context.ts";
import type { Readiness } from "../../../server/http/health.ts";
import { otlpLogRoutes } from "../../../server/http/otlp_logs.ts";
import { otlpMetricRoutes } from "../../../server/http/otlp_metrics.ts";
import { refuseMetrics } from "../../../server/ingest/otlp/metrics_refusal.ts";
import { createOtlpReceiver } from "../../../server/ingest/otlp/receiver.ts";
import type { IngestResult, OtlpEncoding, TagRow } from "../../../server/lake/traces/contract.ts";
import { rpcInterceptor } from "../../../server/rpc/context.ts";
import { rpcFetchRoutes, type RpcOptions } from "../../../server/rpc/fetch.ts";
import { grpcHandler, listenGrpc } from "../../../server/rpc/listener.ts";
import { otlpHandlers } from "../../../server/rpc/otlp_export.ts";
import { rpcRoutes } from "../../../server/rpc/services.ts";
import { MetricsRegistry } from "../../../server/telemetry/metrics.ts";

/** One call of the store. */
export interface StoredRequest {
  readonly body: Uint8Array;
  readonly encoding: OtlpEncoding;
}

/** Open doors. */
export interface Doors extends AsyncDisposable {
  readonly url: string;
  readonly grpcTarget: string;
  readonly stored: StoredRequest[];
  readonly tags: TagRow[];
  readonly metrics: MetricsRegistry;
}

/** What to vary. */
export interface DoorOptions {
  readonly mode?: "open" | "required";
  readonly maxBodyBytes?: number;
  readonly allowedOrigins?: readonly string[];
  readonly allowedHosts?: readonly string[];
  /** Answers the store's `ingest`. */
  readonly ingest?: () => IngestResult;
  readonly readiness?: () => Readiness;
  /** The address the server believes to be bound to. */
  readonly host?: string;
  readonly routes?: readonly HttpApp[];
}

export const ACCEPTED: IngestResult = {
  accepted: 2,
  deduplicated: 0,
  rejected: 0,
  rejectedMessage: "",
};

/** In `required` mode the token `ingester` may ingest, `reader` may not, anything else is unknown. */
function fakeAuthority(mode: "open" | "required"): Authority {
  const authenticate: Authority["authenticate"] = (headers) => {
    if (mode === "open") return Promise.resolve(LOCAL_PRINCIPAL);
    const name = headers.get("authorization")?.replace("Bearer ", "");
    if (name !== "ingester" && name !== "reader") {
      return Promise.reject(new ScouterError("UNAUTHORIZED", "This server requires a login."));
    }
    return Promise.resolve({
      username: name,
      permissions: name === "ingester" ? ["ingest:all"] : ["read:all"],
      groupPermissions: [],
      via: "token",
    });
  };
  return {
    mode,
    authenticate,
    authenticateWithRefresh: async (headers) => ({ principal: await authenticate(headers) }),
    authorize,
  };
}

/** Opens the doors. */
export async function openDoors(options: DoorOptions = {}): Promise<Doors> {
  const stored: StoredRequest[] = [];
  const tags: TagRow[] = [];
  const metrics = new MetricsRegistry();
  const authority = fakeAuthority(options.mode ?? "open");
  const maxBodyBytes = options.maxBodyBytes ?? 1 << 20;
  const receiver = createOtlpReceiver({
    maxBodyBytes,
    metrics,
    store: {
      ingest: (body, encoding) => {
        const result = options.ingest?.() ?? ACCEPTED;
        stored.push({ body: new Uint8Array(body), encoding });
        return Promise.resolve(result);
      },
    },
  });
  const refusal = createOtlpReceiver({
    maxBodyBytes,
    metrics,
    store: refuseMetrics(metrics),
    signal: "metrics",
  });
  const tagStore = { upsert: (rows: readonly TagRow[]) => Promise.resolve(tags.push(...rows)) };
  const readiness = () => Promise.resolve(options.readiness?.() ?? { ready: true, checks: {} });
  const rpc: RpcOptions = {
    routes: rpcRoutes({ receiver, authority, tags: tagStore, readiness, services: [] }),
    interceptors: [rpcInterceptor(authority, metrics)],
    maxMessageBytes: maxBodyBytes,
  };
  const app = createHttpApp({
    version: "9.9.9",
    host: options.host ?? "127.0.0.1",
    allowedHosts: options.allowedHosts ?? [],
    allowedOrigins: options.allowedOrigins ?? [],
    metrics,
    authority,
    receiver,
    tags: tagStore,
    readiness,
    routes: [
      otlpLogRoutes({ receiver, authority }),
      otlpMetricRoutes({ receiver: refusal, authority }),
      rpcFetchRoutes(rpc),
      ...options.routes ?? [],
    ],
  });
  const http = listenHttp(app, "127.0.0.1", 0);
  const requests = metrics.counter("rpc_requests_total", "RPCs by method and status.");
  const handler = grpcHandler(
    rpc,
    otlpHandlers(
      { traces: receiver, logs: receiver, metrics: refusal },
      { authority, requests },
    ),
  );
  const grpc = await listenGrpc(handler, "127.0.0.1", 0);
  return {
    url: `http://127.0.0.1:${http.port}`,
    grpcTarget: `127.0.0.1:${grpc.port}`,
    stored,
    tags,
    metrics,
    async [Symbol.asyncDispose]() {
      grpc.abort();
      await Promise.all([http.close(), grpc.close()]);
    },
  };
}
