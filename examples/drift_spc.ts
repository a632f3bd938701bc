/**
 * A control chart on daily wind speed in Seattle: limits from 2012 and 2013, then the following years, and a failing
 * sensor that reads 3 m/s too much from mid-2015 on. Runs offline: `deno run -A examples/drift_spc.ts`, or with Node.js
 * 22 `node examples/drift_spc.ts`.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import process from "node:process";
import { asFloat64, getColumn, parseCsv } from "../sdk/data/mod.ts";
import {
  checkSpcAlerts,
  computeSpcDrift,
  createDriftReport,
  createSpcProfile,
  renderDriftText,
  spcAlertConfig,
  spcAlertRule,
  SpcDriftConfig,
} from "../sdk/drift/mod.ts";

const weather = parseCsv(
  await readFile(new URL("data/seattle_weather.csv", import.meta.url), "utf8"),
);
const column = getColumn(weather, "wind");
if (column.kind !== "numeric") throw new Error("wind speeds are numbers");
const wind = asFloat64(column);

const config = new SpcDriftConfig({
  space: "examples",
  name: "seattle-wind",
  version: "1.0.0",
  // A week per sample.
  sampleSize: 7,
  alertConfig: spcAlertConfig({
    // Weather has seasons, so long runs on one side of the center are normal: only zones 3 and 4 are watched.
    rule: spcAlertRule({ zonesToMonitor: ["Zone3", "Zone4"] }),
  }),
});
const profile = createSpcProfile({ wind: wind.subarray(0, 731) }, config);

const measured = { wind: wind.slice(731) };
const alerts = checkSpcAlerts(computeSpcDrift(measured, profile), profile);
process.stdout.write(`as measured: ${JSON.stringify(alerts)}\n`);

const broken = { wind: measured.wind.map((speed, day) => day >= 540 ? speed + 3 : speed) };
process.stdout.write(renderDriftText(createDriftReport(broken, profile)));
