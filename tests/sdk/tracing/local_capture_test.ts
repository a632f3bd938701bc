import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import {
  disableLocalCapture,
  drainLocalSpans,
  enableLocalCapture,
  getLocalSpansByTraceIds,
  initTracer,
  localCaptureStats,
  shutdownTracer,
  TestSpanExporter,
} from "../../../sdk/tracing/mod.ts";

describe("local capture", () => {
  afterEach(async () => {
    disableLocalCapture();
    await shutdownTracer();
  });

  it("keeps spans from Scouter and not from the second exporter", async () => {
    const scouter = new TestSpanExporter();
    const second = new TestSpanExporter();
    const tracer = initTracer({ transport: scouter, exporter: second });
    enableLocalCapture();
    tracer.withSpan("kept", () => {});
    assert.deepEqual(drainLocalSpans().map((span) => span.span_name), ["kept"]);
    assert.deepEqual(drainLocalSpans(), []);
    disableLocalCapture();
    tracer.withSpan("sent", () => {});
    await shutdownTracer();
    assert.deepEqual(scouter.spans.map((span) => span.span_name), ["sent"]);
    assert.deepEqual(second.spans.map((span) => span.span_name), ["kept", "sent"]);
  });

  it("works without any way out", () => {
    const tracer = initTracer({ transport: null });
    enableLocalCapture();
    tracer.withSpan("kept", () => {});
    assert.equal(drainLocalSpans().length, 1);
  });

  it("finds the spans of traces and leaves them, and finds nothing for bad ids", () => {
    const tracer = initTracer({ transport: null });
    enableLocalCapture();
    const id = tracer.withSpan("a", (span) => span.spanContext().traceId);
    tracer.withSpan("b", () => {});
    assert.deepEqual(getLocalSpansByTraceIds([id, "xyz"]).map((span) => span.span_name), ["a"]);
    assert.deepEqual(getLocalSpansByTraceIds(["xyz"]), []);
    assert.equal(drainLocalSpans().length, 2);
  });

  it("keeps no more than its cap, counts the rest, and starts empty again", () => {
    const tracer = initTracer({ transport: null });
    enableLocalCapture({ cap: 2 });
    for (let i = 0; i < 5; i++) tracer.withSpan(`s${i}`, () => {});
    assert.deepEqual(localCaptureStats(), { enabled: true, kept: 2, dropped: 3 });
    disableLocalCapture();
    enableLocalCapture();
    assert.deepEqual(localCaptureStats(), { enabled: true, kept: 0, dropped: 0 });
    assert.throws(() => {
      disableLocalCapture();
      enableLocalCapture({ cap: 0 });
    }, RangeError);
  });
});
