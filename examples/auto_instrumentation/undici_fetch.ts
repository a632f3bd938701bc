/**
 * Calls with Node's own `fetch`: the official instrumentation of undici makes the client's span and sends its context along;
 * Scouter's middleware makes the server's.
 *
 *     node examples/auto_instrumentation/undici_fetch.ts
 *
 * @module
 */

import { createServer } from "node:http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { getTracer, instrument, nodeTracing } from "../../sdk/tracing/mod.ts";
import { showTrace } from "./show_trace.ts";

instrument({ serviceName: "shop", instrumentations: [new UndiciInstrumentation()] });

const tracing = nodeTracing(getTracer("stock"));
const server = createServer((request, response) => {
  tracing(request, response, () => response.end("7 left"));
});
await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
const address = server.address();
const port = typeof address === "object" && address !== null ? address.port : 0;

const traceId = await getTracer("shop").withSpan("visit", async (span) => {
  const response = await fetch(`http://127.0.0.1:${port}/stock`);
  console.log(await response.text());
  return span.spanContext().traceId;
});
server.closeAllConnections();
await new Promise((done) => server.close(done));
await showTrace(traceId);
