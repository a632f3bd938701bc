/**
 * Reads and writes a handful of made-up spans right after the start, in a file of their own, so that the first person
 * who asks for a trace does not wait for the compiler.
 *
 * @module
 */

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { traceListItem, traceSpanList } from "./http/trace_json.ts";
import type { QueryEngine } from "./lake/query/contract.ts";
import type { SnapshotLease, SpanFile } from "./lake/traces/contract.ts";
import { createSegmentBuilder, traceIdHash } from "./lake/traces/segment/mod.ts";
import { TraceQueries } from "./lake/traces/trace_queries.ts";

const TRACES = 24;
const SPANS_PER_TRACE = 5;
const START_NS = 1_767_607_200_000_000_000n;

const traceId = (trace: number): string => (trace + 1).toString(16).padStart(32, "a");

/** One export request in OTLP/JSON with the usual kinds of attributes. */
function request(): Uint8Array {
  const spans = Array.from({ length: TRACES * SPANS_PER_TRACE }, (_, index) => ({
    traceId: traceId(Math.floor(index / SPANS_PER_TRACE)),
    spanId: (index + 1).toString(16).padStart(16, "0"),
    parentSpanId: index % SPANS_PER_TRACE === 0 ? "" : index.toString(16).padStart(16, "0"),
    name: `warm up ${index % 7}`,
    kind: 2,
    startTimeUnixNano: String(START_NS + BigInt(index) * 1_000_000n),
    endTimeUnixNano: String(START_NS + BigInt(index) * 1_000_000n + 5_000_000n),
    attributes: [
      { key: "http.request.method", value: { stringValue: "GET" } },
      { key: "http.response.status_code", value: { intValue: "200" } },
      { key: "ratio", value: { doubleValue: index / 7 } },
      { key: "cached", value: { boolValue: true } },
    ],
    events: [{ timeUnixNano: String(START_NS), name: "event" }],
    status: {},
  }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "warm-up" } }] };
  return new TextEncoder().encode(
    JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
  );
}

/** A store of one file. */
function storeOf(file: SpanFile): { acquire(): SnapshotLease } {
  return {
    acquire: () => ({
      snapshot: { id: 0, deltaVersion: -1, files: [file] },
      release() {},
      [Symbol.dispose]() {},
    }),
  };
}

const breathe = () => new Promise<void>((wake) => setTimeout(wake, 0));

/**
 * Runs the hot code a few times and leaves nothing behind. Takes some hundred milliseconds, in small portions.
 *
 * @param engine runs the queries
 * @param tempDir where the file is made for the moment
 */
export async function warmUp(engine: QueryEngine, tempDir: string): Promise<void> {
  const builder = createSegmentBuilder();
  builder.append(request(), "json", () => true);
  const { bytes, traceHashes: _, ...bounds } = builder.encode(0, builder.rowCount);
  const path = join(tempDir, `warm-up-${crypto.randomUUID()}.parquet`);
  await writeFile(path, bytes);
  try {
    const queries = new TraceQueries({
      store: storeOf({
        ...bounds,
        path,
        sizeBytes: bytes.length,
        tier: "hot",
        mayContainTrace: () => true,
      }),
      engine,
      traceIdHash,
    });
    for (let trace = 0; trace < TRACES; trace++) {
      const { spans } = await queries.spans({ traceId: traceId(trace), detail: "full" });
      JSON.stringify(traceSpanList(spans));
      await breathe();
    }
    const page = await queries.list({}, { direction: "older", limit: 50 });
    JSON.stringify(page.traces.map(traceListItem));
  } finally {
    await rm(path, { force: true });
  }
}
