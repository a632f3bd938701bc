import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { context, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import { EvalRecord } from "../../../sdk/records/mod.ts";
import {
  type ProviderStats,
  ScouterTracerProvider,
  type SpanKindName,
  StdoutSpanExporter,
  TestSpanExporter,
  TracingError,
  withActiveProfile,
} from "../../../sdk/tracing/mod.ts";

const UID = "01890a5d-ac96-774b-bcce-b302099a8057";
const OTHER = "01890a5d-ac96-774b-bcce-b302099a8058";

function set(options: ConstructorParameters<typeof ScouterTracerProvider>[0] = {}) {
  const exporter = new TestSpanExporter({ batchExport: false });
  const provider = new ScouterTracerProvider({ transport: exporter, ...options });
  return { exporter, provider, tracer: provider.getTracer("t") };
}

function attributesOf(exporter: TestSpanExporter, at = 0): Record<string, unknown> {
  return Object.fromEntries(
    (exporter.spans[at]?.attributes ?? []).map(({ key, value }) => [key, value]),
  );
}

describe("spans", () => {
  it("carry kind, links, start and end times as given", async () => {
    const { exporter, provider, tracer } = set();
    const link = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1 };
    tracer.startSpan("job", {
      kind: "Producer",
      links: [{ context: link, attributes: { why: "batch" } }],
      startTime: new Date("2026-01-02T03:04:05.678Z"),
    }).end(new Date("2026-01-02T03:04:06.789Z"));
    await provider.shutdown();
    const [span] = exporter.spans;
    assert.equal(span?.span_kind, "PRODUCER");
    assert.equal(span?.start_time, "2026-01-02T03:04:05.678000Z");
    assert.equal(span?.end_time, "2026-01-02T03:04:06.789000Z");
    assert.equal(span?.duration_ms, 1_111);
    assert.equal(span?.links[0]?.trace_id, link.traceId);
    assert.deepEqual(span?.links[0]?.attributes, [{ key: "why", value: "batch" }]);
  });

  it("refuse a kind that there is not", () => {
    assert.throws(
      () => set().tracer.startSpan("x", { kind: "Sideways" as SpanKindName }),
      TracingError,
    );
  });

  it("with two tags have two baggage entries and two tags", async () => {
    const { exporter, provider, tracer } = set();
    tracer.startSpan("x", { tags: { a: "1", b: "2" }, label: "blue" }).end();
    await provider.shutdown();
    assert.equal(exporter.spans.length, 1);
    assert.equal(exporter.baggage.length, 2);
    assert.deepEqual(exporter.tags.map((tag) => [tag.key, tag.value]), [["a", "1"], ["b", "2"]]);
    assert.equal(exporter.spans[0]?.label, "blue");
  });

  it("hand baggage on to children and the headers of calls", async () => {
    const { provider, tracer } = set();
    await tracer.withSpan("outer", { baggage: { tenant: "acme" } }, async () => {
      await Promise.resolve();
      const baggage = propagation.getBaggage(context.active());
      assert.equal(baggage?.getEntry("tenant")?.value, "acme");
    });
    assert.equal(propagation.getBaggage(context.active()), undefined);
    await provider.shutdown();
  });

  it("end once, and take statuses by name", async () => {
    const { exporter, provider, tracer } = set();
    const span = tracer.startSpan("x");
    span.setStatus("ERROR", "bad").end();
    span.end();
    assert.throws(() => span.setStatus("fine"), TracingError);
    await provider.shutdown();
    assert.equal(exporter.spans.length, 1);
    assert.equal(exporter.spans[0]?.status_code, 2);
    assert.equal(exporter.spans[0]?.status_message, "bad");
  });

  it("have events with dotted keys, at the time given", async () => {
    const { exporter, provider, tracer } = set();
    tracer.startSpan("x").addEvent("e", { a: { b: 1 } }, new Date(0)).end();
    await provider.shutdown();
    const [event] = exporter.spans[0]?.events ?? [];
    assert.equal(event?.timestamp, "1970-01-01T00:00:00.000000Z");
    assert.deepEqual(event?.attributes, [{ key: "a.b", value: 1 }]);
  });

  it("of one trace share the time at which this process saw it first", async () => {
    const { exporter, provider, tracer } = set();
    tracer.withSpan("outer", () => tracer.withSpan("inner", () => {}));
    await provider.shutdown();
    const [inner, outer] = [attributesOf(exporter, 0), attributesOf(exporter, 1)];
    assert.match(String(outer["scouter.tracing.start_time"]), /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.equal(inner["scouter.tracing.start_time"], outer["scouter.tracing.start_time"]);
  });
});

describe("profiles", () => {
  it("that are active win over the default, explicit ones over both", async () => {
    const { exporter, provider, tracer } = set({ defaultEntityUid: UID });
    tracer.startSpan("default").end();
    await withActiveProfile({ uid: OTHER }, async () => {
      await Promise.resolve();
      tracer.startSpan("active").end();
    });
    tracer.startSpan("explicit", { attributes: { "scouter.entity": OTHER } }).end();
    await provider.shutdown();
    assert.equal(attributesOf(exporter, 0)[`scouter.entity.${UID}`], UID);
    assert.equal(attributesOf(exporter, 1)[`scouter.entity.${OTHER}`], OTHER);
    assert.equal(attributesOf(exporter, 1)[`scouter.entity.${UID}`], undefined);
    assert.equal(attributesOf(exporter, 2)[`scouter.entity.${UID}`], undefined);
  });

  it("do not leave the process as baggage", () => {
    withActiveProfile(UID, () => {
      assert.equal(propagation.getBaggage(context.active()), undefined);
    });
  });

  it("and scenarios of the baggage stand on every span", async () => {
    const { exporter, provider, tracer } = set();
    const baggage = propagation.createBaggage({ "scouter.eval.scenario_id": { value: "case-7" } });
    context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () => {
      tracer.withSpan("a", () => tracer.startSpan("b").end());
    });
    await provider.shutdown();
    for (const at of [0, 1]) {
      assert.equal(attributesOf(exporter, at)["scouter.eval.scenario_id"], "case-7");
    }
  });
});

describe("times", () => {
  it("keep the order of what happened within a millisecond", async () => {
    const { exporter, provider, tracer } = set();
    tracer.withSpan("root", (root) => {
      for (let at = 0; at < 200; at++) tracer.startSpan(`child ${at}`).end();
      root.addEvent("last");
    });
    await provider.shutdown();
    const spans = [...exporter.spans];
    const root = spans.pop();
    assert.ok(root);
    const starts = spans.map((span) => span.start_time);
    assert.deepEqual(starts, [...starts].sort());
    // Milliseconds alone would leave a handful of different ones.
    assert.ok(new Set(starts).size > 20, `${new Set(starts).size} different times`);
    for (const span of spans) {
      assert.ok(root.start_time <= span.start_time && span.end_time <= root.end_time);
      assert.ok(span.start_time <= span.end_time);
    }
    const event = root.events[0]?.timestamp ?? "";
    assert.ok((starts.at(-1) ?? "") <= event && event <= root.end_time);
  });

  it("that are given are kept, and a span that was given its start never ends before it", async () => {
    const { exporter, provider, tracer } = set();
    const startTime = new Date("2026-01-05T10:00:00.250Z");
    tracer.startSpan("given", { startTime }).end(new Date("2026-01-05T10:00:01.000Z"));
    tracer.withSpan("root", () => {
      for (let at = 0; at < 50; at++) tracer.startSpan("now", { startTime: Date.now() }).end();
    });
    await provider.shutdown();
    const [given, ...rest] = exporter.spans;
    assert.equal(given?.start_time, "2026-01-05T10:00:00.250000Z");
    assert.equal(given?.end_time, "2026-01-05T10:00:01.000000Z");
    assert.equal(given?.duration_ms, 750);
    for (const span of rest) assert.ok(span.start_time <= span.end_time);
  });
});

describe("queue items", () => {
  it("get the trace id and leave an event", async () => {
    const inserted: object[] = [];
    const queue = {
      get: (alias: string) =>
        alias === "agent"
          ? { entityUid: UID, insert: (item: object) => inserted.push(item) }
          : undefined,
    };
    const { exporter, provider, tracer } = set({ queue });
    const record = new EvalRecord({ id: "order-7" });
    const span = tracer.startSpan("answer");
    assert.equal(span.addQueueItem("agent", record), true);
    assert.throws(() => span.addQueueItem("nobody", record), /alias "nobody"/);
    span.end();
    await provider.shutdown();
    assert.deepEqual(inserted, [record]);
    assert.equal(record.traceId, span.spanContext().traceId);
    const [event] = exporter.spans[0]?.events ?? [];
    assert.equal(event?.name, "scouter.queue.event");
    assert.deepEqual(event?.attributes, [
      { key: "scouter.queue.record", value: record.uid },
      { key: "entity", value: "Agent" },
      { key: "scouter.entity", value: UID },
    ]);
  });

  it("of spans that are not sampled stay where they are", () => {
    const { tracer } = set({ sampleRatio: 0 });
    assert.equal(tracer.startSpan("x").addQueueItem("agent", {}), false);
  });
});

describe("sampling", () => {
  function trace(n: number): string {
    return n.toString(16).padStart(8, "0").repeat(4);
  }

  it("records nothing at 0 and everything at 1", async () => {
    for (const [sampleRatio, count] of [[0, 0], [1, 5], [-3, 0], [7, 5]] as const) {
      const { exporter, provider, tracer } = set({ sampleRatio });
      for (let i = 0; i < 5; i++) tracer.startSpan("x").end();
      await provider.shutdown();
      assert.equal(exporter.spans.length, count);
    }
  });

  it("follows the caller's decision", async () => {
    const { exporter, provider, tracer } = set({ sampleRatio: 0 });
    const from = (flags: string) => ({
      headers: { traceparent: `00-${trace(1)}-${"b".repeat(16)}-${flags}` },
    });
    tracer.withSpan("sampled", from("01"), () => tracer.withSpan("child", () => {}));
    tracer.withSpan("not sampled", from("00"), () => tracer.withSpan("child", () => {}));
    await provider.shutdown();
    assert.deepEqual(exporter.spans.map((span) => span.span_name), ["child", "sampled"]);
  });

  it("gives each exporter its own share, as whole traces", async () => {
    const second = new TestSpanExporter({ sampleRatio: 0.25 });
    const { exporter, provider, tracer } = set({ exporter: second });
    for (let i = 0; i < 400; i++) tracer.withSpan("a", () => tracer.startSpan("b").end());
    await provider.shutdown();
    assert.equal(exporter.spans.length, 800);
    const traces = new Set(second.spans.map((span) => span.trace_id));
    assert.equal(second.spans.length, traces.size * 2);
    // Binomial(400, 1/4): mean 100, standard deviation 8.7; these bounds are seven of them away.
    assert.ok(traces.size > 40 && traces.size < 160, `${traces.size}`);
  });
});

describe("the provider", () => {
  it("finds a tracer again by name, version and schema", () => {
    const { provider } = set();
    assert.equal(provider.getTracer("a", "1"), provider.getTracer("a", "1"));
    assert.notEqual(provider.getTracer("a", "1"), provider.getTracer("a", "2"));
  });

  it("counts spans that end after its shutdown", async () => {
    const { provider, tracer } = set();
    const span = tracer.startSpan("late");
    await provider.shutdown();
    span.end();
    const expected: ProviderStats = {
      scouter: { exported: 0, failed: 0, dropped: 1, queued: 0 },
      exporter: null,
    };
    assert.deepEqual(provider.stats, expected);
  });

  it("prints spans as lines of JSON", async () => {
    const lines: string[] = [];
    const exporter = new StdoutSpanExporter({ write: (line) => lines.push(line) });
    const provider = new ScouterTracerProvider({ transport: null, exporter });
    provider.getTracer("t").startSpan("printed").end();
    await provider.shutdown();
    assert.equal(lines.length, 1);
    assert.equal(JSON.parse(lines[0] ?? "").span_name, "printed");
  });
});

describe("attributes at the start of a span", () => {
  it("that are undefined are left out, as instrumentations expect", async () => {
    const { exporter, provider, tracer } = set();
    tracer.startSpan("x", { attributes: { a: undefined, b: null, c: 1 } })
      .setAttributes({ d: undefined }).end();
    await provider.shutdown();
    const { "scouter.tracing.start_time": _, ...attributes } = attributesOf(exporter);
    assert.deepEqual(attributes, { b: "null", c: 1 });
  });
});
