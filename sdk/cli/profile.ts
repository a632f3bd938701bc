import { parseArgs } from "node:util";
import { short } from "../drift/report/text.ts";
import { createDataProfile, type DataProfile, type FeatureProfile } from "../profile/mod.ts";
import { type CliCommand, EXIT, UsageError } from "./io.ts";
import { readTableArgument } from "./table_input.ts";

const HELP = `Usage: scouter profile DATA [options]

Prints statistics of every column of DATA, a .csv, .tsv, .json, .jsonl or .parquet file.

  --json               print the profile as JSON
  --out FILE           write the profile as JSON
  --bin-size N         bins of each histogram (20)
  --top N              values listed per text column (100)
  --correlations       compare every column with every other
  --compatibility strict|reference  whose answers to give where they differ (strict)
  --duckdb             read DATA through DuckDB whatever its kind

Exit codes: 0 profiled · 2 usage, or a file that cannot be read · 3 nothing to measure: no rows
`;

/** `scouter profile`: statistics of a data file. */
export const profileCommand: CliCommand = {
  summary: "profile a data file: distributions, missing values, correlations",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = parse(args);
    const { compatibility } = values;
    if (compatibility !== "strict" && compatibility !== "reference") {
      throw new UsageError(`--compatibility must be strict or reference, got "${compatibility}"`);
    }
    if (positionals.length > 1) throw new UsageError("one data file is read at a time");
    const binSize = whole("--bin-size", values["bin-size"]);
    const topK = whole("--top", values.top);
    const table = await readTableArgument(positionals[0], io, { duckdb: values.duckdb });
    const profile = createDataProfile(table, {
      binSize,
      topK,
      computeCorrelations: values.correlations,
      compatibility,
    });
    const json = `${JSON.stringify(profile, null, 2)}\n`;
    if (values.out !== undefined) await io.writeText(values.out, json);
    io.stdout(values.json ? json : renderProfile(profile, table.rowCount));
    if (table.rowCount > 0) return EXIT.ok;
    io.stderr(`${positionals[0]} has no rows\n`);
    return EXIT.unmeasured;
  },
};

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        out: { type: "string" },
        "bin-size": { type: "string", default: "20" },
        top: { type: "string", default: "100" },
        correlations: { type: "boolean", default: false },
        compatibility: { type: "string", default: "strict" },
        duckdb: { type: "boolean", default: false },
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function whole(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`${flag} must be a whole number of at least 1, got "${text}"`);
  }
  return value;
}

/** A profile as a table of text. */
export function renderProfile(profile: DataProfile, rowCount: number): string {
  const rows = [...profile.features.values()].map((feature) => [
    feature.id,
    `${short(feature.missing.percent * 100)} %`,
    ...describe(feature),
  ]);
  const table = [["column", "missing", "distinct", "about"], ...rows];
  const widths = [0, 1, 2].map((at) => Math.max(...table.map((row) => row[at]?.length ?? 0)));
  const lines = table.map((row) =>
    row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()
  );
  return [`${rowCount} rows, ${profile.features.size} columns`, "", ...lines, ""].join("\n");
}

function describe(feature: FeatureProfile): [string, string] {
  const { numericStats: numbers, stringStats: strings, dateStats: dates } = feature;
  if (numbers !== null) {
    const { mean, stddev, min, max, quantiles } = numbers;
    return [
      String(numbers.distinct.count),
      `mean ${short(mean)} ± ${short(stddev)}, ${short(min)} … ${short(quantiles.q50)} … ${
        short(max)
      }`,
    ];
  }
  if (dates !== null) return [String(dates.distinct.count), `${dates.min} … ${dates.max}`];
  if (strings === null) return ["0", "no values"];
  const common = [...strings.wordStats.words].slice(0, 3).map(([word, share]) =>
    `${JSON.stringify(word)} ${short(share.percent * 100)} %`
  );
  return [String(strings.distinct.count), common.join(", ")];
}
