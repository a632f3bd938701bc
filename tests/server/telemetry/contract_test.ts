import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import {
  ATTRIBUTE,
  METRIC,
  OWN_TELEMETRY_HEADER,
  SPAN,
} from "../../../server/telemetry/contract.ts";

// Dashboards, alerts and saved searches are written against these names. Whoever changes one on purpose changes this
// list with it and says so in the changelog.
const METRICS = [
  "scouter_ingest_requests_total",
  "scouter_ingest_requests_refused_total",
  "scouter_ingest_accepted_total",
  "scouter_ingest_rejected_total",
  "scouter_ingest_deduplicated_total",
  "scouter_ingest_late_total",
  "scouter_ingest_bytes_total",
  "scouter_trace_object_store_requests_total",
  "scouter_trace_object_store_request_duration_ms",
  "scouter_trace_object_store_bytes_total",
  "scouter_own_spans_sent_total",
  "scouter_own_spans_dropped_total",
];
const SPANS = [
  "object_store.request",
  "delta.table.load",
  "delta.snapshot.refresh",
  "update_incremental",
  "delta.catalog.swap",
  "delta.optimize",
  "df.table.resolve",
  "df.logical.build",
  "df.physical.plan",
  "df.collect",
  "arrow.convert",
  "trace.tree.build",
];
const ATTRIBUTES = [
  "object_store.operation",
  "object_store.path_kind",
  "object_store.backend",
  "object_store.status",
  "object_store.cache.hit",
  "table",
  "endpoint",
  "trace.query.endpoint",
  "trace.query.kind",
  "trace.query.window_ms",
  "trace.query.result.rows",
  "trace.query.cache.hit",
];

describe("the names that others depend on", () => {
  it("are these, each once", () => {
    assert.deepEqual(Object.values<string>(METRIC), METRICS);
    assert.deepEqual(Object.values<string>(SPAN), SPANS);
    assert.deepEqual(Object.values<string>(ATTRIBUTE), ATTRIBUTES);
    assert.equal(OWN_TELEMETRY_HEADER, "x-scouter-own-telemetry");
    for (const names of [METRICS, SPANS, ATTRIBUTES]) {
      assert.equal(new Set(names).size, names.length);
    }
  });

  it("are all explained to those who run the server", async () => {
    const guide = await readFile(
      new URL("../../../docs/operations.md", import.meta.url),
      "utf8",
    );
    for (const name of [...METRICS, ...SPANS]) {
      assert.ok(guide.includes(`\`${name}\``), `docs/operations.md does not explain ${name}`);
    }
  });
});
