import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { ScouterError } from "../../../server/errors.ts";
import type { QueryEngine, QueryResult } from "../../../server/lake/query/contract.ts";
import { openQueryEngine } from "../../../server/lake/query/engine.ts";
import type { SpanFile } from "../../../server/lake/traces/contract.ts";
import type { QueryContext } from "../../../server/lake/traces/queries/context.ts";
import { forgetPointFiles, PointFile } from "../../../server/lake/traces/queries/point_file.ts";
import { readTracePoints } from "../../../server/lake/traces/queries/point_spans.ts";
import { SPAN_DETAIL_COLUMNS } from "../../../server/lake/traces/queries/span_rows.ts";
import {
  queryTrace,
  traceSpans,
  type TraceSpansRequest,
} from "../../../server/lake/traces/queries/trace_spans.ts";
import {
  createSegmentBuilder,
  sealSegment,
  traceIdHash,
} from "../../../server/lake/traces/segment/mod.ts";
import { NO_METRICS } from "../traces/fixture.ts";
import {
  admitAll,
  hex,
  int,
  list,
  object,
  request,
  span,
  spanId,
  type SpanInit,
  START_NS,
  text,
  traceId,
} from "../segment/support.ts";

const START_US = Number(START_NS / 1000n);
let folder: string;
let engine: QueryEngine;
let written = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "scouter-point-"));
  engine = await openQueryEngine({
    memoryLimitBytes: 512 * 2 ** 20,
    threads: 2,
    tempDir: join(folder, "spill"),
    defaultTimeoutMs: 60_000,
    metrics: NO_METRICS,
  });
});

after(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

function spanFile(path: string): SpanFile {
  return {
    path,
    sizeBytes: 1,
    tier: "table",
    rows: 1,
    minStartUs: -Infinity,
    maxStartUs: Infinity,
    maxEndUs: Infinity,
    services: null,
    mayContainTrace: () => true,
  };
}

async function store(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${written++}.parquet`);
  await writeFile(path, bytes);
  return path;
}

/** The same spans as the segment codec writes them before and after sealing. */
async function codecFiles(spans: readonly SpanInit[]): Promise<{ hot: string; sealed: string }> {
  const builder = createSegmentBuilder();
  for (let at = 0; at < spans.length; at += 5000) {
    builder.append(request(...spans.slice(at, at + 5000)), "protobuf", admitAll);
  }
  const hot = await store(builder.encode(0, builder.rowCount).bytes);
  const files = sealSegment(builder.detach().payload);
  assert.equal(files.length, 1);
  return { hot, sealed: await store((files[0] as { bytes: Uint8Array }).bytes) };
}

/** A copy of a file by DuckDB. */
async function copyOf(path: string, options: string): Promise<string> {
  const target = join(folder, `${written++}.parquet`);
  await engine.query(
    `COPY (SELECT * FROM read_parquet('${path}')) TO '${target}' (FORMAT parquet, ${options})`,
  );
  return target;
}

const context = (paths: readonly string[], options = {}): QueryContext => ({
  engine,
  files: paths.map(spanFile),
  traceIdHash,
  options,
});

/** Rows as objects, in an order that does not depend on the reader. */
function rows(result: QueryResult): Record<string, unknown>[] {
  const objects = Array.from(
    { length: result.rowCount },
    (_, row) =>
      Object.fromEntries(result.columnNames.map((name, i) => [name, result.columns[i]?.[row]])),
  );
  const key = (row: Record<string, unknown>) =>
    `${String(row["start_time"])} ${hex(row["span_id"] as Uint8Array)} ${String(row["span_name"])}`;
  return objects.sort((a, b) => key(a) < key(b) ? -1 : 1);
}

const details = ["outline", "attributes", "full"] as const;

/** Asks both ways and compares; returns how many rows there were. */
async function same(
  paths: readonly string[],
  ask: Omit<TraceSpansRequest, "detail">,
): Promise<number> {
  let count = 0;
  for (const detail of details) {
    const surroundings = context(paths);
    const limit = ask.limit ?? 1000;
    const point = await readTracePoints(
      surroundings,
      surroundings.files,
      { ...ask, limit },
      SPAN_DETAIL_COLUMNS[detail],
      detail,
    );
    assert.ok(point, "the point reader refused a file it should know");
    const engineRows = await queryTrace(
      surroundings,
      surroundings.files,
      { ...ask, detail },
      limit,
    );
    assert.equal(point.truncated, engineRows.truncated);
    const expected = rows(engineRows.result);
    // The engine sorts and returns one row more than the limit.
    assert.deepEqual(rows(point.result), expected.slice(0, limit));
    count = point.result.rowCount;
  }
  return count;
}

const id = (n: number) => hex(traceId(n));

/** Some spans of everything: nulls, empty maps, unicode, long payloads, events, links, lists. */
function variety(count: number): SpanInit[] {
  const uid = "0189d8a5-7c3b-7c3e-9d6e-6b1f0a2b3c4d";
  return Array.from({ length: count }, (_, n) =>
    span(n, {
      traceId: traceId(n % 97),
      ...(n % 3 === 0 ? {} : { parentSpanId: spanId(n - 1) }),
      name: n % 5 === 0 ? "π\ufeff 漢字 🎉" : `span ${n % 11}`,
      kind: n % 6,
      ...(n % 4 === 0 ? { traceState: "a=b" } : {}),
      ...(n % 13 === 0 ? { status: { code: 2, message: `bad ${n}` } } : {}),
      attributes: n % 7 === 0 ? [] : [
        { key: "http.route", value: text(`/items/${n % 20}`) },
        { key: "ключ", value: text("значение\u0000 🎈") },
        { key: "n", value: int(BigInt(n)) },
        ...(n % 9 === 0 ? [{ key: "deep", value: list(object({ a: text("b") })) }] : []),
        ...(n % 10 === 0 ? [{ key: "scouter.entity", value: text(uid) }] : []),
        ...(n % 8 === 0
          ? [
            { key: "gen_ai.input.messages", value: text(`[{"content":"${"x".repeat(n % 900)}"}]`) },
            { key: "scouter.tracing.input", value: text(`plain ${n}`) },
            { key: "gen_ai.usage.input_tokens", value: int(BigInt(n) * 1_000_000_007n) },
          ]
          : []),
      ],
      ...(n % 6 === 0
        ? {
          events: [{ name: "e", timeUnixNano: START_NS }],
          links: [{ traceId: traceId(1), spanId: spanId(2) }],
        }
        : {}),
      ...(n % 15 === 0 ? { droppedAttributesCount: 3 } : {}),
    }));
}

describe("reading a trace straight from its files", () => {
  let hot: string;
  let sealed: string;

  before(async () => {
    // Several row groups. 20,000 = 97 * 206 + 18: traces 0 to 17 have 207 spans, the others 206.
    ({ hot, sealed } = await codecFiles(variety(20_000)));
  });

  it("gives what the engine gives on files of the segment codec", async () => {
    assert.equal(await same([hot], { traceId: id(5) }), 207);
    assert.equal(await same([sealed], { traceId: id(5) }), 207);
    assert.equal(await same([hot, sealed], { traceId: id(96) }), 412);
    assert.equal(await same([sealed], { traceId: id(5000) }), 0);
  });

  const copies = {
    "zstd with Bloom filters": "COMPRESSION zstd, COMPRESSION_LEVEL 1, WRITE_BLOOM_FILTER true",
    "zstd in small row groups": "COMPRESSION zstd, ROW_GROUP_SIZE 2048",
    "snappy": "COMPRESSION snappy",
    "no compression": "COMPRESSION uncompressed",
    "no dictionaries": "COMPRESSION zstd, DICTIONARY_SIZE_LIMIT 1",
  };
  for (const [name, options] of Object.entries(copies)) {
    it(`gives what the engine gives on a copy by DuckDB with ${name}`, async () => {
      const copy = await copyOf(sealed, options);
      assert.equal(await same([copy], { traceId: id(0) }), 207);
      assert.equal(await same([copy, hot], { traceId: id(42) }), 412);
    });
  }

  it("keeps a leading byte order mark", async () => {
    const files = await codecFiles([span(1, { name: "\ufeffname" })]);
    const { spans } = await traceSpans(context([files.sealed]), {
      traceId: id(1),
      detail: "outline",
    });
    assert.equal(spans[0]?.spanName, "\ufeffname");
  });

  it("applies time, span and service like the engine", async () => {
    const window = { startUs: START_US + 3_000_000, endUs: START_US + 12_000_000 };
    const found = await same([sealed], { traceId: id(7), ...window });
    assert.equal(found, 93);
    // Span 7 + 97 * 2 is in trace 7 and in no other.
    assert.equal(await same([sealed], { traceId: id(7), spanId: hex(spanId(201)) }), 1);
    assert.equal(await same([sealed], { traceId: id(8), spanId: hex(spanId(201)) }), 0);
    assert.equal(await same([sealed], { traceId: id(8), serviceName: "shop" }), 207);
    assert.equal(await same([sealed], { traceId: id(8), serviceName: "other" }), 0);
  });

  it("cuts to the earliest spans and says so", async () => {
    assert.equal(await same([sealed, hot], { traceId: id(3), limit: 11 }), 11);
    assert.equal(await same([sealed], { traceId: id(3), limit: 207 }), 207);
    assert.equal(await same([sealed], { traceId: id(3), limit: 206 }), 206);
  });

  it("leaves files to the engine whose footer shows what it does not know", async () => {
    const foreign = {
      gzip: await copyOf(sealed, "COMPRESSION gzip"),
      delta: await copyOf(sealed, "COMPRESSION zstd, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1"),
    };
    for (const [name, path] of Object.entries(foreign)) {
      const surroundings = context([hot, path]);
      const ask = { traceId: id(9), limit: 1000 };
      const columns = SPAN_DETAIL_COLUMNS.full;
      assert.equal(
        await readTracePoints(surroundings, surroundings.files, ask, columns, "full"),
        null,
        name,
      );
      const { spans } = await traceSpans(surroundings, { traceId: id(9), detail: "full" });
      assert.equal(spans.length, 414, name);
    }
  });

  it("leaves a file to the engine that lacks a column or has it in another type", async () => {
    const path = join(folder, "other.parquet");
    await engine.query(
      `COPY (SELECT * EXCLUDE (label) REPLACE (start_time::TIMESTAMP_NS AS start_time)
        FROM read_parquet('${hot}')) TO '${path}' (FORMAT parquet)`,
    );
    using file = PointFile.open(path);
    assert.deepEqual(file.plan("a", ["trace_id", "label"]), { unsupported: "no column label" });
    assert.deepEqual(file.plan("b", ["start_time"]), {
      unsupported: "the type of column start_time",
    });
    assert.ok("columns" in file.plan("c", ["trace_id"]));
  });

  it("answers alike with and without what it kept of a file", async () => {
    forgetPointFiles();
    const first = await same([sealed], { traceId: id(11) });
    assert.equal(await same([sealed], { traceId: id(11) }), first);
    assert.equal(await same([sealed], { traceId: id(12) }), 207);
  });

  it("stops when the caller is gone or out of time", async () => {
    const ask = { traceId: id(1), limit: 10 };
    const columns = SPAN_DETAIL_COLUMNS.full;
    const codeOf = (options: object, defaultTimeoutMs = engine.defaultTimeoutMs) => {
      const limited: QueryEngine = {
        defaultTimeoutMs,
        query: (...args) => engine.query(...args),
        close: () => engine.close(),
      };
      const surroundings = { ...context([sealed], options), engine: limited };
      return readTracePoints(surroundings, surroundings.files, ask, columns, "full").then(
        () => "none",
        (error) => error instanceof ScouterError ? error.code : String(error),
      );
    };
    assert.equal(await codeOf({ signal: AbortSignal.abort() }), "CANCELLED");
    assert.equal(await codeOf({ timeoutMs: 1e-6 }), "DEADLINE_EXCEEDED");
    assert.equal(await codeOf({}, 1e-6), "DEADLINE_EXCEEDED", "the engine's own limit");
    assert.equal(await codeOf({}), "none");
  });

  it("reports a damaged or missing file as a failed query", async () => {
    const damaged = await store(new Uint8Array(100));
    for (const path of [damaged, join(folder, "missing.parquet")]) {
      const surroundings = context([path]);
      await assert.rejects(
        readTracePoints(
          surroundings,
          surroundings.files,
          { traceId: id(1), limit: 10 },
          SPAN_DETAIL_COLUMNS.full,
          "full",
        ),
        (error) => error instanceof ScouterError && error.code === "QUERY_ERROR",
      );
    }
  });

  it("returns the first 50,000 spans of a larger trace", async () => {
    const spans = Array.from({ length: 50_001 }, (_, n) => span(n, { traceId: traceId(1) }));
    const files = await codecFiles(spans.reverse());
    const answer = await traceSpans(context([files.sealed]), {
      traceId: id(1),
      detail: "outline",
    });
    assert.equal(answer.truncated, true);
    assert.equal(answer.spans.length, 50_000);
    assert.equal(answer.spans[0]?.spanId, hex(spanId(0)));
    assert.equal(answer.spans[49_999]?.spanId, hex(spanId(49_999)));
  });

  it("gives what the engine gives on any spans", async () => {
    const word = fc.oneof(fc.constantFrom("a", "b", ""), fc.string({ unit: "binary" }))
      // The engine's client loses a leading byte order mark.
      .map((value) => value.replace(/^\ufeff+/, ""));
    const anySpan = fc.record({
      trace: fc.nat(3),
      name: word,
      state: fc.constantFrom("", "x=y"),
      message: fc.option(word),
      parent: fc.boolean(),
      attributes: fc.array(fc.tuple(fc.string({ minLength: 1 }), word), { maxLength: 6 }),
      input: fc.option(word),
      tokens: fc.option(fc.bigInt({ min: 0n, max: 2n ** 62n })),
      startMs: fc.nat(50),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(anySpan, { minLength: 1, maxLength: 60 }),
        fc.constantFrom("COMPRESSION zstd", "COMPRESSION snappy"),
        async (generated, options) => {
          const spans = generated.map((value, n) =>
            span(n, {
              traceId: traceId(value.trace),
              name: value.name.replace(/[\ud800-\udfff]/g, "?"),
              traceState: value.state,
              ...(value.message === null ? {} : { status: { code: 2, message: value.message } }),
              ...(value.parent ? { parentSpanId: spanId(1) } : {}),
              startTimeUnixNano: START_NS + BigInt(value.startMs) * 1_000_000n,
              attributes: [
                ...value.attributes.map(([key, content]) => ({ key, value: text(content) })),
                ...(value.input === null
                  ? []
                  : [{ key: "scouter.tracing.input", value: text(value.input) }]),
                ...(value.tokens === null
                  ? []
                  : [{ key: "gen_ai.usage.output_tokens", value: int(value.tokens) }]),
              ],
            })
          );
          const files = await codecFiles(spans);
          const copy = await copyOf(files.sealed, options);
          let found = 0;
          for (let trace = 0; trace < 4; trace++) {
            await same([files.hot], { traceId: id(trace) });
            await same([files.sealed], { traceId: id(trace) });
            found += await same([copy], { traceId: id(trace) });
          }
          assert.equal(found, spans.length);
        },
      ),
      { numRuns: 12 },
    );
  });
});
