/**
 * Scenarios: what a user wants from an agent, and how to tell whether they got it.
 *
 * @module
 */

import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { EvaluationError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { parseTasks, type ParseTasksOptions, serialiseTask } from "../tasks/parse.ts";
import { jsonSchema, taskSchema } from "../tasks/schema.ts";
import type { EvaluationTask } from "../tasks/types.ts";

/** How a scenario is played: one question, given turns, or a simulated user. */
export type ScenarioMode = "single" | "multi-turn" | "interactive";

/** Options of {@linkcode scenario}. */
export interface ScenarioOptions {
  /** What the user says first. */
  readonly initialQuery: string;
  /** Name; a UUIDv7 unless told. */
  readonly id?: string;
  /** What is asked of the outcome. */
  readonly tasks?: readonly EvaluationTask[];
  /** What a good outcome is, for judges. */
  readonly expectedOutcome?: string | null;
  /** What the user says next, one after the other. */
  readonly predefinedTurns?: readonly string[];
  /** Who the simulated user is. */
  readonly simulatedUserPersona?: string | null;
  /** The simulated user's word for "done". */
  readonly terminationSignal?: string | null;
  /** Turns at most; 10 unless told. */
  readonly maxTurns?: number;
  /** Anything else. */
  readonly metadata?: JsonObject | null;
  /** How it is played; follows from persona and turns unless told. */
  readonly mode?: ScenarioMode;
}

/** A scenario. */
export interface EvalScenario {
  /** Name. */
  readonly id: string;
  /** What the user says first. */
  readonly initialQuery: string;
  /** What the user says next. */
  readonly predefinedTurns: readonly string[];
  /** Who the simulated user is. */
  readonly simulatedUserPersona: string | null;
  /** The simulated user's word for "done". */
  readonly terminationSignal: string | null;
  /** Turns at most. */
  readonly maxTurns: number;
  /** What a good outcome is. */
  readonly expectedOutcome: string | null;
  /** What is asked of the outcome. */
  readonly tasks: readonly EvaluationTask[];
  /** Anything else. */
  readonly metadata: JsonObject | null;
  /** How it is played. */
  readonly mode: ScenarioMode;
}

/** Several scenarios that belong together. */
export interface EvalScenarios {
  /** Name of the collection. */
  readonly collectionId: string;
  /** The scenarios; ids are unique. */
  readonly scenarios: readonly EvalScenario[];
}

/**
 * Makes a scenario.
 *
 * @param options see {@linkcode ScenarioOptions}
 * @returns the scenario
 * @throws EvaluationError `INVALID_TASK` when the mode lacks what it needs
 * @example
 * ```ts
 * import { scenario } from "./scenario.ts";
 *
 * scenario({ id: "refund", initialQuery: "I want my money back", predefinedTurns: ["Order 7"] }).mode;
 * // "multi-turn"
 * ```
 */
export function scenario(options: ScenarioOptions): EvalScenario {
  const { initialQuery, predefinedTurns = [], maxTurns = 10 } = options;
  const id = options.id ?? uuidv7();
  const persona = options.simulatedUserPersona ?? null;
  const mode = options.mode ??
    (persona !== null ? "interactive" : predefinedTurns.length > 0 ? "multi-turn" : "single");
  if (!Number.isInteger(maxTurns) || maxTurns < 1) {
    throw new EvaluationError(
      "INVALID_TASK",
      `Scenario "${id}": max_turns has to be a whole number of 1 or more, not ${maxTurns}`,
    );
  }
  return {
    id,
    initialQuery,
    predefinedTurns,
    simulatedUserPersona: persona,
    terminationSignal: options.terminationSignal ?? null,
    maxTurns,
    expectedOutcome: options.expectedOutcome ?? null,
    tasks: options.tasks ?? [],
    metadata: options.metadata ?? null,
    mode,
  };
}

const entrySchema = z.object({
  id: z.string().min(1).optional().describe("Name; generated when absent"),
  initial_query: z.string().describe("What the user says first"),
  predefined_turns: z.array(z.string()).nullable().default([]),
  simulated_user_persona: z.string().nullable().default(null),
  termination_signal: z.string().nullable().default(null),
  max_turns: z.number().int().min(1).default(10),
  expected_outcome: z.string().nullable().default(null),
  mode: z.enum(["single", "multi-turn", "interactive"]).optional(),
  tasks: z.union([
    z.array(taskSchema),
    z.object({ tasks: z.array(taskSchema) }),
    z.object({
      assertion: z.array(jsonSchema).optional(),
      judge: z.array(jsonSchema).optional(),
      trace: z.array(jsonSchema).optional(),
      agent: z.array(jsonSchema).optional(),
    }),
  ]).nullable().default([]),
  metadata: z.record(z.string(), jsonSchema).nullable().default(null),
});

/** Schema of a scenario file. */
export const scenariosFileSchema: z.ZodType = z.union([
  z.array(entrySchema),
  z.object({ collection_id: z.string().optional(), scenarios: z.array(entrySchema) }),
]);

/**
 * Reads scenarios: a list, or an object with the list under `scenarios`.
 *
 * @param data what the file says, as JSON data
 * @param options names for messages, prompts from other files
 * @returns the scenarios
 * @throws EvaluationError `INVALID_FILE` that names scenario and field
 * @example
 * ```ts
 * import { parseScenarios } from "./scenario.ts";
 *
 * parseScenarios([{ id: "s", initial_query: "Hello" }]).scenarios.length; // 1
 * ```
 */
export function parseScenarios(data: unknown, options: ParseTasksOptions = {}): EvalScenarios {
  const source = options.source ?? "scenarios";
  let list: unknown = data;
  let collectionId: string | undefined;
  if (typeof data === "object" && data !== null && "scenarios" in data) {
    list = data.scenarios;
    if ("collection_id" in data && typeof data.collection_id === "string") {
      collectionId = data.collection_id;
    }
  }
  if (!Array.isArray(list)) {
    throw new EvaluationError(
      "INVALID_FILE",
      `${source}: expected a list of scenarios, or an object with a list under "scenarios"`,
    );
  }
  const scenarios = list.map((entry: unknown, index) =>
    parseScenario(entry, { ...options, source: `${source}[${index}]` })
  );
  const ids = new Set<string>();
  for (const { id } of scenarios) {
    if (ids.has(id)) {
      throw new EvaluationError("INVALID_FILE", `${source}: two scenarios are called "${id}"`);
    }
    ids.add(id);
  }
  return { collectionId: collectionId ?? uuidv7(), scenarios };
}

/**
 * Reads one scenario.
 *
 * @param data what the file says
 * @param options names for messages, prompts from other files
 * @returns the scenario
 * @throws EvaluationError `INVALID_FILE` that names the field
 * @example
 * ```ts
 * import { parseScenario } from "./scenario.ts";
 *
 * parseScenario({ initial_query: "Hello" }).maxTurns; // 10
 * ```
 */
export function parseScenario(data: unknown, options: ParseTasksOptions = {}): EvalScenario {
  const where = options.source ?? "scenario";
  const tasks = typeof data === "object" && data !== null && "tasks" in data && data.tasks !== null
    ? parseTasks(data.tasks, { ...options, source: `${where}.tasks` })
    : [];
  const result = entrySchema.safeParse(data);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new EvaluationError(
      "INVALID_FILE",
      `${where}.${(issue?.path ?? []).join(".")}: ${issue?.message ?? "not valid"}`,
      { cause: result.error },
    );
  }
  const entry = result.data;
  return scenario({
    initialQuery: entry.initial_query,
    predefinedTurns: entry.predefined_turns ?? [],
    simulatedUserPersona: entry.simulated_user_persona,
    terminationSignal: entry.termination_signal,
    maxTurns: entry.max_turns,
    expectedOutcome: entry.expected_outcome,
    metadata: entry.metadata,
    tasks,
    ...(entry.id === undefined ? {} : { id: entry.id }),
    ...(entry.mode === undefined ? {} : { mode: entry.mode }),
  });
}

/**
 * The file form of a scenario.
 *
 * @param scenario the scenario
 * @returns plain data with snake_case keys
 * @example
 * ```ts
 * import { scenario, serialiseScenario } from "./scenario.ts";
 *
 * serialiseScenario(scenario({ initialQuery: "Hello" })).initial_query; // "Hello"
 * ```
 */
export function serialiseScenario(scenario: EvalScenario): JsonObject {
  return {
    id: scenario.id,
    initial_query: scenario.initialQuery,
    predefined_turns: [...scenario.predefinedTurns],
    simulated_user_persona: scenario.simulatedUserPersona,
    termination_signal: scenario.terminationSignal,
    max_turns: scenario.maxTurns,
    expected_outcome: scenario.expectedOutcome,
    mode: scenario.mode,
    tasks: scenario.tasks.map(serialiseTask),
    metadata: scenario.metadata,
  };
}
