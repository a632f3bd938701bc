/**
 * The same shop without instrumentations: Scouter's own middleware on Express makes the server's span and records who called
 * for the service map; `tracedFetch` makes the client's. Nothing needs to be loaded in a certain order.
 *
 *     node examples/auto_instrumentation/express_middleware.ts
 *
 * @module
 */

import process from "node:process";
import express from "express";
import { HttpServiceMapSink } from "../../sdk/middleware/http/mod.ts";
import { nodeServiceMap, ServiceMap } from "../../sdk/middleware/mod.ts";
import { getTracer, instrument, nodeTracing, tracedFetch } from "../../sdk/tracing/mod.ts";
import { showTrace } from "./show_trace.ts";

instrument({ serviceName: "shop" });
const serverUri = process.env["SCOUTER_SERVER_URI"] ?? "http://localhost:8000";
const map = new ServiceMap({
  serviceName: "orders",
  sink: new HttpServiceMapSink({ serverUri }),
  captureSchema: true,
});

const app = express();
// Before body parsers, which they are to watch.
app.use(nodeTracing(getTracer("orders")), nodeServiceMap(map), express.json());
const router = express.Router();
router.post("/:id", async (request, response) => {
  await new Promise((done) => setTimeout(done, 2));
  getTracer("orders").withSpan("store", (span) => span.setInput(request.body));
  response.status(201).json({ id: request.params.id });
});
app.use("/orders", router);
const server = app.listen(0, "127.0.0.1");
await new Promise((done) => server.once("listening", done));

const call = tracedFetch({ serviceName: "shop" });
const traceId = await getTracer("shop").withSpan("visit", async (span) => {
  const response = await call(`http://127.0.0.1:${server.address().port}/orders/7`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ tea: 2, gift: false }),
  });
  console.log(response.status, await response.text());
  return span.spanContext().traceId;
});
server.closeAllConnections();
await new Promise((done) => server.close(done));
await map.shutdown();
await showTrace(traceId);

const graph = await fetch(`${serverUri}/scouter/service/graph?service_name=orders`);
const { edges } = await graph.json();
for (const edge of edges) {
  console.log(`\n${edge.source_service} calls ${edge.destination_service} ${edge.endpoint}`);
}
