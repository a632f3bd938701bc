/**
 * `scouter eval run`: records and tasks, or scenarios, from files.
 *
 * @module
 */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { EvalDataset, type EvaluationConfig } from "../../evaluate/dataset.ts";
import { Evaluation } from "../../evaluate/evaluation.ts";
import { parseRecords } from "../../evaluate/files.ts";
import { isJsonArray, isJsonObject, type JsonValue } from "../../evaluate/json.ts";
import type { Compatibility } from "../../evaluate/path.ts";
import { FileScenarioCheckpoint } from "../../evaluate/scenarios/file_checkpoint.ts";
import {
  type AgentFunction,
  EvalOrchestrator,
  type SimulatedUserFunction,
} from "../../evaluate/scenarios/orchestrator.ts";
import type { EvalSpan } from "../../evaluate/trace/types.ts";
import {
  numberOption,
  parseCommandLine,
  type ParsedArgs,
  textOption,
  wordOption,
} from "../args.ts";
import { type CliIo, EXIT, type ExitCode, UsageError } from "../io.ts";
import type { Finding } from "../output/findings.ts";
import { githubAnnotations } from "../output/github.ts";
import { junitXml } from "../output/junit.ts";
import { progress } from "../progress.ts";
import { findingsOf, scenarioFindingsOf } from "./findings.ts";
import { JUDGE_OPTIONS, judgeOf } from "./judge.ts";
import { asUsage, loadData, loadScenarios, loadTasks } from "./load.ts";

const RULES: readonly Compatibility[] = ["reference", "strict"];

/**
 * Runs `scouter eval run`.
 *
 * @param args what followed `run`
 * @param io the world
 * @returns 0 when every measured check passed, 1 when too few did, 3 when something could not be
 * measured
 * @throws UsageError
 */
export async function runEval(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = parseCommandLine(args, {
    records: { type: "string" },
    tasks: { type: "string" },
    spans: { type: "string" },
    scenarios: { type: "string" },
    responses: { type: "string" },
    agent: { type: "string" },
    resume: { type: "string" },
    compatibility: { type: "string" },
    "min-pass-rate": { type: "string" },
    "allow-unmeasured": { type: "boolean" },
    out: { type: "string" },
    junit: { type: "string" },
    json: { type: "boolean" },
    github: { type: "boolean" },
    "show-tasks": { type: "boolean" },
    ...JUDGE_OPTIONS,
  });
  if (parsed.positionals.length > 0) {
    throw new UsageError(`"${parsed.positionals[0]}" is not expected; files follow options`);
  }
  const outcome = textOption(parsed, "scenarios") === undefined
    ? await runRecords(parsed, io)
    : await runScenarios(parsed, io);
  return await report(outcome, parsed, io);
}

/** What a run came to, ready to be told. */
interface Outcome {
  readonly findings: readonly Finding[];
  readonly table: string;
  readonly stored: unknown;
}

async function configOf(parsed: ParsedArgs, io: CliIo): Promise<EvaluationConfig> {
  const compatibility = wordOption(parsed, "compatibility", RULES);
  const concurrency = numberOption(parsed, "concurrency", { min: 1, max: 1000 });
  return {
    judge: await judgeOf(io, parsed),
    ...(compatibility === undefined ? {} : { compatibility }),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
}

async function runRecords(parsed: ParsedArgs, io: CliIo): Promise<Outcome> {
  const recordsPath = textOption(parsed, "records");
  const tasksPath = textOption(parsed, "tasks");
  if (recordsPath === undefined || tasksPath === undefined) {
    throw new UsageError("--records and --tasks are needed, or --scenarios");
  }
  const data = await loadData(io, recordsPath);
  const records = asUsage(() => parseRecords(data, recordsPath));
  const tasks = await loadTasks(io, tasksPath);
  const config = await configOf(parsed, io);
  const dataset = asUsage(() => {
    // Finds what strict rules refuse before anything is paid for.
    new Evaluation(tasks, { compatibility: config.compatibility ?? "reference" });
    return new EvalDataset(records, tasks);
  });
  const spansPath = textOption(parsed, "spans");
  const traces = spansPath === undefined
    ? undefined
    : tracesOf(await loadData(io, spansPath), spansPath);
  const bar = progress(io, "evaluating");
  const results = await dataset.evaluate({
    ...config,
    onProgress: (done, total) => bar.update(done, total),
    ...(traces === undefined
      ? {}
      : { spans: (record) => traces.get(record.traceId ?? record.recordId) }),
  });
  bar.end();
  const { passed, failed, unmeasured, passRate, usage } = results.summary();
  const rate = passRate === null ? "nothing measured" : `${(passRate * 100).toFixed(1)}%`;
  const tokens = usage.inputTokens + usage.outputTokens;
  const cost = usage.costUsd === null ? "" : `, ${usage.costUsd.toFixed(4)} USD`;
  return {
    findings: findingsOf(results),
    table: `${results.toTable({ showTasks: parsed.values["show-tasks"] === true })}\n` +
      `${passed}/${passed + failed} task results passed (${rate}), ${unmeasured} unmeasured` +
      `${tokens === 0 ? "" : `; judges: ${tokens} tokens${cost}`}\n`,
    stored: results,
  };
}

/** Spans by trace id: a list of spans, or lists by trace or record id. */
function tracesOf(data: unknown, path: string): ReadonlyMap<string, readonly EvalSpan[]> {
  const traces = new Map<string, EvalSpan[]>();
  const add = (id: string, span: JsonValue): void => {
    if (!isJsonObject(span) || typeof span.span_name !== "string") {
      throw new UsageError(`${path}: every span needs a "span_name"`);
    }
    const list = traces.get(id);
    const known = span as unknown as EvalSpan;
    if (list === undefined) traces.set(id, [known]);
    else list.push(known);
  };
  if (Array.isArray(data)) {
    for (const span of data as JsonValue[]) {
      const id = isJsonObject(span) ? span.trace_id : undefined;
      if (typeof id !== "string") throw new UsageError(`${path}: every span needs a "trace_id"`);
      add(id, span);
    }
  } else if (isJsonObject(data)) {
    for (const [id, list] of Object.entries(data)) {
      if (!isJsonArray(list)) throw new UsageError(`${path}: "${id}" is not a list of spans`);
      for (const span of list) add(id, span);
    }
  } else throw new UsageError(`${path}: expected spans`);
  return traces;
}

async function runScenarios(parsed: ParsedArgs, io: CliIo): Promise<Outcome> {
  const scenarios = await loadScenarios(io, textOption(parsed, "scenarios") ?? "");
  const agentPath = textOption(parsed, "agent");
  const responsesPath = textOption(parsed, "responses");
  if ((agentPath === undefined) === (responsesPath === undefined)) {
    throw new UsageError("--scenarios needs either --agent (a module) or --responses (a file)");
  }
  const resume = textOption(parsed, "resume");
  const tasksPath = textOption(parsed, "tasks");
  const profiles = tasksPath === undefined
    ? {}
    : { default: { tasks: await loadTasks(io, tasksPath) } };
  const concurrency = numberOption(parsed, "concurrency", { min: 1, max: 1000 });
  const options = {
    scenarios,
    profiles,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(resume === undefined
      ? {}
      : { checkpoint: new FileScenarioCheckpoint(resolve(io.cwd, resume)) }),
  };
  const orchestrator = agentPath === undefined
    ? new Replay(options, responsesBy(await loadData(io, responsesPath ?? ""), responsesPath ?? ""))
    : new EvalOrchestrator({ ...options, ...await loadAgent(io, agentPath) });
  const results = await orchestrator.run(await configOf(parsed, io));
  return {
    findings: scenarioFindingsOf(results),
    table: results.toTable({ showWorkflow: parsed.values["show-tasks"] === true }),
    stored: results,
  };
}

/** Answers with what was recorded. */
class Replay extends EvalOrchestrator {
  readonly #responses: ReadonlyMap<string, JsonValue>;

  constructor(
    options: ConstructorParameters<typeof EvalOrchestrator>[0],
    responses: ReadonlyMap<string, JsonValue>,
  ) {
    super({
      ...options,
      scenarios: {
        ...options.scenarios,
        // A recording holds the last response; there is nobody to talk to.
        scenarios: options.scenarios.scenarios.map((item) => ({ ...item, mode: "single" })),
      },
    });
    this.#responses = responses;
  }

  override executeAgent(scenario: { readonly id: string }): Promise<unknown> {
    const response = this.#responses.get(scenario.id);
    return response === undefined
      ? Promise.reject(new Error(`no response was recorded for scenario "${scenario.id}"`))
      : Promise.resolve(response);
  }
}

function responsesBy(data: unknown, path: string): ReadonlyMap<string, JsonValue> {
  const responses = new Map<string, JsonValue>();
  if (Array.isArray(data)) {
    for (const entry of data as JsonValue[]) {
      if (
        !isJsonObject(entry) || typeof entry.scenario_id !== "string" ||
        entry.response === undefined
      ) {
        throw new UsageError(`${path}: every entry needs "scenario_id" and "response"`);
      }
      responses.set(entry.scenario_id, entry.response);
    }
  } else if (isJsonObject(data)) {
    for (const [id, response] of Object.entries(data)) responses.set(id, response);
  } else throw new UsageError(`${path}: expected responses by scenario`);
  return responses;
}

async function loadAgent(
  io: CliIo,
  path: string,
): Promise<{ agentFn: AgentFunction; simulatedUserFn?: SimulatedUserFunction }> {
  let module: Record<string, unknown>;
  try {
    module = await import(pathToFileURL(resolve(io.cwd, path)).href) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(
      `${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const agentFn = module.agentFn ?? module.default;
  const { simulatedUserFn } = module;
  if (typeof agentFn !== "function") {
    throw new UsageError(`${path}: expected a function exported as "agentFn" or by default`);
  }
  return {
    agentFn: agentFn as AgentFunction,
    ...(typeof simulatedUserFn === "function"
      ? { simulatedUserFn: simulatedUserFn as SimulatedUserFunction }
      : {}),
  };
}

async function report(outcome: Outcome, parsed: ParsedArgs, io: CliIo): Promise<ExitCode> {
  const { findings } = outcome;
  const out = textOption(parsed, "out");
  const junit = textOption(parsed, "junit");
  if (out !== undefined) await io.writeText(out, `${JSON.stringify(outcome.stored, null, 2)}\n`);
  if (junit !== undefined) await io.writeText(junit, junitXml("scouter eval", findings));
  io.stdout(
    parsed.values.json === true ? `${JSON.stringify(outcome.stored)}\n` : outcome.table,
  );
  if (parsed.values.github === true || io.env.GITHUB_ACTIONS === "true") {
    // With --json, standard output belongs to the document.
    const write = parsed.values.json === true ? io.stderr : io.stdout;
    write(githubAnnotations(findings));
  }
  const count = (status: Finding["status"]): number =>
    findings.filter((finding) => finding.status === status).length;
  const passed = count("passed");
  const measured = passed + count("failed");
  const least = numberOption(parsed, "min-pass-rate", { min: 0, max: 1 }) ?? 1;
  if (measured > 0 && passed / measured < least) return EXIT.failure;
  if (measured === 0) return EXIT.unmeasured;
  return count("unmeasured") > 0 && parsed.values["allow-unmeasured"] !== true
    ? EXIT.unmeasured
    : EXIT.ok;
}
