import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AgentProfile,
  MockTransport,
  ScouterQueue,
  TransportError,
} from "../../../sdk/queue/mod.ts";
import { EvalRecord, type MessageRecord } from "../../../sdk/records/mod.ts";
import {
  ScouterTracerProvider,
  TestSpanExporter,
  TransportSpanExporter,
} from "../../../sdk/tracing/mod.ts";

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
}

function spansOf(message: MessageRecord | undefined): WireSpan[] {
  assert.ok(message !== undefined && "request" in message);
  const resources = message.request.resourceSpans as readonly {
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
  return resources.flatMap((resource) => resource.scopeSpans.flatMap((scope) => [...scope.spans]));
}

describe("spans over a queue's transport", () => {
  it("are an OTLP/JSON export request in the envelope", async () => {
    const transport = new MockTransport();
    const provider = new ScouterTracerProvider({ serviceName: "shop", transport });
    const span = provider.getTracer("a").startSpan("checkout", { tags: { tenant: "acme" } });
    span.end();
    await provider.shutdown();
    assert.equal(transport.messages.length, 1);
    const [sent] = spansOf(transport.messages[0]);
    assert.equal(sent?.name, "checkout");
    assert.equal(sent?.traceId, span.spanContext().traceId);
    assert.equal(sent?.spanId, span.spanContext().spanId);
    assert.match(sent?.startTimeUnixNano ?? "", /^\d{19}$/);
    assert.deepEqual(
      sent?.attributes.find(({ key }) => key === "baggage.scouter.tracing.tag.tenant")?.value,
      { stringValue: "acme" },
    );
    assert.deepEqual(provider.stats.scouter, { exported: 1, failed: 0, dropped: 0, queued: 0 });
  });

  it("are sent again while the transport says so", async () => {
    let left = 2;
    const transport = new MockTransport({
      onSend: () => {
        if (left-- > 0) throw new TransportError("the broker is away", { retryAfterMs: 1 });
      },
    });
    const provider = new ScouterTracerProvider({ transport });
    provider.getTracer("a").startSpan("checkout").end();
    await provider.shutdown();
    assert.equal(transport.messages.length, 1);
    assert.equal(provider.stats.scouter?.exported, 1);
  });

  it("count as failed when the transport refuses them for good", async () => {
    const transport = new MockTransport({
      onSend: () => {
        throw new TransportError("no such topic", { retry: false });
      },
    });
    const provider = new ScouterTracerProvider({ transport });
    provider.getTracer("a").startSpan("checkout").end();
    await provider.shutdown();
    assert.deepEqual(provider.stats.scouter, { exported: 0, failed: 1, dropped: 0, queued: 0 });
  });

  it("go in parts when one message would be too long, each span once and in order", async () => {
    const transport = new MockTransport();
    const provider = new ScouterTracerProvider({
      transport: new TransportSpanExporter({ transport, maxMessageLength: 5_000 }),
    });
    const tracer = provider.getTracer("a");
    const names = Array.from({ length: 40 }, (_, at) => `span ${at}`);
    for (const name of names) {
      tracer.startSpan(name, { attributes: { text: "x".repeat(500) } }).end();
    }
    tracer.startSpan("huge", { attributes: { text: "x".repeat(9_000) } }).end();
    await provider.shutdown();
    const messages = transport.messages.map(spansOf);
    assert.ok(messages.length > 5);
    assert.deepEqual(messages.flat().map((span) => span.name), [...names, "huge"]);
    const alone = messages.find((spans) => spans.some((span) => span.name === "huge"));
    assert.equal(alone?.length, 1);
  });

  it("close the transport with the provider, unless a queue goes on using it", async () => {
    for (const closeTransport of [true, false]) {
      let closed = false;
      const transport = Object.assign(new MockTransport(), {
        close: () => {
          closed = true;
          return Promise.resolve();
        },
      });
      const provider = new ScouterTracerProvider({
        transport: new TransportSpanExporter({ transport, closeTransport }),
      });
      await provider.shutdown();
      assert.equal(closed, closeTransport);
    }
  });
});

describe("the queue of a tracer", () => {
  it("takes records of spans, which point at each other", async () => {
    const uid = "01890a5d-ac96-774b-bcce-b302099a8057";
    const profile: AgentProfile = {
      driftType: "Agent",
      uid,
      alias: null,
      config: { sampleRatio: 1 },
    };
    const transport = new MockTransport();
    const queue = await ScouterQueue.fromProfile({ support: profile }, { transport });
    const exporter = new TestSpanExporter();
    const provider = new ScouterTracerProvider({ transport: exporter, queue });
    const record = new EvalRecord({ context: { question: "where is it?" } });
    const span = provider.getTracer("a").startSpan("answer");
    span.insertQueueItem("support", record);
    assert.throws(() => span.insertQueueItem("nobody", record), /nobody/);
    span.end();
    await provider.shutdown();
    await queue.shutdown();

    assert.deepEqual(exporter.spans[0]?.events.map((event) => event.attributes), [[
      { key: "scouter.queue.record", value: record.uid },
      { key: "entity", value: "Agent" },
      { key: "scouter.entity", value: uid },
    ]]);
    const message = JSON.parse(JSON.stringify(transport.messages[0]));
    assert.equal(message.records[0].AgentEval.record.trace_id, span.spanContext().traceId);
  });
});
