import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { trace } from "@opentelemetry/api";
import {
  flushTracer,
  getTracer,
  initTracer,
  instrument,
  ScouterInstrumentor,
  ScouterTracerProvider,
  shutdownTracer,
  TestSpanExporter,
  TracingError,
  uninstrument,
} from "../../../sdk/tracing/mod.ts";

function isCode(code: string) {
  return (error: unknown) => error instanceof TracingError && error.code === code;
}

describe("instrument", () => {
  afterEach(async () => {
    await uninstrument();
  });

  it("takes spans of every OpenTelemetry tracer of the process", async () => {
    const exporter = new TestSpanExporter();
    instrument({ serviceName: "shop", transport: exporter });
    const tracer = trace.getTracer("some-library", "4.2.0");
    tracer.startActiveSpan("outer", (outer) => {
      tracer.startSpan("inner").end();
      outer.end();
    });
    await flushTracer();
    assert.deepEqual(exporter.spans.map((span) => span.span_name), ["inner", "outer"]);
    const [inner, outer] = exporter.spans;
    assert.equal(inner?.parent_span_id, outer?.span_id);
    assert.equal(inner?.trace_id, outer?.trace_id);
    assert.equal(outer?.parent_span_id, null);
    assert.equal(outer?.service_name, "shop");
    assert.equal(outer?.scope_name, "some-library");
    assert.equal(outer?.scope_version, "4.2.0");
  });

  it("sends what has ended when it is undone, and can be done again", async () => {
    const first = new TestSpanExporter();
    instrument({ transport: first });
    getTracer("a").startSpan("before").end();
    await uninstrument();
    assert.deepEqual(first.spans.map((span) => span.span_name), ["before"]);
    assert.equal(new ScouterInstrumentor().isInstrumented, false);
    assert.throws(() => getTracer("a"), isCode("not_initialised"));
    trace.getTracer("a").startSpan("between").end();

    const second = new TestSpanExporter();
    instrument({ transport: second });
    trace.getTracer("a").startSpan("after").end();
    await flushTracer();
    assert.deepEqual(second.spans.map((span) => span.span_name), ["after"]);
    assert.equal(first.spans.length, 1);
  });

  it("is one for the process, and a second call changes nothing", async () => {
    const first = new TestSpanExporter();
    const second = new TestSpanExporter();
    const instrumentor = instrument({ transport: first });
    assert.equal(new ScouterInstrumentor(), instrumentor);
    assert.equal(instrument({ transport: second }), instrumentor);
    getTracer("a").startSpan("one").end();
    await flushTracer();
    assert.equal(first.spans.length, 1);
    assert.equal(second.spans.length, 0);
  });

  it("switches instrumentations on with itself and off with itself, again and again", async () => {
    const exporter = new TestSpanExporter();
    const calls: string[] = [];
    let from: { getTracer(name: string): { startSpan(name: string): { end(): void } } } | undefined;
    const instrumentation = {
      setTracerProvider: (provider: typeof from) => {
        from = provider;
      },
      enable: () => calls.push("on"),
      disable: () => calls.push("off"),
    };
    for (const name of ["first", "second"]) {
      instrument({ transport: exporter, instrumentations: [instrumentation] });
      from?.getTracer("library").startSpan(name).end();
      await uninstrument();
    }
    assert.deepEqual(calls, ["on", "off", "on", "off"]);
    assert.deepEqual(exporter.spans.map((span) => span.span_name), ["first", "second"]);
  });

  it("takes a provider that was made before", async () => {
    const exporter = new TestSpanExporter();
    const provider = new ScouterTracerProvider({ serviceName: "mine", transport: exporter });
    assert.equal(instrument({ provider }).provider, provider);
    trace.getTracer("a").startSpan("one").end();
    await uninstrument();
    assert.deepEqual(exporter.spans.map((span) => span.service_name), ["mine"]);
  });

  it("refuses to push another global provider aside", () => {
    trace.setGlobalTracerProvider({ getTracer: (name) => trace.getTracer(name) });
    try {
      assert.throws(() => instrument({ transport: null }), isCode("provider_taken"));
      assert.throws(() => getTracer("a"), isCode("not_initialised"));
    } finally {
      trace.disable();
    }
  });

  it("makes a service.name among the attributes the service of the resource", async () => {
    const exporter = new TestSpanExporter();
    instrument({
      transport: exporter,
      attributes: { "service.name": "billing", "service.version": "7", region: "eu" },
    });
    getTracer("a").startSpan("one").end();
    await flushTracer();
    const [span] = exporter.spans;
    assert.equal(span?.service_name, "billing");
    const keys = span?.attributes.map((attribute) => attribute.key) ?? [];
    assert.ok(keys.includes("region"));
    assert.ok(!keys.includes("service.name"));
    assert.ok(
      span?.resource_attributes.some((entry) =>
        entry.key === "service.version" && entry.value === "7"
      ),
    );
    assert.ok(span?.resource_attributes.some((entry) => entry.key === "scouter.scope"));
  });

  it("lets the attributes of a span win over default attributes, each key once", async () => {
    const exporter = new TestSpanExporter();
    instrument({ transport: exporter, attributes: { region: "eu", tier: 1 } });
    getTracer("a").startSpan("one", { attributes: { region: "us" } }).end();
    await flushTracer();
    const attributes = exporter.spans[0]?.attributes ?? [];
    assert.deepEqual(attributes.filter((entry) => entry.key === "region"), [
      { key: "region", value: "us" },
    ]);
    assert.deepEqual(attributes.filter((entry) => entry.key === "tier"), [
      { key: "tier", value: 1 },
    ]);
  });
});

describe("initTracer", () => {
  afterEach(async () => {
    await shutdownTracer();
  });

  it("gives each service its own resource and shares the way out", async () => {
    const exporter = new TestSpanExporter();
    const shop = initTracer({ serviceName: "shop", transport: exporter });
    const mail = initTracer({ serviceName: "mail" });
    shop.withSpan("order", () => mail.withSpan("send", () => {}));
    await flushTracer();
    assert.deepEqual(
      exporter.spans.map((span) => [span.span_name, span.service_name]),
      [["send", "mail"], ["order", "shop"]],
    );
    assert.equal(exporter.spans[0]?.parent_span_id, exporter.spans[1]?.span_id);
  });

  it("names the service scouter_service when nothing else does", async () => {
    const exporter = new TestSpanExporter();
    initTracer({ transport: exporter }).startSpan("one").end();
    await flushTracer();
    assert.equal(exporter.spans[0]?.service_name, "scouter_service");
  });
});
