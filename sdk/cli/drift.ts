import { parseArgs } from "node:util";
import {
  chiSquareThreshold,
  type Compatibility,
  createDriftReport,
  createPsiProfile,
  createSpcProfile,
  CustomDriftProfile,
  DriftError,
  type DriftProfile,
  equalWidthBinning,
  featuresWith,
  fixedThreshold,
  parseDriftProfile,
  psiAlertConfig,
  PsiDriftConfig,
  quantileBinning,
  renderDriftHtml,
  renderDriftText,
  spcAlertConfig,
  SpcDriftConfig,
} from "../drift/mod.ts";
import { driftFindings } from "./drift_formats.ts";
import { type CliCommand, type CliIo, EXIT, type ExitCode, UsageError } from "./io.ts";
import { githubAnnotations } from "./output/github.ts";
import { junitXml } from "./output/junit.ts";
import { readTableArgument, readText } from "./table_input.ts";

const HELP = `Usage:
  scouter drift profile DATA --out FILE [options]   make a baseline of DATA
  scouter drift check DATA --profile FILE [options] compare DATA with a baseline

DATA is .csv, .tsv, .json, .jsonl or .parquet (Parquet needs the package @duckdb/node-api).

Both:
  --compatibility strict|reference  whose answers to give where they differ (strict)
  --time-column NAME   a date column; left out of the baseline, tells since when in a check
  --duckdb             read DATA through DuckDB whatever its kind

profile:
  --out FILE           where to write the baseline
  --type psi|spc       psi
  --space, --name, --version TEXT   whose baseline it is
  --bins N             quantile bins (psi, 10)
  --binning RULE       equal-width bins by doane, scott, sturges, rice, squareRoot, terrellScott or freedmanDiaconis
  --categorical A,B    numeric columns to take as categories (psi)
  --alpha X            share of false alarms (psi, 0.05)
  --threshold X        alert above this PSI instead (psi)
  --sample-size N      rows per sample (spc, 25)
  --features A,B       columns to watch; all by default

check:
  --profile FILE       the baseline
  --windows N          runs of rows to look at, for since when (10)
  --json               print the report as JSON
  --html FILE          write the report as a page
  --junit FILE         write JUnit XML
  --github             print GitHub annotations
  --require-all        a feature that could not be measured is exit code 3

Exit codes: 0 no drift · 1 drift · 2 usage · 3 nothing could be measured
`;

/** `scouter drift`: profile, check. */
export const driftCommand: CliCommand = {
  summary: "make drift baselines and check data against them",
  help: HELP,
  async run(args, io) {
    const [action, ...rest] = args;
    if (action === "profile") return await profile(rest, io);
    if (action === "check") return await check(rest, io);
    throw new UsageError(
      action === undefined
        ? "use profile or check"
        : `unknown sub-command "${action}"; use profile or check`,
    );
  },
};

const COMMON = {
  compatibility: { type: "string", default: "strict" },
  "time-column": { type: "string" },
  duckdb: { type: "boolean", default: false },
} as const;

async function profile(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const { values, positionals } = usage(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...COMMON,
        out: { type: "string" },
        type: { type: "string", default: "psi" },
        space: { type: "string" },
        name: { type: "string" },
        version: { type: "string" },
        bins: { type: "string" },
        binning: { type: "string" },
        categorical: { type: "string" },
        alpha: { type: "string" },
        threshold: { type: "string" },
        "sample-size": { type: "string" },
        features: { type: "string" },
      },
    })
  );
  const { out, space, name, version } = values;
  if (out === undefined) throw new UsageError("name the file to write with --out");
  const compatibility = compatibilityOf(values.compatibility);
  const timeColumn = values["time-column"];
  const table = await readTableArgument(only(positionals), io, {
    duckdb: values.duckdb,
    timeColumn,
  });
  const data = { ...table, columns: table.columns.filter((column) => column.name !== timeColumn) };
  const identity = {
    ...(space === undefined ? {} : { space }),
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
  };
  const featuresToMonitor = list(values.features);
  const made = usage((): DriftProfile => {
    if (values.type === "spc") {
      const sampleSize = number("--sample-size", values["sample-size"]) ?? 25;
      const alertConfig = spcAlertConfig({ featuresToMonitor });
      const config = new SpcDriftConfig({ ...identity, sampleSize, alertConfig });
      return createSpcProfile(data, config, { compatibility });
    }
    if (values.type !== "psi") {
      throw new UsageError(`--type must be psi or spc, got "${values.type}"`);
    }
    const fixed = number("--threshold", values.threshold);
    const bins = number("--bins", values.bins);
    const config = new PsiDriftConfig({
      ...identity,
      categoricalFeatures: values.categorical === undefined ? null : list(values.categorical),
      binningStrategy: values.binning === undefined
        ? quantileBinning(bins)
        : equalWidthBinning(values.binning),
      alertConfig: psiAlertConfig({
        featuresToMonitor,
        threshold: fixed === undefined
          ? chiSquareThreshold(number("--alpha", values.alpha))
          : fixedThreshold(fixed),
      }),
    });
    return createPsiProfile(data, config, { compatibility });
  });
  await io.writeText(out, `${JSON.stringify(made)}\n`);
  const count = "features" in made ? made.features.size : 0;
  io.stderr(`${made.driftType} baseline of ${count} features, ${table.rowCount} rows: ${out}\n`);
  return EXIT.ok;
}

async function check(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const { values, positionals } = usage(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...COMMON,
        profile: { type: "string" },
        windows: { type: "string" },
        json: { type: "boolean", default: false },
        html: { type: "string" },
        junit: { type: "string" },
        github: { type: "boolean", default: false },
        "require-all": { type: "boolean", default: false },
      },
    })
  );
  const path = values.profile;
  if (path === undefined) throw new UsageError("name the baseline with --profile");
  const text = await readText(path, io);
  const baseline = usage(() => parseDriftProfile(text), `${path}: `);
  if (baseline instanceof CustomDriftProfile) {
    throw new UsageError(
      `${path} is a baseline of custom metrics, which are not computed from data`,
    );
  }
  if (baseline.driftType === "Agent") {
    throw new UsageError(
      `${path} is a profile of an agent; evaluate records with: scouter eval run --tasks ${path}`,
    );
  }
  const timeColumn = values["time-column"];
  const data = await readTableArgument(only(positionals), io, {
    duckdb: values.duckdb,
    timeColumn,
  });
  const report = usage(() =>
    createDriftReport(data, baseline, {
      compatibility: compatibilityOf(values.compatibility),
      windows: number("--windows", values.windows) ?? 10,
      ...(timeColumn === undefined ? {} : { timeColumn }),
    })
  );
  io.stdout(values.json ? `${JSON.stringify(report, null, 2)}\n` : renderDriftText(report));
  if (values.github) io.stdout(githubAnnotations(driftFindings(report)));
  if (values.html !== undefined) await io.writeText(values.html, renderDriftHtml(report));
  if (values.junit !== undefined) {
    await io.writeText(values.junit, junitXml("drift", driftFindings(report)));
  }
  const unmeasured = featuresWith(report, "unmeasured").length;
  if (featuresWith(report, "drifted").length > 0) return EXIT.failure;
  return unmeasured === report.features.length || (values["require-all"] && unmeasured > 0)
    ? EXIT.unmeasured
    : EXIT.ok;
}

/** Runs something whose failure means that the command line or a file is wrong. */
function usage<T>(run: () => T, prefix = ""): T {
  try {
    return run();
  } catch (cause) {
    const isParse = cause instanceof TypeError && "code" in cause &&
      String(cause.code).startsWith("ERR_PARSE_ARGS");
    if (!(cause instanceof DriftError) && !isParse) throw cause;
    throw new UsageError(`${prefix}${cause.message}`, { cause });
  }
}

function only(positionals: readonly string[]): string | undefined {
  if (positionals.length > 1) {
    throw new UsageError(`one data file is read at a time, got ${positionals.join(", ")}`);
  }
  return positionals[0];
}

function list(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(",").map((part) => part.trim()).filter(Boolean);
}

function number(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new UsageError(`${flag} must be a number, got "${text}"`);
  }
  return value;
}

function compatibilityOf(text: string): Compatibility {
  if (text === "strict" || text === "reference") return text;
  throw new UsageError(`--compatibility must be strict or reference, got "${text}"`);
}
