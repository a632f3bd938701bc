/**
 * Drift and profiling on columns of doubles: `deno run -A bench/drift.ts [--rows 1000000] [--python PATH]`. Beside ours, in
 * the same run, NumPy by hand and the reference's wheel (`scouter-ml`) where the Python given has them: CPU seconds and
 * the ratio. Without a Python only ours is measured.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  computePsiDrift,
  computeSpcDrift,
  createPsiProfile,
  createSpcProfile,
} from "../sdk/drift/mod.ts";
import { createDataProfile } from "../sdk/profile/mod.ts";
import { memoryPeak } from "./lib/memory_peak.ts";
import type { Figures } from "./lib/results.ts";

const COLUMNS = 50;

/** Standard normal columns by Box and Muller, from a repeatable stream (xorshift32). */
function normalColumns(rows: number, shift: number, seed: number): Record<string, Float64Array> {
  let state = seed;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  return Object.fromEntries(Array.from({ length: COLUMNS }, (_, column) => {
    const values = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const radius = Math.sqrt(-2 * Math.log(uniform()));
      values[row] = radius * Math.cos(2 * Math.PI * uniform()) + shift;
    }
    return [`f${column}`, values];
  }));
}

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const used = process.cpuUsage(before);
  return Math.round((used.user + used.system) / 1000);
}

/** CPU time of every engine on `rows` × 50 doubles, and what each adds to the input at its peak. */
export function benchDrift(rows: number): Promise<Figures> {
  const baseline = normalColumns(rows, 0, 42);
  const current = normalColumns(rows, 0.1, 4711);
  const warm = normalColumns(20_000, 0, 7);
  computePsiDrift(warm, createPsiProfile(warm));
  computeSpcDrift(warm, createSpcProfile(warm));
  createDataProfile(warm, { computeCorrelations: true });
  const figures: Figures = { rows, columns: COLUMNS };
  const bytes = rows * COLUMNS * 8;
  const measure = (name: string, inputBytes: number, work: () => unknown) => {
    const memory = memoryPeak(inputBytes);
    figures[`${name}_cpu_ms`] = cpuMs(work);
    const peak = memory();
    if (peak !== undefined) figures[`${name}_peak_memory_over_input`] = round(peak);
  };
  measure(
    "psi_profile_and_drift",
    2 * bytes,
    () => computePsiDrift(current, createPsiProfile(baseline)),
  );
  measure(
    "spc_profile_and_drift",
    2 * bytes,
    () => computeSpcDrift(current, createSpcProfile(baseline)),
  );
  measure("data_profile", bytes, () => createDataProfile(baseline));
  measure(
    "data_profile_with_correlations",
    bytes,
    () => createDataProfile(baseline, { computeCorrelations: true }),
  );
  return Promise.resolve(figures);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The same work in Python: figures by name, empty when it has neither library. */
function peers(python: string, rows: number): Record<string, number> {
  const script = fileURLToPath(new URL("drift_peers.py", import.meta.url));
  const done = spawnSync(python, [script, String(rows)], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${python} ${script} failed: ${done.stderr}`);
  return JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "{}");
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: { rows: { type: "string", default: "1000000" }, python: { type: "string" } },
  });
  const rows = Number(values.rows);
  const ours = await benchDrift(rows);
  const theirs = values.python === undefined ? {} : peers(values.python, rows);
  for (const [name, value] of Object.entries(ours)) {
    const beside = Object.entries(theirs).filter(([peer]) => peer.endsWith(`.${name}`))
      .map(([peer, cost]) => `${peer.split(".")[0]} ${cost} (${round(Number(value) / cost)} ×)`);
    console.log([`${name}: ${value}`, ...beside].join("; "));
  }
}
