/**
 * Tracing in the SDK: what a span costs the program that makes it, against the official OpenTelemetry SDK alone in the same
 * run, and how fast spans get out, to a server that stores them and to one that throws them away.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { context, ROOT_CONTEXT, type Tracer } from "@opentelemetry/api";
import { ExportResultCode } from "@opentelemetry/core";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { GrpcSpanExporter } from "../sdk/tracing/grpc/mod.ts";
import {
  HttpSpanExporter,
  type ScouterExporter,
  ScouterTracerProvider,
} from "../sdk/tracing/mod.ts";
import { startServerProcess } from "../tests/support/server_process.ts";
import type { Figures } from "./lib/results.ts";
import { percentile, round3 } from "./lib/stats.ts";

const BATCH = { maxQueueSize: 2_048, maxExportBatchSize: 512, scheduledDelayMs: 5_000 };
const DISCARD: SpanExporter = {
  export: (_, done) => done({ code: ExportResultCode.SUCCESS }),
  shutdown: () => Promise.resolve(),
};
const DISCARD_SERVER = fileURLToPath(new URL("./lib/discard_server.ts", import.meta.url));

const attributes = (at: number) => ({
  "http.request.method": "GET",
  "http.route": "/orders/{id}",
  "http.response.status_code": 200,
  "app.order": at,
  "app.cached": (at & 1) === 0,
});

const turn = () => new Promise<void>((done) => setImmediate(done));

/** CPU nanoseconds a span of this process, every thread, for the way a tracer is mostly used. */
async function cpuOf(tracer: Tracer, spans: number, set: boolean): Promise<number> {
  const before = process.cpuUsage();
  for (let at = 0; at < spans;) {
    // A batch at a time, so that exports run between and nothing is dropped.
    for (const end = at + BATCH.maxExportBatchSize; at < end; at++) {
      if (set) {
        const span = tracer.startSpan("operation", {}, ROOT_CONTEXT);
        for (const [key, value] of Object.entries(attributes(at))) span.setAttribute(key, value);
        span.end();
      } else tracer.startSpan("operation", { attributes: attributes(at) }, ROOT_CONTEXT).end();
    }
    await turn();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1e3 / spans;
}

/** Both in turns, many short rounds: a busy machine disturbs both alike. */
async function benchCost(spans: number): Promise<Figures> {
  const official = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "bench" }),
    spanProcessors: [new BatchSpanProcessor({ exporter: DISCARD, ...BATCH })],
  });
  const ours = new ScouterTracerProvider({
    serviceName: "bench",
    transport: DISCARD,
    batch: BATCH,
  });
  const tracers: [string, Tracer][] = [
    ["official", official.getTracer("bench")],
    ["scouter", ours.getTracer("bench")],
  ];
  const figures: Figures = {};
  const rounds = 15;
  const perRound = Math.ceil(spans / rounds / BATCH.maxExportBatchSize) * BATCH.maxExportBatchSize;
  for (const [what, set] of [["start", false], ["set", true]] as const) {
    const samples = new Map<string, number[]>(tracers.map(([name]) => [name, []]));
    const ratios: number[] = [];
    for (let round = -2; round < rounds; round++) {
      const costs: number[] = [];
      for (const [name, tracer] of tracers) {
        const cost = await cpuOf(tracer, perRound, set);
        costs.push(cost);
        if (round >= 0) samples.get(name)?.push(cost);
      }
      const [base = NaN, own = NaN] = costs;
      if (round >= 0) ratios.push(own / base);
    }
    for (const [name, values] of samples) {
      figures[`${what}_${name}_cpu_ns_per_span`] = round3(percentile(values, 0.5));
    }
    figures[`${what}_ratio`] = round3(percentile(ratios, 0.5));
  }
  const { exported = 0, dropped = 0, queued = 0 } = ours.stats.scouter ?? {};
  if (dropped > 0) throw new Error(`${dropped} spans were dropped: the figures are wrong`);
  await ours.shutdown();
  await official.shutdown();
  figures["spans_measured"] = exported + queued;
  return figures;
}

/** Spans a second from the first start to the last answer, with their exporter's own batching. */
async function throughput(transport: ScouterExporter, spans: number): Promise<Figures> {
  const provider = new ScouterTracerProvider({ serviceName: "bench", transport, batch: BATCH });
  const tracer = provider.getTracer("bench");
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  for (let at = 0; at < spans;) {
    for (const end = Math.min(spans, at + BATCH.maxExportBatchSize); at < end; at++) {
      tracer.startSpan("operation", { attributes: attributes(at) }, ROOT_CONTEXT).end();
    }
    // Asleep and not in turns, which would count as the cost of sending.
    while ((provider.stats.scouter?.queued ?? 0) > BATCH.maxQueueSize / 2) {
      await new Promise((done) => setTimeout(done, 1));
    }
  }
  await provider.shutdown();
  const seconds = (performance.now() - startMs) / 1e3;
  const { user, system } = process.cpuUsage(cpuBefore);
  const { exported = 0 } = provider.stats.scouter ?? {};
  if (exported !== spans) throw new Error(`${exported} of ${spans} spans were exported`);
  return {
    spans_per_second: Math.round(spans / seconds),
    client_cpu_us_per_span: round3((user + system) / spans),
  };
}

async function startDiscardServer(): Promise<{ child: ChildProcess; http: string; grpc: string }> {
  const child = spawn(process.execPath, ["run", "-A", "--quiet", DISCARD_SERVER], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const chunk of child.stdout) {
    const [http, grpc] = String(chunk).trim().split(" ");
    return { child, http: `http://127.0.0.1:${http}`, grpc: `http://127.0.0.1:${grpc}` };
  }
  throw new Error("the discard server ended before it listened");
}

/**
 * Measures.
 *
 * @param spans How many spans are made for the costs; a tenth of them is exported over each way
 */
export async function benchTracing(spans: number): Promise<Figures> {
  const figures = await benchCost(spans);
  const add = (name: string, part: Figures) => {
    for (const [figure, value] of Object.entries(part)) figures[`${name}_${figure}`] = value;
  };
  const exported = Math.ceil(spans / 10);
  const ways = async (name: string, http: string, grpc: string) => {
    // The first export of a way loads and connects.
    await throughput(new HttpSpanExporter({ endpoint: http }), 5_120);
    add(`${name}_http`, await throughput(new HttpSpanExporter({ endpoint: http }), exported));
    await throughput(new GrpcSpanExporter({ endpoint: grpc }), 5_120);
    add(`${name}_grpc`, await throughput(new GrpcSpanExporter({ endpoint: grpc }), exported));
  };
  const discard = await startDiscardServer();
  try {
    await ways("discard", discard.http, discard.grpc);
  } finally {
    discard.child.kill();
  }
  const server = await startServerProcess({ readyTimeoutMs: 240_000 });
  try {
    await ways("server", server.otlpHttpUrl, `http://127.0.0.1:${server.otlpGrpcPort}`);
  } finally {
    await server[Symbol.asyncDispose]();
  }
  context.disable();
  return figures;
}

if (import.meta.main) console.log(await benchTracing(Number(process.argv[2] ?? 300_000)));
