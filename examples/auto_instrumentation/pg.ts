/**
 * Queries with node-postgres: the official instrumentation of pg makes the spans.
 *
 *     DATABASE_URI=postgres://user@localhost:5432/postgres node examples/auto_instrumentation/pg.ts
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import { getTracer, instrument } from "../../sdk/tracing/mod.ts";
import { showTrace } from "./show_trace.ts";

instrument({ serviceName: "shop", instrumentations: [new PgInstrumentation()] });
const require = createRequire(import.meta.url);
const pg = require("pg");

const client = new pg.Client({
  connectionString: process.env["DATABASE_URI"] ?? "postgres://postgres@localhost:5432/postgres",
});
const traceId = await getTracer("shop").withSpan("stock", async (span) => {
  await client.connect();
  const { rows } = await client.query("SELECT $1::int AS tea", [7]);
  console.log(`${rows[0].tea} left`);
  return span.spanContext().traceId;
});
await client.end();
await showTrace(traceId);
