/**
 * What `queue.insert` costs its caller, for features of ten values into a profile for PSI: time of single inserts, and
 * memory over ten million of them. `deno run -A bench/queue.ts --python PYTHON` measures the reference's wheel beside it.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createPsiProfile } from "../sdk/drift/mod.ts";
import { ScouterQueue, type Transport } from "../sdk/queue/mod.ts";
import { features } from "../sdk/records/mod.ts";
import type { Figures } from "./lib/results.ts";

const VALUES = 10;
/** Distinct records, so that no insert meets the values of the one before. */
const RECORDS = 1_024;
/** Inserts between two turns of the event loop, in which batches are sent. */
const BURST = 2_000;
const SAMPLES = 400_000;

interface Measured {
  readonly inserts: number;
  /** All of the work, batches and sending too. */
  readonly mean_cpu_ns: number;
  readonly p50_ns: number;
  readonly p99_ns: number;
  readonly p999_ns: number;
  readonly max_us: number;
  readonly timer_ns: number;
  readonly build_and_insert_cpu_ns: number;
  readonly heap_growth_bytes_per_insert: number;
  readonly heap_mb: number;
  readonly dropped: number;
}

/** Repeatable values within [0, 1) (xorshift32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const NAMES = Array.from({ length: VALUES }, (_, i) => `feature_${i}`);

function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

/** The runtime's garbage collection; there with `--expose-gc`. */
function collectGarbage(): void {
  const gc: unknown = Reflect.get(globalThis, "gc");
  if (typeof gc === "function") gc();
}

/** CPU time of work that is done `count` times, every thread. */
async function cpuNs(count: number, work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) * 1e3 / count);
}

async function measure(inserts: number): Promise<Measured> {
  const random = numbers(42);
  const column = () => Float64Array.from({ length: 10_000 }, random);
  const profile = createPsiProfile(Object.fromEntries(NAMES.map((name) => [name, column()])));
  const values = () => Object.fromEntries(NAMES.map((name) => [name, random()]));
  const plain = Array.from({ length: RECORDS }, values);
  const records = plain.map((value) => features(value));
  const sink: Transport = { name: "sink", send: () => Promise.resolve() };
  const scouter = await ScouterQueue.fromProfile({ model: profile }, { transport: sink });
  const queue = scouter.get("model");
  const at = <T>(list: readonly T[], i: number) => list[i % RECORDS] as T;

  const run = async (count: number) => {
    for (let i = 0; i < count;) {
      for (const end = Math.min(count, i + BURST); i < end; i++) queue.insert(at(records, i));
      await setImmediate();
    }
  };
  await run(Math.min(inserts, 500_000));

  collectGarbage();
  const heapBefore = process.memoryUsage().heapUsed;
  const mean_cpu_ns = await cpuNs(inserts, () => run(inserts));
  collectGarbage();
  const { heapUsed } = process.memoryUsage();

  const timer = new Float64Array(SAMPLES);
  for (let i = 0; i < SAMPLES; i++) {
    const start = performance.now();
    timer[i] = performance.now() - start;
  }
  timer.sort();
  const overhead = quantile(timer, 0.5);
  const samples = new Float64Array(SAMPLES);
  for (let i = 0; i < SAMPLES;) {
    for (const end = Math.min(SAMPLES, i + BURST); i < end; i++) {
      const record = at(records, i);
      const start = performance.now();
      queue.insert(record);
      samples[i] = performance.now() - start - overhead;
    }
    await setImmediate();
  }
  samples.sort();

  const builds = Math.min(inserts, 1_000_000);
  const build_and_insert_cpu_ns = await cpuNs(builds, async () => {
    for (let i = 0; i < builds;) {
      for (const end = Math.min(builds, i + BURST); i < end; i++) {
        queue.insert(features(at(plain, i)));
      }
      await setImmediate();
    }
  });
  const { stats } = await scouter.shutdown();
  const ns = (ms: number) => Math.round(ms * 1e6);
  return {
    inserts,
    mean_cpu_ns,
    p50_ns: ns(quantile(samples, 0.5)),
    p99_ns: ns(quantile(samples, 0.99)),
    p999_ns: ns(quantile(samples, 0.999)),
    max_us: Math.round((samples.at(-1) ?? NaN) * 1e3),
    timer_ns: ns(overhead),
    build_and_insert_cpu_ns,
    heap_growth_bytes_per_insert: Math.round((heapUsed - heapBefore) / inserts * 1e4) / 1e4,
    heap_mb: Math.round(heapUsed / 1e5) / 10,
    dropped: stats.model?.dropped ?? NaN,
  };
}

/** Measures in a process of its own, whose heap holds nothing else. */
export function benchQueue(inserts: number): Promise<Figures> {
  const script = fileURLToPath(import.meta.url);
  const args = [
    "run",
    "-A",
    "--quiet",
    "--v8-flags=--expose-gc",
    script,
    "--inserts",
    String(inserts),
  ];
  const done = spawnSync(process.execPath, [...args, "--json"], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${script} failed: ${done.stderr}`);
  const figures: Figures = JSON.parse(done.stdout);
  return Promise.resolve(figures);
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      inserts: { type: "string", default: "10000000" },
      python: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const inserts = Number(values.inserts);
  if (values.json) {
    console.log(JSON.stringify(await measure(inserts)));
  } else {
    const ours = await benchQueue(inserts);
    console.log(ours);
    if (values.python !== undefined) {
      const script = fileURLToPath(new URL("queue_peer.py", import.meta.url));
      const done = spawnSync(values.python, [script, "1000000"], { encoding: "utf8" });
      if (done.status !== 0) throw new Error(`${values.python} ${script} failed: ${done.stderr}`);
      console.log("reference", JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "{}"));
    }
  }
}
