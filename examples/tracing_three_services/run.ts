/**
 * One trace over three services: starts orchestrator, hello and goodbye as processes of their own, calls the
 * orchestrator once, reads the trace back from Scouter and prints it as a tree.
 *
 * Start a server first (`deno task serve`), then run this with any of
 *
 *     deno run -A examples/tracing_three_services/run.ts
 *     node examples/tracing_three_services/run.ts
 *     bun examples/tracing_three_services/run.ts
 *
 * `SCOUTER_SERVER_URI` names the server, `http://localhost:8000` by default; `OTEL_EXPORTER_OTLP_ENDPOINT` names its
 * door for traces, `http://localhost:4318` by default.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { getTracer, instrument, tracedFetch, uninstrument } from "../../sdk/tracing/mod.ts";
import { renderTree, type TreeSpan } from "./tree.ts";

const SERVER = process.env["SCOUTER_SERVER_URI"] ?? "http://localhost:8000";
const SPANS = 10;

interface Service {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Starts a service with the runtime that runs this file. */
async function start(name: string, ...args: string[]): Promise<Service> {
  const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const runtime = "Deno" in globalThis ? ["run", "-A", "--quiet"] : [];
  const child = spawn(process.execPath, [...runtime, file, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  for await (const chunk of child.stdout) {
    output += chunk;
    const url = /listening on (http:\S+)\n/.exec(output)?.[1];
    if (url !== undefined) return { child, url };
  }
  throw new Error(`${name} ended before it listened`);
}

/** Ends a service; it sends its last spans before it goes. */
function stop({ child }: Service): Promise<void> {
  return new Promise((done) => {
    child.once("exit", () => done());
    child.kill("SIGTERM");
  });
}

async function visit(): Promise<{ text: string; traceId: string }> {
  const services: Service[] = [];
  instrument({ serviceName: "visitor" });
  try {
    const hello = await start("hello");
    services.push(hello);
    const goodbye = await start("goodbye");
    services.push(goodbye);
    const orchestrator = await start("orchestrator", hello.url, goodbye.url);
    services.push(orchestrator);
    return await getTracer("visitor").withSpan("visitor", async (span) => {
      const response = await tracedFetch()(`${orchestrator.url}/visit?name=Ada`);
      return { text: await response.text(), traceId: span.spanContext().traceId };
    });
  } finally {
    await Promise.all(services.map(stop));
    await uninstrument();
  }
}

async function readTrace(traceId: string): Promise<TreeSpan[]> {
  const response = await fetch(`${SERVER}/scouter/v1/traces/${traceId}/spans`);
  if (!response.ok) {
    throw new Error(`${SERVER} answered ${response.status}; is the server running?`);
  }
  return (await response.json()).spans;
}

const { text, traceId } = await visit();
const spans = await readTrace(traceId);
console.log(text);
console.log(`trace ${traceId}, ${spans.length} spans\n`);
console.log(renderTree(spans));
if (spans.length !== SPANS) {
  console.error(`expected ${SPANS} spans`);
  process.exitCode = 1;
}
