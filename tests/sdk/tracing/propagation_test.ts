import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { context, propagation, trace } from "@opentelemetry/api";
import {
  extractSpanContext,
  getTracer,
  getTracingHeaders,
  instrument,
  parseTraceparent,
  parseTracestate,
  TestSpanExporter,
  TracingError,
  uninstrument,
} from "../../../sdk/tracing/mod.ts";

const TRACE = "12345678901234567890123456789012";
const SPAN = "1234567890123456";

// The cases of the W3C's own test suite for Trace Context, by what a service must make of each header.
describe("traceparent", () => {
  const valid: [string, string, number][] = [
    ["is read", `00-${TRACE}-${SPAN}-01`, 1],
    ["may be not sampled", `00-${TRACE}-${SPAN}-00`, 0],
    ["may have flags that this version does not know", `00-${TRACE}-${SPAN}-ff`, 1],
    ["may be of a later version", `cc-${TRACE}-${SPAN}-01`, 1],
    ["may be of a later version with more after it", `cc-${TRACE}-${SPAN}-01-what-ever`, 1],
    ["may be of a later version with nothing after its dash", `cc-${TRACE}-${SPAN}-01-`, 1],
    ["may have white space around it", ` \t00-${TRACE}-${SPAN}-01\t `, 1],
  ];
  for (const [what, header, flags] of valid) {
    it(what, () => {
      const parsed = parseTraceparent(header);
      assert.equal(parsed?.traceId, TRACE);
      assert.equal(parsed?.spanId, SPAN);
      assert.equal(parsed?.traceFlags, flags);
    });
  }
  const invalid: [string, string][] = [
    ["version ff", `ff-${TRACE}-${SPAN}-01`],
    ["version 00 with more after it", `00-${TRACE}-${SPAN}-01-`],
    ["version 00 with a future part", `00-${TRACE}-${SPAN}-01-xyz`],
    ["a later version with more but no dash", `cc-${TRACE}-${SPAN}-01.what-ever`],
    ["a version that is not hex", `.0-${TRACE}-${SPAN}-01`],
    ["a version of one digit", `0-${TRACE}-${SPAN}-01`],
    ["a version of three digits", `000-${TRACE}-${SPAN}-01`],
    ["a trace id of zeros", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["a trace id with other characters", `00-.${TRACE.slice(1)}-${SPAN}-01`],
    ["a trace id that is too short", `00-${TRACE.slice(1)}-${SPAN}-01`],
    ["a trace id that is too long", `00-${TRACE}3-${SPAN}-01`],
    ["a span id of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["a span id with other characters", `00-${TRACE}-.${SPAN.slice(1)}-01`],
    ["a span id that is too short", `00-${TRACE}-${SPAN.slice(1)}-01`],
    ["a span id that is too long", `00-${TRACE}-${SPAN}7-01`],
    ["flags with other characters", `00-${TRACE}-${SPAN}-.0`],
    ["flags of one digit", `00-${TRACE}-${SPAN}-1`],
    ["flags of three digits", `00-${TRACE}-${SPAN}-001`],
    ["upper case", `00-${"ABCDEF78901234567890123456789012"}-${SPAN}-01`],
    ["two of them joined", `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`],
    ["nothing", ""],
  ];
  for (const [what, header] of invalid) {
    it(`is ignored with ${what}`, () => {
      assert.equal(parseTraceparent(header), null);
    });
  }

  it("is found in any case and trusted only when there is one", () => {
    const header = `00-${TRACE}-${SPAN}-01`;
    assert.equal(extractSpanContext({ TrAcEpArEnT: header })?.traceId, TRACE);
    assert.equal(extractSpanContext(new Headers({ Traceparent: header }))?.traceId, TRACE);
    assert.equal(extractSpanContext({ trace_parent: header }), null);
    assert.equal(extractSpanContext({ traceparent: [header, header] }), null);
  });
});

describe("tracestate", () => {
  const members = (n: number) =>
    Array.from({ length: n }, (_, i) => `bar${String(i + 1).padStart(2, "0")}=${i + 1}`).join(",");
  const valid: [string, string, Record<string, string>][] = [
    ["is read in its order", "foo=1,bar=2", { foo: "1", bar: "2" }],
    ["may have empty members", "foo=1,", { foo: "1" }],
    ["may have spaces and tabs around members", "foo=1 \t , \t bar=2", { foo: "1", bar: "2" }],
    ["may have keys of all allowed characters", "abcdefghijklmnopqrstuvwxyz0123456789_-*/=1", {
      "abcdefghijklmnopqrstuvwxyz0123456789_-*/": "1",
    }],
    ["may have keys of 256 characters", `${"z".repeat(256)}=1`, { ["z".repeat(256)]: "1" }],
    ["may have keys of several tenants", `${"t".repeat(241)}@${"v".repeat(14)}=1`, {
      [`${"t".repeat(241)}@${"v".repeat(14)}`]: "1",
    }],
    ["may have values of 256 characters", `foo=${"v".repeat(256)}`, { foo: "v".repeat(256) }],
    ["may have 32 members", members(32), { bar01: "1", bar32: "32" }],
  ];
  for (const [what, header, expected] of valid) {
    it(what, () => {
      const state = parseTracestate(header);
      for (const [key, value] of Object.entries(expected)) assert.equal(state?.get(key), value);
    });
  }
  const invalid: [string, string][] = [
    ["a key with a space inside", "foo bar=1"],
    ["a key in upper case", "FOO=1"],
    ["a key with a dot", "foo.bar=1"],
    ["an empty key", "=1"],
    ["a key of 257 characters", `${"z".repeat(257)}=1`],
    ["a tenant of 242 characters", `${"t".repeat(242)}@v=1`],
    ["a vendor of 15 characters", `t@${"v".repeat(15)}=1`],
    ["an empty tenant", "@foo=1"],
    ["an empty vendor", "foo@=1"],
    ["two vendors", "foo@bar@baz=1"],
    ["no equals sign", "foo"],
    ["two equals signs", "foo=bar=baz"],
    ["a key twice", "foo=1,foo=2"],
    ["33 members", members(33)],
    ["a value of 257 characters", `foo=${"v".repeat(257)}`],
    ["an empty value", "foo="],
    ["one bad member among good ones", "foo=1,BAR=2"],
  ];
  for (const [what, header] of invalid) {
    it(`is discarded with ${what}`, () => assert.equal(parseTracestate(header), undefined));
  }

  it("does not matter without a valid traceparent, and harms none when it is bad", () => {
    assert.equal(extractSpanContext({ tracestate: "foo=1" }), null);
    const traceparent = `00-${TRACE}-${SPAN}-01`;
    const bad = extractSpanContext({ traceparent, tracestate: "FOO=1" });
    assert.deepEqual(bad, { traceId: TRACE, spanId: SPAN, isSampled: true });
    const two = extractSpanContext({ traceparent, tracestate: ["foo=1", "bar=2"] });
    assert.equal(two?.traceState, "foo=1,bar=2");
  });
});

describe("headers of older clients", () => {
  it("are read when there is no traceparent", () => {
    assert.deepEqual(extractSpanContext({ trace_id: TRACE, span_id: SPAN, is_sampled: "true" }), {
      traceId: TRACE,
      spanId: SPAN,
      isSampled: true,
    });
    assert.equal(extractSpanContext({ trace_id: TRACE, span_id: SPAN })?.isSampled, false);
    assert.equal(extractSpanContext({ trace_id: "xyz", span_id: SPAN }), null);
  });

  it("lose to traceparent", () => {
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-00`;
    const found = extractSpanContext({ traceparent, trace_id: TRACE, span_id: SPAN });
    assert.equal(found?.traceId, "a".repeat(32));
  });
});

describe("propagation", () => {
  let exporter: TestSpanExporter;
  beforeEach(() => {
    exporter = new TestSpanExporter();
    instrument({ serviceName: "test", transport: exporter });
  });
  afterEach(async () => {
    await uninstrument();
  });

  it("writes headers of the active span, with tracestate and baggage", () => {
    const tracer = getTracer("t");
    const headers = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: "vendor=value" };
    tracer.withSpan("call", { headers, baggage: { tenant: "ac me" } }, (span) => {
      const out = getTracingHeaders();
      assert.equal(out["traceparent"], `00-${TRACE}-${span.spanContext().spanId}-01`);
      assert.match(out["traceparent"] ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
      assert.equal(out["tracestate"], "vendor=value");
      assert.equal(out["baggage"], "tenant=ac%20me");
      assert.equal(out["trace_id"], TRACE);
      assert.equal(out["is_sampled"], "true");
    });
  });

  it("has no headers without an active span", () => {
    assert.throws(
      () => getTracingHeaders(),
      (error) => error instanceof TracingError && error.code === "no_active_span",
    );
  });

  it("lets headers win over the active span and over explicit ids", () => {
    const tracer = getTracer("t");
    tracer.withSpan("active", () => {
      const span = tracer.startSpan("child", {
        headers: { traceparent: `00-${TRACE}-${SPAN}-01` },
        parent: { traceId: "a".repeat(32), spanId: "b".repeat(16) },
      });
      assert.equal(span.spanContext().traceId, TRACE);
    });
  });

  it("takes what the global propagator of OpenTelemetry extracts, baggage too", () => {
    const ctx = propagation.extract(context.active(), {
      Traceparent: `00-${TRACE}-${SPAN}-01`,
      baggage: "tenant=acme;p=1, user = 7 ,bad,=x",
    });
    assert.equal(trace.getSpanContext(ctx)?.traceId, TRACE);
    const entries = propagation.getBaggage(ctx)?.getAllEntries() ?? [];
    assert.deepEqual(entries.map(([key, entry]) => [key, entry.value]), [
      ["tenant", "acme"],
      ["user", "7"],
    ]);
  });

  it("keeps the active span through timers, promises and event targets", async () => {
    const tracer = getTracer("t");
    await tracer.withSpan("outer", async (outer) => {
      const id = outer.spanContext().spanId;
      const active = () => trace.getSpan(context.active())?.spanContext().spanId;
      await Promise.resolve();
      assert.equal(active(), id);
      await new Promise<void>((done) =>
        setTimeout(() => {
          assert.equal(active(), id);
          done();
        }, 1)
      );
      await Promise.all([1, 2].map(async (n) => {
        await tracer.withSpan(`inner ${n}`, async (inner) => {
          await new Promise((done) => setTimeout(done, n));
          assert.equal(active(), inner.spanContext().spanId);
        });
      }));
      queueMicrotask(() => assert.equal(active(), id));
      assert.equal(active(), id);
    });
    assert.equal(trace.getSpan(context.active()), undefined);
  });
});
