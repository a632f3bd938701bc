/**
 * HTTP on `Deno.serve`.
 *
 * @module
 */

import type { Listener } from "../rpc/listener.ts";
import type { HttpApp } from "./context.ts";

/**
 * Listens.
 *
 * @throws {Deno.errors.AddrInUse} when the port is taken.
 */
export function listenHttp(app: HttpApp, host: string, port: number): Listener {
  const abort = new AbortController();
  const server = Deno.serve({
    hostname: host,
    port,
    signal: abort.signal,
    onListen: () => {},
    // Sockets refused or reset by clients are not the server's errors.
    onError: () => new Response("Internal error", { status: 500 }),
  }, (request, info) => app.fetch(request, { remoteAddr: info.remoteAddr }));
  return {
    port: server.addr.port,
    close: () => server.shutdown(),
    abort: () => abort.abort(),
  };
}
