/**
 * Runs the benchmarks: `deno task bench [--tier 0|1] [--only NAME] [--out FILE]`. Tier 0 is quick enough for every
 * change; tier 1 makes the figures that the documentation quotes.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { benchDrift } from "./drift.ts";
import { benchDedup } from "./dedup.ts";
import { benchEvaluate } from "./evaluate.ts";
import { benchIngest } from "./ingest.ts";
import { calibrationMs } from "./lib/calibration.ts";
import { type BenchRun, type Figures, machine, writeRun } from "./lib/results.ts";
import { round3 } from "./lib/stats.ts";
import { benchOverload } from "./overload.ts";
import { benchQueries } from "./queries.ts";
import { benchTracing } from "./tracing.ts";
import { benchQueue } from "./queue.ts";
import { benchSdkImport } from "./sdk_import.ts";
import { benchUi } from "./ui.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    tier: { type: "string", default: "0" },
    only: { type: "string" },
    out: { type: "string" },
  },
});
const tier = Number(values.tier);
if (tier !== 0 && tier !== 1) {
  console.error(`--tier must be 0 or 1, got "${values.tier}"`);
  Deno.exit(2);
}
const quick = tier === 0;
const spans = quick ? 131_072 : 1_048_576;

const suite: Record<string, () => Promise<Figures>> = {
  ingest_plain_gzip: () => benchIngest({ shape: "plain", gzip: true, spans }),
  ...(!quick && {
    ingest_plain: () => benchIngest({ shape: "plain", gzip: false, spans }),
    ingest_genai: () => benchIngest({ shape: "genai", gzip: false, spans: spans / 4 }),
  }),
  ingest_genai_gzip: () => benchIngest({ shape: "genai", gzip: true, spans: spans / 4 }),
  dedup: () => benchDedup(),
  queries: () => benchQueries(spans),
  ui: () => benchUi(spans, quick ? 5 : 15),
  drift: () => benchDrift(quick ? 100_000 : 1_000_000),
  queue: () => benchQueue(quick ? 1_000_000 : 10_000_000),
  evaluate: () => benchEvaluate(quick ? 20_000 : 100_000),
  sdk_import: () => benchSdkImport(quick ? 5 : 21),
  tracing: () => benchTracing(quick ? 150_000 : 1_500_000),
  ...(!quick && { overload: () => benchOverload(300) }),
};

const benches: Record<string, Figures> = {};
const calibration = calibrationMs();
console.log(`calibration: ${round3(calibration)} CPU ms`);
for (const [name, bench] of Object.entries(suite)) {
  if (values.only !== undefined && !name.includes(values.only)) continue;
  const started = performance.now();
  const figures = await bench();
  benches[name] = figures;
  console.log(`${name} (${Math.round((performance.now() - started) / 1000)} s)`);
  for (const [figure, value] of Object.entries(figures)) console.log(`  ${figure}: ${value}`);
}
if (Object.keys(benches).length === 0) {
  console.error(`no benchmark's name contains "${values.only}": ${Object.keys(suite).join(", ")}`);
  Deno.exit(2);
}
const run: BenchRun = {
  date: new Date().toISOString(),
  tier,
  machine: machine(),
  calibrationMs: round3(calibration),
  benches,
};
console.log(`written to ${await writeRun(run, values.out)}`);
