/**
 * The doors through which traces are read, on free ports, over a fixture's spans.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { authorize, LOCAL_PRINCIPAL } from "../../../server/auth/permissions.ts";
import type { Authority } from "../../../server/http/authority.ts";
import type { HttpApp, HttpEnv } from "../../../server/http/context.ts";
import { errorResponse } from "../../../server/http/errors.ts";
import { listenHttp } from "../../../server/http/listener.ts";
import { type TagFilter, traceRoutes } from "../../../server/http/traces_routes.ts";
import type { TraceQueries } from "../../../server/lake/traces/trace_queries.ts";
import { rpcInterceptor } from "../../../server/rpc/context.ts";
import { rpcFetchRoutes, type RpcOptions } from "../../../server/rpc/fetch.ts";
import { grpcHandler, listenGrpc } from "../../../server/rpc/listener.ts";
import { traceService } from "../../../server/rpc/trace_service.ts";
import { NO_METRICS } from "./fixture.ts";

/** Open doors. */
export interface TraceDoors extends AsyncDisposable {
  readonly url: string;
  readonly grpcUrl: string;
}

/** A request with the header `authorization: ingester` may not read. */
const authority: Authority = {
  mode: "open",
  authenticate: (headers) =>
    Promise.resolve(
      headers.get("authorization") === "ingester"
        ? { username: "i", permissions: ["ingest:all"], groupPermissions: [], via: "token" }
        : LOCAL_PRINCIPAL,
    ),
  authenticateWithRefresh: async (headers) => ({
    principal: await authority.authenticate(headers),
  }),
  authorize,
};

/** Opens the doors. */
export async function openTraceDoors(
  queries: TraceQueries,
  findTaggedEntities: (
    type: string,
    tags: readonly TagFilter[],
    all: boolean,
  ) => Promise<readonly string[]>,
): Promise<TraceDoors> {
  const rpc: RpcOptions = {
    routes: (router) => traceService({ authority, queries }).register(router),
    interceptors: [rpcInterceptor(authority, NO_METRICS)],
    maxMessageBytes: 1 << 20,
  };
  const app: HttpApp = new Hono<HttpEnv>();
  app.onError((error) => errorResponse(error));
  app.route("/", traceRoutes({ authority, queries, findTaggedEntities }));
  app.route("/", rpcFetchRoutes(rpc));
  const http = listenHttp(app, "127.0.0.1", 0);
  const grpc = await listenGrpc(
    grpcHandler(rpc, new Map()),
    "127.0.0.1",
    0,
  );
  return {
    url: `http://127.0.0.1:${http.port}`,
    grpcUrl: `http://127.0.0.1:${grpc.port}`,
    async [Symbol.asyncDispose]() {
      grpc.abort();
      await Promise.all([http.close(), grpc.close()]);
    },
  };
}
