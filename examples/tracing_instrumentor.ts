/**
 * A program traced through `instrument()`: nested spans, a traced function, default attributes, tags, baggage that reaches
 * the spans inside, an error, and an orderly end. The trace is read back and printed as a tree.
 *
 * Start a server first (`deno task serve`), then run this with any of
 *
 *     deno run -A examples/tracing_instrumentor.ts
 *     node examples/tracing_instrumentor.ts
 *     bun examples/tracing_instrumentor.ts
 *
 * @module
 */

import process from "node:process";
import { context, propagation, trace } from "@opentelemetry/api";
import { getTracer, instrument, traced, uninstrument } from "../sdk/tracing/mod.ts";
import { renderTree } from "./tracing_three_services/tree.ts";

const SERVER = process.env["SCOUTER_SERVER_URI"] ?? "http://localhost:8000";

instrument({ serviceName: "kitchen", attributes: { region: "eu", "service.version": "1.2.0" } });
const tracer = getTracer("kitchen");

const brew = traced(async function brew(tea: string, minutes: number): Promise<string> {
  await new Promise((done) => setTimeout(done, minutes));
  if (tea === "coffee") throw new RangeError("this is a teapot");
  return `a cup of ${tea}`;
}, { argNames: ["tea", "minutes"] });

/** A library that knows OpenTelemetry and nothing of Scouter. */
function library(): string {
  const table = propagation.getBaggage(context.active())?.getEntry("table")?.value ?? "none";
  trace.getTracer("library").startSpan(`serve table ${table}`).end();
  return table;
}

const traceId = await tracer.withSpan(
  "order",
  { tags: { guest: "Ada" }, baggage: { table: "7" } },
  async (span) => {
    span.setInput({ tea: "oolong" });
    const cup = await brew("oolong", 3);
    span.addEvent("brewed", { cup: { size: "large" } });
    library();
    try {
      await brew("coffee", 1);
    } catch (error) {
      console.log(`refused: ${error instanceof Error ? error.message : error}`);
    }
    span.setOutput(cup);
    return span.spanContext().traceId;
  },
);
// Sends what has ended; from here on nothing is traced.
await uninstrument();

const response = await fetch(`${SERVER}/scouter/v1/traces/${traceId}/spans`);
if (!response.ok) throw new Error(`${SERVER} answered ${response.status}; is the server running?`);
const { spans } = await response.json();
console.log(renderTree(spans));
