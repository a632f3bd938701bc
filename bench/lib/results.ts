/**
 * Benchmark artefacts: one JSON file per run under `bench/results/`.
 *
 * @module
 */

import { mkdir, writeFile } from "node:fs/promises";
import { arch, cpus, platform, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

/** Figures of one benchmark by name; the name says the unit. */
export type Figures = Record<string, number | string | boolean>;

/** One run of the suite. */
export interface BenchRun {
  readonly date: string;
  readonly tier: number;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly os: string;
    readonly deno: string;
  };
  /** CPU milliseconds of the calibration work in this run. */
  readonly calibrationMs: number;
  readonly benches: Record<string, Figures>;
}

/** Describes this machine. */
export function machine(): BenchRun["machine"] {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${platform()} ${arch()}`,
    deno: Deno.version.deno,
  };
}

/** Writes a run to `bench/results/local/` (not kept in git) or to the path given. */
export async function writeRun(run: BenchRun, path?: string): Promise<string> {
  const folder = fileURLToPath(new URL("../results/local/", import.meta.url));
  await mkdir(folder, { recursive: true });
  const file = path ?? `${folder}${run.date.replaceAll(":", "")}-tier${run.tier}.json`;
  await writeFile(file, JSON.stringify(run, null, 2) + "\n");
  return file;
}
