/**
 * Native gRPC over HTTP/2 without TLS.
 *
 * @module
 */

import { createServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { Http2Session } from "node:http2";
import { compressionGzip, connectNodeAdapter } from "@connectrpc/connect-node";
import { callFrom } from "./context.ts";
import type { RpcOptions } from "./fetch.ts";

/** Answers one HTTP/2 request. */
export type GrpcHandler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** A listener that can be told to stop. */
export interface Listener {
  readonly port: number;
  /** Takes no new connections or calls; resolves when those under way have ended. */
  close(): Promise<void>;
  /** Ends what is still under way. */
  abort(): void;
}

/** Answers one OTLP export. Never rejects. */
export type OtlpHandler = (
  request: Http2ServerRequest,
  response: Http2ServerResponse,
) => Promise<void>;

/**
 * The handler for all listeners: OTLP by hand, everything else by Connect.
 *
 * @param exports OTLP handlers by path.
 */
export function grpcHandler(
  options: RpcOptions,
  exports: ReadonlyMap<string, OtlpHandler>,
): GrpcHandler {
  const connect = connectNodeAdapter({
    routes: options.routes,
    interceptors: options.interceptors,
    readMaxBytes: options.maxMessageBytes,
    acceptCompression: [compressionGzip],
    contextValues: (request) => callFrom(request.socket.remoteAddress),
  });
  return (request, response) => {
    const exportOtlp = exports.get(request.url);
    if (exportOtlp === undefined) connect(request, response);
    else void exportOtlp(request, response);
  };
}

/**
 * Listens.
 *
 * @throws the system's error, with code EADDRINUSE when the port is taken.
 */
export function listenGrpc(handler: GrpcHandler, host: string, port: number): Promise<Listener> {
  const server = createServer(handler);
  const sessions = new Set<Http2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    // A connection that breaks is the client's affair.
    session.on("error", () => {});
  });
  server.on("sessionError", () => {});
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve({
        port: typeof address === "object" && address !== null ? address.port : port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const session of sessions) session.close();
          }),
        abort: () => {
          for (const session of sessions) session.destroy();
        },
      });
    });
  });
}
