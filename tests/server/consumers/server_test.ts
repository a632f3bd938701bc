/** The real server in its own process behind real brokers: what is sent is read back, once, whatever is killed between. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { type BrokerKind, startBroker, type TestBroker } from "../../support/brokers.ts";
import { type OneWayProxy, startOneWayProxy } from "../../support/one_way_proxy.ts";
import { freePorts, type ServerProcess, startServerProcess } from "../../support/server_process.ts";
import { connectKafka, kafkaEnv } from "./clients/kafka.ts";
import { connectRabbitMq, rabbitmqEnv } from "./clients/rabbitmq.ts";
import { connectRedis, redisEnv } from "./clients/redis.ts";
import { type BrokerClient, until } from "./world.ts";

const PLACE = "scouter_monitoring";
const SPANS_PER_TRACE = 3;
/** Patience with machines that do other things too: a first start makes a database. */
const READY_TIMEOUT_MS = 240_000;

interface Case {
  readonly kind: BrokerKind;
  readonly source: string;
  env(uri: string, place: string): Record<string, string>;
  connect(uri: string, place: string): Promise<BrokerClient>;
}

const CASES: readonly Case[] = [
  { kind: "redis", source: "redis_stream", env: redisEnv, connect: connectRedis },
  { kind: "rabbitmq", source: "rabbitmq", env: rabbitmqEnv, connect: connectRabbitMq },
  { kind: "kafka", source: "kafka", env: kafkaEnv, connect: connectKafka },
];

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
/** All tests share one data directory, so their traces must differ. */
let run = "";
const traceId = (trace: number) => `${run}${hex(trace, 8)}`;
const spanId = (trace: number, span: number) => hex(trace * SPANS_PER_TRACE + span + 1, 16);
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

function traceMessage(trace: number): string {
  const startMs = Date.now() - 60_000;
  const spans = numbers(0, SPANS_PER_TRACE).map((span) => ({
    traceId: traceId(trace),
    spanId: spanId(trace, span),
    parentSpanId: span === 0 ? "" : spanId(trace, 0),
    name: `step ${span}`,
    kind: 2,
    startTimeUnixNano: `${startMs + span}000000`,
    endTimeUnixNano: `${startMs + 50}000000`,
  }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  return JSON.stringify({
    request: { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "t" }, spans }] }] },
  });
}

function tagMessage(trace: number): string {
  const tag = { entity_type: "trace", entity_id: traceId(trace), key: "env", value: "prod" };
  return JSON.stringify(tag);
}

async function metric(server: ServerProcess, series: string): Promise<number> {
  const text = await (await fetch(`${server.httpUrl}/metrics`)).text();
  const line = text.split("\n").find((line) => line.startsWith(series));
  return line === undefined ? 0 : Number(line.split(" ").at(-1));
}

async function json(server: ServerProcess, path: string): Promise<Record<string, unknown>> {
  const answer: unknown = await (await fetch(`${server.httpUrl}${path}`)).json();
  assert.ok(typeof answer === "object" && answer !== null);
  return { ...answer };
}

async function checks(server: ServerProcess): Promise<Record<string, string>> {
  const answer = await (await fetch(`${server.httpUrl}/health/ready`)).json();
  assert.equal(answer.ready, true, JSON.stringify(answer));
  return answer.checks;
}

/** Every trace has every span, each once. */
async function assertTraces(server: ServerProcess, count: number): Promise<void> {
  for (const trace of numbers(0, count)) {
    const { spans } = await json(server, `/scouter/v1/traces/${traceId(trace)}/spans`);
    assert.ok(Array.isArray(spans));
    assert.deepEqual(
      spans.map((span: { span_id: string }) => span.span_id).sort(),
      numbers(0, SPANS_PER_TRACE).map((span) => spanId(trace, span)),
      `trace ${trace}`,
    );
  }
}

let dataDir = "";
before(async () => void (dataDir = await mkdtemp(join(tmpdir(), "scouter-consumers-"))));
after(() => rm(dataDir, { recursive: true, force: true }));
beforeEach(() => void (run = crypto.randomUUID().replaceAll("-", "").slice(0, 24)));

for (const { kind, source, env, connect } of CASES) {
  describe(`a server behind ${kind}`, () => {
    let broker: TestBroker | { readonly unavailable: string };
    before(async () => void (broker = await startBroker(kind)));
    after(async () => {
      if ("uri" in broker) await broker[Symbol.asyncDispose]();
    });

    it("stores everything once although it was killed between storing and acknowledging", async (t) => {
      if ("unavailable" in broker) return t.skip(broker.unavailable.slice(0, 200));
      const { uri } = broker;
      // Kafka names its own address to clients, so they cannot be led through a proxy.
      let proxy: OneWayProxy | null = null;
      if (kind !== "kafka") proxy = await startOneWayProxy(Number(new URL(uri).port));
      const place = `${PLACE}_killed`;
      const start = () => {
        let address = uri;
        if (proxy !== null) {
          const through = new URL(uri);
          through.port = String(proxy.port);
          address = through.href;
        }
        return startServerProcess({
          dataDir,
          env: env(address, place),
          readyTimeoutMs: READY_TIMEOUT_MS,
        });
      };
      const accepted = (server: ServerProcess) =>
        metric(server, `scouter_broker_accepted_total{source="${source}"`);
      try {
        await using client = await connect(uri, place);
        await client.send(numbers(0, 20).map(traceMessage));
        let traces = 20;
        {
          await using server = await start();
          await until("the first traces", async () => await accepted(server) >= 20);
          // Acknowledged, so that only what comes now is delivered again.
          await new Promise((wake) => setTimeout(wake, 500));
          proxy?.mute();
          await client.send(numbers(20, 30).map(traceMessage));
          traces = 30;
          await until("more traces", async () => await accepted(server) > 20);
          if (proxy !== null) {
            await until("all of them", async () => await accepted(server) >= 30);
          }
          await server.stop("SIGKILL");
          proxy?.reset();
        }
        await using server = await start();
        await client.send(numbers(30, 32).map(traceMessage));
        traces = 32;
        await client.send([tagMessage(0)]);
        await until(
          "what was not acknowledged",
          async () => await metric(server, "scouter_broker_accepted_total{") >= (proxy ? 13 : 3),
        );
        await until("the last trace", async () => {
          const { spans } = await json(server, `/scouter/v1/traces/${traceId(31)}/spans`);
          return Array.isArray(spans) && spans.length === SPANS_PER_TRACE;
        });
        const again = await metric(server, "scouter_spans_deduplicated_total");
        // Kafka is committed to some times a second, so how much comes again is not known.
        if (proxy !== null) assert.equal(again, 10 * SPANS_PER_TRACE);
        await assertTraces(server, traces);
        const search = await fetch(`${server.httpUrl}/scouter/tags/entity`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ entity_type: "trace", tags: [{ key: "env", value: "prod" }] }),
        });
        assert.ok((await search.json()).entity_id.includes(traceId(0)), "the tag");
        await server.stop("SIGTERM");
        assert.equal(await client.waiting(), 0);
      } finally {
        await proxy?.[Symbol.asyncDispose]();
      }
    });
  });
}

describe("a server whose brokers cannot be reached", () => {
  it("serves, says what is wrong with them, and keeps their passwords to itself", async () => {
    const [rabbit, redis, kafka] = await freePorts(3);
    await using server = await startServerProcess({
      dataDir,
      readyTimeoutMs: READY_TIMEOUT_MS,
      env: {
        LOG_LEVEL: "trace",
        RABBITMQ_ADDR: `amqp://scouter:hunter2@127.0.0.1:${rabbit}/`,
        REDIS_ADDR: `redis://scouter:hunter2@127.0.0.1:${redis}`,
        KAFKA_BROKERS: `127.0.0.1:${kafka}`,
        KAFKA_USERNAME: "scouter",
        KAFKA_PASSWORD: "hunter2",
        KAFKA_SECURITY_PROTOCOL: "sasl_plaintext",
      },
    });
    const sources = ["kafka", "rabbitmq", "redis_stream", "redis_pubsub"];
    for (const source of sources) {
      const series = `scouter_broker_disconnects_total{source="${source}"`;
      await until(`a failure of ${source}`, async () => await metric(server, series) >= 2);
    }
    const found = await checks(server);
    for (const source of sources) assert.match(found[source] ?? "", /ECONNREFUSED/, source);
    const sent = await fetch(`${server.otlpHttpUrl}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(JSON.parse(traceMessage(900)).request),
    });
    assert.equal(sent.status, 200);
    await sent.body?.cancel();
    await server.stop("SIGTERM");
    const shown = `${server.output()}${JSON.stringify(found)}`;
    assert.ok(shown.includes("No messages from"), "the log says nothing of the brokers");
    assert.ok(!shown.includes("hunter2"));
  });
});
