/**
 * A data profile of four years of Seattle weather. Runs offline: `deno run -A examples/drift_profile.ts`, or with
 * Node.js 22 `node examples/drift_profile.ts`.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import process from "node:process";
import { parseCsv } from "../sdk/data/mod.ts";
import { createDataProfile } from "../sdk/profile/mod.ts";

const text = await readFile(new URL("data/seattle_weather.csv", import.meta.url), "utf8");
const profile = createDataProfile(parseCsv(text), { binSize: 10, computeCorrelations: true });

for (const [name, feature] of profile.features) {
  const { numericStats, stringStats, dateStats } = feature;
  const about = numericStats !== null
    ? `mean ${numericStats.mean.toFixed(2)}, median ${numericStats.quantiles.q50}`
    : stringStats !== null
    ? [...stringStats.wordStats.words].map(([word, { count }]) => `${word} ${count}`).join(", ")
    : `${dateStats?.min} to ${dateStats?.max}`;
  process.stdout.write(`${name}: ${about}\n`);
}
const temperature = profile.features.get("temp_max");
process.stdout.write(
  `temp_max goes with temp_min: ${temperature?.correlations?.temp_min?.toFixed(3)}\n`,
);
process.stdout.write(`temp_max by weather: ${temperature?.correlations?.weather?.toFixed(3)}\n`);
