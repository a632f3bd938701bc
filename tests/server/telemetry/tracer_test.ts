import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObjectInfo, ObjectStore } from "../../../server/lake/objects/store.ts";
import { ObservedStore, pathKind } from "../../../server/lake/objects/observed.ts";
import { MetricsRegistry } from "../../../server/telemetry/metrics.ts";
import { encodeSpans, parseOtlpHeaders } from "../../../server/telemetry/own_spans.ts";
import { type FinishedSpan, Tracer, tracer } from "../../../server/telemetry/tracer.ts";

/** A tracer and what it handed on. */
function recording(): { tracer: Tracer; spans: FinishedSpan[] } {
  const spans: FinishedSpan[] = [];
  const made = new Tracer();
  made.sendTo((span) => spans.push(span));
  return { tracer: made, spans };
}

describe("the server's own spans", () => {
  it("nest, end inside out, and carry what was set on them", async () => {
    const { tracer, spans } = recording();
    await tracer.run("route", { kind: 2, attributes: { a: 1 } }, async (route) => {
      await tracer.child("inner", { b: true }, () => Promise.resolve());
      tracer.annotate({ rows: 3 });
      route.set({ a: 2 });
    });
    const [inner, route] = spans;
    assert.deepEqual(spans.map(({ name }) => name), ["inner", "route"]);
    assert.equal(inner?.parentSpanId, route?.spanId);
    assert.equal(inner?.traceId, route?.traceId);
    assert.equal(route?.parentSpanId, undefined);
    assert.deepEqual(Object.fromEntries(route?.attributes ?? []), { a: 2, rows: 3 });
    assert.match(route?.traceId ?? "", /^[0-9a-f]{32}$/);
  });

  it("go on the caller's trace", async () => {
    const { tracer, spans } = recording();
    const traceparent = `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`;
    await tracer.run("route", { traceparent }, () => Promise.resolve());
    assert.equal(spans[0]?.traceId, "ab".repeat(16));
    assert.equal(spans[0]?.parentSpanId, "cd".repeat(8));
    await tracer.run("route", { traceparent: "nonsense" }, () => Promise.resolve());
    assert.equal(spans[1]?.parentSpanId, undefined);
  });

  it("tell what was thrown, and pass it on", async () => {
    const { tracer, spans } = recording();
    await assert.rejects(
      tracer.run("route", {}, () => Promise.reject(new Error("no disk"))),
      /no disk/,
    );
    assert.equal(spans[0]?.error, "no disk");
  });

  it("are none where nobody takes them, in suppressed work, and in the background", async () => {
    const off = new Tracer();
    assert.equal(await off.run("route", {}, () => Promise.resolve(5)), 5);
    const { tracer, spans } = recording();
    await tracer.child("background", {}, () => Promise.resolve());
    await tracer.suppressed(async () => {
      await new Promise((wake) => setTimeout(wake, 1));
      await tracer.run("route", {}, () => tracer.child("inner", {}, () => Promise.resolve()));
      tracer.annotate({ a: 1 });
    });
    assert.deepEqual(spans, []);
  });

  it("are written as OTLP/JSON", async () => {
    const { tracer, spans } = recording();
    await tracer.run(
      "r",
      { kind: 2, attributes: { n: 1, f: 0.5, t: "x", b: true } },
      () => Promise.resolve(),
    );
    const { resourceSpans: [request] } = JSON.parse(
      new TextDecoder().decode(encodeSpans(spans, "9.9.9")),
    );
    assert.deepEqual(request.resource.attributes[0], {
      key: "service.name",
      value: { stringValue: "scouter-server" },
    });
    const [span] = request.scopeSpans[0].spans;
    assert.deepEqual(span.attributes, [
      { key: "n", value: { intValue: "1" } },
      { key: "f", value: { doubleValue: 0.5 } },
      { key: "t", value: { stringValue: "x" } },
      { key: "b", value: { boolValue: true } },
    ]);
    assert.equal(span.kind, 2);
    assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano));
  });
});

describe("headers of exporters", () => {
  it("are read as the OpenTelemetry specification writes them", () => {
    assert.deepEqual(parseOtlpHeaders("authorization=Bearer%20abc, x-tenant = shop"), {
      authorization: "Bearer abc",
      "x-tenant": "shop",
    });
    assert.deepEqual(parseOtlpHeaders(""), {});
  });
});

/** Answers everything; a key that says so fails. */
class FakeStore implements ObjectStore {
  readonly uri = "fake://";
  #answer<T>(key: string, value: T): Promise<T> {
    return key.includes("broken") ? Promise.reject(new Error("down")) : Promise.resolve(value);
  }
  get(key: string): Promise<Uint8Array | null> {
    return this.#answer(key, new Uint8Array(100));
  }
  getRange(key: string, start: number, end: number): Promise<Uint8Array | null> {
    return this.#answer(key, new Uint8Array(end - start));
  }
  head(key: string): Promise<ObjectInfo | null> {
    return this.#answer(key, null);
  }
  put(key: string): Promise<void> {
    return this.#answer(key, undefined);
  }
  putIfAbsent(key: string): Promise<boolean> {
    return this.#answer(key, true);
  }
  putFile(key: string): Promise<void> {
    return this.#answer(key, undefined);
  }
  delete(key: string): Promise<void> {
    return this.#answer(key, undefined);
  }
  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    for (const name of ["a", "b"]) {
      yield await this.#answer(prefix, { key: prefix + name, sizeBytes: 1, modifiedMs: 0 });
    }
  }
}

describe("a watched object store", () => {
  it("knows kinds of objects by their keys", () => {
    assert.equal(pathKind("t/_delta_log/00000000000000000003.json"), "delta_log");
    assert.equal(pathKind("t/_delta_log/_last_checkpoint"), "checkpoint");
    assert.equal(
      pathKind("t/_delta_log/00000000000000000010.checkpoint.parquet"),
      "checkpoint",
    );
    assert.equal(pathKind("t/partition_date=2026-01-05/part-1.zstd.parquet"), "parquet_data");
    assert.equal(pathKind("t/readme"), "unknown");
  });

  it("counts requests by operation, kind and outcome, bytes and times", async () => {
    const metrics = new MetricsRegistry();
    const store = new ObservedStore(new FakeStore(), "s3", metrics);
    await store.get("t/_delta_log/00000000000000000003.json");
    await store.getRange("t/x.parquet", 0, 7);
    await store.putIfAbsent("t/_delta_log/00000000000000000004.json", new Uint8Array(9));
    for await (const _ of store.list("t/")) break;
    await assert.rejects(store.put("t/broken.parquet", new Uint8Array(3)), /down/);
    const text = metrics.render();
    const labels = (operation: string, kind: string, status = "ok") =>
      `{operation="${operation}",path_kind="${kind}",backend="s3",status="${status}",cache_hit="unknown"} 1`;
    for (
      const series of [
        labels("get", "delta_log"),
        labels("get_range", "parquet_data"),
        labels("put", "delta_log"),
        labels("list", "unknown"),
        labels("put", "parquet_data", "error"),
      ]
    ) {
      assert.ok(text.includes(`scouter_trace_object_store_requests_total${series}`), series);
    }
    assert.ok(
      text.includes(
        'scouter_trace_object_store_bytes_total{operation="get_range",path_kind="parquet_data",backend="s3"} 7',
      ),
    );
    assert.match(text, /scouter_trace_object_store_request_duration_ms_count\{operation="list"/);
    assert.ok(!text.includes('bytes_total{operation="put",path_kind="parquet_data"'));
  });

  it("makes spans for traced requests only", async () => {
    const spans: FinishedSpan[] = [];
    const store = new ObservedStore(new FakeStore(), "local", new MetricsRegistry());
    tracer.sendTo((span) => spans.push(span));
    try {
      await store.get("t/_delta_log/00000000000000000003.json");
      assert.equal(spans.length, 0);
      await tracer.run("route", {}, () => store.get("t/x.parquet"));
    } finally {
      tracer.sendTo(undefined);
    }
    assert.deepEqual(spans.map(({ name }) => name), ["object_store.request", "route"]);
    assert.deepEqual(Object.fromEntries(spans[0]?.attributes ?? []), {
      "object_store.operation": "get",
      "object_store.path_kind": "parquet_data",
      "object_store.backend": "local",
      "object_store.cache.hit": "unknown",
      "object_store.status": "ok",
    });
  });
});
