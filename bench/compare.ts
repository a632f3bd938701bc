/**
 * Compares two benchmark artefacts: `deno run -A bench/compare.ts BASE.json NEW.json [--threshold 0.25]`. Costs are
 * divided by each run's calibration first, so that a slower machine is not taken for a regression. Exits with 1 when a
 * cost grew by more than the threshold.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { BenchRun } from "./lib/results.ts";
import { round3 } from "./lib/stats.ts";

/** One compared figure. */
export interface Comparison {
  readonly name: string;
  readonly base: number;
  readonly now: number;
  /** now / base after calibration; above 1 is worse. */
  readonly ratio: number;
}

/** Figures that stand for a cost in CPU time, and so are comparable across runs. */
const COST = /_cpu_(us|ms)(_|$)|_cpu_us$|^cpu_(us|ms)_/;
/** Figures that do not depend on the machine at all. */
const EXACT = /^(bytes_on_disk_per_span|files_opened|object_store_)/;

/** Compares every cost that both runs have. */
export function compareRuns(base: BenchRun, now: BenchRun): Comparison[] {
  const rows: Comparison[] = [];
  for (const [bench, figures] of Object.entries(now.benches)) {
    for (const [name, value] of Object.entries(figures)) {
      const before = base.benches[bench]?.[name];
      if (typeof value !== "number" || typeof before !== "number" || before <= 0) continue;
      const exact = EXACT.test(name);
      if (!exact && !COST.test(name)) continue;
      const scale = exact ? 1 : base.calibrationMs / now.calibrationMs;
      rows.push({
        name: `${bench}.${name}`,
        base: before,
        now: value,
        ratio: value * scale / before,
      });
    }
  }
  return rows;
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { threshold: { type: "string", default: "0.25" } },
  });
  const [basePath, nowPath] = positionals;
  if (basePath === undefined || nowPath === undefined) {
    console.error("usage: compare.ts BASE.json NEW.json [--threshold 0.25]");
    Deno.exit(2);
  }
  const read = async (path: string) => JSON.parse(await readFile(path, "utf8")) as BenchRun;
  const rows = compareRuns(await read(basePath), await read(nowPath));
  const threshold = Number(values.threshold);
  for (const row of rows) {
    const mark = row.ratio > 1 + threshold
      ? "WORSE"
      : row.ratio < 1 - threshold
      ? "better"
      : "same";
    console.log(
      `${mark.padEnd(6)} ${row.name}: ${row.base} -> ${row.now} (ratio ${round3(row.ratio)})`,
    );
  }
  if (rows.length === 0) {
    console.error("nothing in common to compare");
    Deno.exit(2);
  }
  Deno.exit(rows.some((row) => row.ratio > 1 + threshold) ? 1 : 0);
}
