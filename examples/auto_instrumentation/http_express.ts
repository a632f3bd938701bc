/**
 * A web shop on Express, called over Node's http: the official instrumentations of http and express make the spans.
 *
 *     node examples/auto_instrumentation/http_express.ts
 *
 * @module
 */

import { createRequire } from "node:module";
import { ExpressInstrumentation } from "@opentelemetry/instrumentation-express";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { getTracer, instrument } from "../../sdk/tracing/mod.ts";
import { showTrace } from "./show_trace.ts";

instrument({
  serviceName: "shop",
  instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()],
});
// Instrumentations change modules as they are loaded: after instrument(), and with require(), which needs no loader hook
// on any runtime. With static imports, Node wants `--import` of a file that does the above.
const require = createRequire(import.meta.url);
const http = require("node:http");
const express = require("express");

const app = express();
app.get("/orders/:id", (request, response) => {
  getTracer("shop").withSpan("look up", { tags: { order: request.params.id } }, () => {});
  response.json({ id: request.params.id, status: "shipped" });
});
const server = http.createServer(app);
await new Promise((done) => server.listen(0, "127.0.0.1", done));

function get(url) {
  return new Promise((resolve, reject) => {
    http.get(url, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => text += chunk).on("end", () => resolve(text));
    }).on("error", reject);
  });
}

const traceId = await getTracer("shop").withSpan("visit", async (span) => {
  console.log(await get(`http://127.0.0.1:${server.address().port}/orders/7`));
  return span.spanContext().traceId;
});
server.closeAllConnections();
await new Promise((done) => server.close(done));
await showTrace(traceId);
