/**
 * PSI drift on four years of Seattle weather: 2012 and 2013 are the baseline, the following years the new data. Runs
 * offline: `deno run -A examples/drift_psi.ts`, or with Node.js 22 `node examples/drift_psi.ts`.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import process from "node:process";
import { type DataTable, parseCsv, sliceColumn } from "../sdk/data/mod.ts";
import {
  chiSquareThreshold,
  computePsiDrift,
  createDriftReport,
  createPsiProfile,
  featuresWith,
  parseDriftProfile,
  psiAlertConfig,
  PsiDriftConfig,
  quantileBinning,
  renderDriftText,
} from "../sdk/drift/mod.ts";

const weather = parseCsv(
  await readFile(new URL("data/seattle_weather.csv", import.meta.url), "utf8"),
);

/** Rows of the table from `start` to before `end`. */
function rows(table: DataTable, start: number, end: number): DataTable {
  const columns = table.columns.map((column) => sliceColumn(column, start, end));
  return { rowCount: end - start, columns };
}

// 2012 was a leap year: two years are 731 days.
const baseline = rows(weather, 0, 731);
const later = rows(weather, 731, weather.rowCount);

const config = new PsiDriftConfig({
  space: "examples",
  name: "seattle-weather",
  version: "1.0.0",
  binningStrategy: quantileBinning(5),
  alertConfig: psiAlertConfig({
    schedule: "EveryDay",
    threshold: chiSquareThreshold(0.01),
    featuresToMonitor: ["precipitation", "temp_max", "temp_min", "wind", "weather"],
  }),
});
const profile = createPsiProfile(baseline, config);

// A profile is a JSON file that can be kept, registered with a server, and read again.
const loaded = parseDriftProfile(JSON.stringify(profile));
if (loaded.driftType !== "Psi") throw new Error("a PSI profile was expected");

const report = createDriftReport(later, loaded, { timeColumn: "date", windows: 2 });
process.stdout.write(renderDriftText(report));

// The plain numbers, without a report.
const { features } = computePsiDrift(
  { ...later, columns: later.columns.filter((column) => column.name !== "date") },
  loaded,
);
process.stdout.write(`PSI of wind: ${features.wind?.toFixed(4)}\n`);
process.stdout.write(`drifted: ${featuresWith(report, "drifted").join(", ") || "nothing"}\n`);
