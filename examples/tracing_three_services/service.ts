/**
 * What the three services have in common: tracing, a port, and an orderly end.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import process from "node:process";
import { getTracer, instrument, nodeTracing, uninstrument } from "../../sdk/tracing/mod.ts";

/** Answers a request; returns the text of the answer. */
export type Answer = (url: URL) => string | Promise<string>;

/** Starts a service on a free port and prints where it listens. SIGTERM sends its last spans and ends it. */
export function serve(serviceName: string, answer: Answer): void {
  // OTEL_EXPORTER_OTLP_ENDPOINT tells where spans go; a server on this machine by default.
  instrument({ serviceName, transport: { timeoutMs: 5_000 } });
  const tracing = nodeTracing(getTracer(serviceName));

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    tracing(request, response, async () => {
      try {
        const text = await answer(new URL(request.url ?? "/", "http://localhost"));
        response.setHeader("content-type", "text/plain").end(text);
      } catch (error) {
        console.error(error);
        response.writeHead(500).end();
      }
    });
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address === "object" && address !== null) {
      console.log(`listening on http://127.0.0.1:${address.port}`);
    }
  });
  process.once("SIGTERM", async () => {
    server.close();
    await uninstrument();
    process.exit(0);
  });
}
