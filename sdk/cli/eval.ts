import { runCompare } from "./eval/compare.ts";
import { runPlan } from "./eval/plan.ts";
import { runEval } from "./eval/run.ts";
import { runSchema } from "./eval/schema.ts";
import { type CliCommand, type CliIo, type ExitCode, UsageError } from "./io.ts";

const HELP = `Usage:
  scouter eval run --records FILE --tasks FILE [options]
  scouter eval run --scenarios FILE (--agent MODULE | --responses FILE) [options]
  scouter eval compare BASELINE CURRENT [options]
  scouter eval plan TASKS [--mermaid | --json]
  scouter eval schema tasks|scenarios|prompt [--out FILE]

Files are .json, .jsonl, .yaml or .yml.

run:
  --spans FILE            spans of the records' traces: a list, or lists by trace or record id
  --agent MODULE          exports agentFn (or default) and, for interactive scenarios,
                          simulatedUserFn
  --responses FILE        recorded responses by scenario, instead of an agent
  --resume FILE           remembers played scenarios; a second run goes on where one stopped
  --compatibility RULES   reference (default) or strict
  --min-pass-rate N       share of measured checks that has to pass, 0 to 1; 1 unless told
  --allow-unmeasured      do not exit with 3 when some checks could not be measured
  --show-tasks            a line per check
  --judge-mode MODE       live, cache, record or replay
  --judge-store FILE      where judges' answers are kept (JSON Lines)
  --judge-rpm N           judge calls per minute
  --judge-timeout-ms N    time for one judge call; 30000 unless told
  --concurrency N         records or scenarios at once
  --prices FILE           prices by model, for costs

compare:
  --threshold N           fall of a record's pass rate that is a regression; 0.05 unless told
  --fail-on WHAT          regression (default), or significant: more than chance explains
  --alpha N               significance level; 0.05 unless told

run and compare:
  --out FILE              stores the result as JSON
  --json                  prints the result as JSON
  --junit FILE            writes a JUnit XML report
  --github                prints GitHub annotations; on by itself inside GitHub Actions

Exit codes: 0 good · 1 failure or regression · 2 usage · 3 could not be measured
`;

const SUB_COMMANDS: Readonly<
  Record<string, (args: readonly string[], io: CliIo) => Promise<ExitCode>>
> = { run: runEval, compare: runCompare, plan: runPlan, schema: runSchema };

/** `scouter eval`: run, compare, plan, schema. */
export const evalCommand: CliCommand = {
  summary: "evaluate agents and models offline: run, compare, plan, schema",
  help: HELP,
  async run(args, io) {
    const [name, ...rest] = args;
    const sub = name !== undefined && Object.hasOwn(SUB_COMMANDS, name)
      ? SUB_COMMANDS[name]
      : undefined;
    if (sub === undefined) {
      throw new UsageError(
        `${name === undefined ? "no sub-command" : `"${name}"`}; use run, compare, plan or schema`,
      );
    }
    return await sub(rest, io);
  },
};
