/**
 * Connect and gRPC-Web on the HTTP port, from the same handlers as native gRPC.
 *
 * @module
 */

import { type ConnectRouter, createConnectRouter, type Interceptor } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import {
  universalServerRequestFromFetch,
  universalServerResponseToFetch,
} from "@connectrpc/connect/protocol";
import { Hono } from "@hono/hono";
import { clientAddress, type HttpApp, type HttpEnv } from "../http/context.ts";
import { callFrom } from "./context.ts";

/** Options of both kinds of listener. */
export interface RpcOptions {
  readonly routes: (router: ConnectRouter) => void;
  readonly interceptors: Interceptor[];
  /** Largest message, in bytes. */
  readonly maxMessageBytes: number;
}

/** Routes for every method of every service. */
export function rpcFetchRoutes(options: RpcOptions): HttpApp {
  const router = createConnectRouter({
    interceptors: options.interceptors,
    readMaxBytes: options.maxMessageBytes,
    acceptCompression: [compressionGzip],
    // Native gRPC needs trailers, which this listener cannot send.
    grpc: false,
  });
  options.routes(router);
  const app: HttpApp = new Hono<HttpEnv>();
  for (const handler of router.handlers) {
    app.all(handler.requestPath, async (c) => {
      const request = {
        ...universalServerRequestFromFetch(c.req.raw, {}),
        contextValues: callFrom(clientAddress(c)),
      };
      return universalServerResponseToFetch(await handler(request));
    });
  }
  return app;
}
