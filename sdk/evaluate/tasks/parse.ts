/**
 * Task files: what they say becomes tasks, and tasks become what they say.
 *
 * @module
 */

import type { z } from "zod";
import { EvaluationError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { type JudgeProvider, type Prompt, prompt, SCORE_SCHEMA } from "../judge/prompt.ts";
import { readSerialisedPrompt } from "../judge/serialised_prompt.ts";
import type { AttributeFilterTask, TraceAssertionSpec } from "../trace/types.ts";
import {
  agentAssertionTask,
  assertionTask,
  llmJudgeTask,
  traceAssertionTask,
} from "./factories.ts";
import { promptSchema, type TaskFileEntry, taskSchema, type TraceAssertionFile } from "./schema.ts";
import type { AgentAssertionTask, AssertionTask, EvaluationTask } from "./types.ts";

/** How prompts that live in files of their own are read. */
export interface ParseTasksOptions {
  /** What the data came from, for error messages. */
  readonly source?: string;
  /** Prompts by the path that tasks give; read before parsing. */
  readonly prompts?: ReadonlyMap<string, unknown>;
}

/**
 * Reads tasks: a list, `{"tasks": [...]}`, or lists by kind (`assertion`, `judge`, `trace`,
 * `agent`) as profiles keep them.
 *
 * @param data what the file says, as JSON data
 * @param options names for messages, prompts from other files
 * @returns the tasks in order
 * @throws EvaluationError `INVALID_FILE` that names task and field
 * @example
 * ```ts
 * import { parseTasks } from "./parse.ts";
 *
 * const [task] = parseTasks([
 *   { task_type: "Assertion", id: "ok", operator: "Equals", expected_value: true },
 * ]);
 * task?.id; // "ok"
 * ```
 */
export function parseTasks(
  data: unknown,
  options: ParseTasksOptions = {},
): readonly EvaluationTask[] {
  return listOf(data, options.source ?? "tasks").map((entry, index) => {
    const where = `${options.source ?? "tasks"}[${index}]`;
    return parseTask(entry, { ...options, source: where });
  });
}

const BUCKETS = { assertion: "Assertion", judge: "LLMJudge", trace: "TraceAssertion" } as const;

function listOf(data: unknown, where: string): readonly unknown[] {
  if (Array.isArray(data)) return data;
  if (typeof data === "object" && data !== null) {
    if ("tasks" in data) return listOf(data.tasks, `${where}.tasks`);
    const buckets = new Map<string, unknown>(Object.entries(data));
    const names = [...Object.entries(BUCKETS), ["agent", "AgentAssertion"] as const];
    if (names.some(([name]) => buckets.has(name))) {
      return names.flatMap(([name, type]) => {
        const list = buckets.get(name) ?? [];
        return Array.isArray(list)
          ? list.map((entry: unknown) =>
            typeof entry === "object" && entry !== null ? { task_type: type, ...entry } : entry
          )
          : [];
      });
    }
  }
  throw new EvaluationError(
    "INVALID_FILE",
    `${where}: expected a list of tasks, or an object with a list under "tasks"`,
  );
}

/**
 * Reads one task.
 *
 * @param data what the file says
 * @param options names for messages, prompts from other files
 * @returns the task
 * @throws EvaluationError `INVALID_FILE` that names the field
 * @example
 * ```ts
 * import { parseTask } from "./parse.ts";
 *
 * parseTask({ task_type: "Assertion", id: "n", operator: "IsNumeric", context_path: "score" });
 * ```
 */
export function parseTask(data: unknown, options: ParseTasksOptions = {}): EvaluationTask {
  const where = options.source ?? "task";
  const entry = check(taskSchema, data, where);
  const shared = {
    id: entry.id,
    operator: entry.operator,
    expectedValue: entry.expected_value,
    description: entry.description,
    dependsOn: entry.depends_on,
    condition: entry.condition,
  };
  switch (entry.task_type) {
    case "Assertion":
      return assertionTask({
        ...shared,
        contextPath: entry.context_path,
        itemContextPath: entry.item_context_path,
      });
    case "AgentAssertion":
      return agentAssertionTask({
        ...shared,
        assertion: entry.assertion,
        provider: entry.provider,
        contextPath: entry.context_path,
      });
    case "TraceAssertion":
      return traceAssertionTask({ ...shared, assertion: traceSpec(entry.assertion) });
    case "LLMJudge":
      return llmJudgeTask({
        ...shared,
        prompt: judgePrompt(entry.prompt, where, options.prompts),
        contextPath: entry.context_path,
        maxRetries: entry.max_retries,
        repeat: entry.repeat,
      });
  }
}

function traceSpec(file: TraceAssertionFile): TraceAssertionSpec {
  if (!("AttributeFilter" in file)) return file;
  const { key, task, mode } = file.AttributeFilter;
  const inner = "Assertion" in task
    ? { Assertion: parseTask({ ...task.Assertion, task_type: "Assertion" }) as AssertionTask }
    : {
      AgentAssertion: parseTask({
        ...task.AgentAssertion,
        task_type: "AgentAssertion",
      }) as AgentAssertionTask,
    };
  return { AttributeFilter: { key, task: inner, mode } };
}

type JudgeEntry = Extract<TaskFileEntry, { task_type: "LLMJudge" }>;

function judgePrompt(
  entry: JudgeEntry["prompt"],
  where: string,
  prompts: ReadonlyMap<string, unknown> | undefined,
): Prompt {
  if (!("path" in entry)) return parsePrompt(entry, `${where}.prompt`);
  const found = prompts?.get(entry.path);
  if (found !== undefined) return parsePrompt(found, entry.path);
  throw new EvaluationError(
    "INVALID_FILE",
    `${where}: prompt file "${entry.path}" was not read; load tasks with loadTasks, which does`,
  );
}

const PROVIDERS: Readonly<Record<string, JudgeProvider>> = {
  openai: "openai",
  anthropic: "anthropic",
  gemini: "gemini",
  google: "gemini",
  vertex: "vertex",
  "openai-compatible": "openai-compatible",
  openai_compatible: "openai-compatible",
};

/**
 * Reads a prompt in its file form, or in its serialised form with the body of the vendor's request.
 *
 * @param data what the file says
 * @param where for error messages
 * @returns the prompt
 * @throws EvaluationError `INVALID_FILE`
 * @example
 * ```ts
 * import { parsePrompt } from "./parse.ts";
 *
 * parsePrompt({ model: "gpt-4o-mini", provider: "openai", messages: "Rate: ${text}" });
 * ```
 */
export function parsePrompt(data: unknown, where = "prompt"): Prompt {
  const file = check(promptSchema, data, where);
  const provider = PROVIDERS[file.provider.toLowerCase()];
  if (provider === undefined) {
    throw new EvaluationError(
      "INVALID_FILE",
      `${where}.provider: "${file.provider}" cannot judge; use one of ` +
        Object.keys(PROVIDERS).join(", "),
    );
  }
  if (file.request !== undefined) return prompt(readSerialisedPrompt(file, provider, where));
  return prompt({
    model: file.model,
    provider,
    messages: file.messages,
    systemInstructions: file.system_instructions ?? [],
    settings: file.settings ?? {},
    responseSchema: file.response_format === undefined ? SCORE_SCHEMA : file.response_format,
  });
}

/** Validates, and says where and what when that fails. */
function check<T>(schema: z.ZodType<T>, data: unknown, where: string): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const { path, message } = innermost(result.error.issues);
  const at = path.map((key) => typeof key === "number" ? `[${key}]` : `.${String(key)}`)
    .join("");
  const id = typeof data === "object" && data !== null && "id" in data ? ` (id "${data.id}")` : "";
  throw new EvaluationError(
    "INVALID_FILE",
    `${where}${at}${id}: ${message}`,
    { cause: result.error },
  );
}

/** What is wrong, in the words of the alternative that comes closest: the one with the fewest faults. */
function innermost(issues: readonly z.core.$ZodIssue[]): {
  readonly path: readonly PropertyKey[];
  readonly message: string;
} {
  const [issue] = issues;
  if (issue === undefined) return { path: [], message: "not valid" };
  if (issue.code !== "invalid_union") return issue;
  const [closest] = issue.errors.filter((branch) => branch.length > 0)
    .toSorted((a, b) => a.length - b.length);
  if (closest === undefined) return issue;
  const inner = innermost(closest);
  return { path: [...issue.path, ...inner.path], message: inner.message };
}

/**
 * The file form of a task.
 *
 * @param task the task
 * @returns plain data with snake_case keys
 * @example
 * ```ts
 * import { assertionTask } from "./factories.ts";
 * import { serialiseTask } from "./parse.ts";
 *
 * serialiseTask(assertionTask({ id: "n", operator: "IsNumeric", contextPath: "score" }));
 * ```
 */
export function serialiseTask(task: EvaluationTask): JsonObject {
  const shared = {
    id: task.id,
    task_type: task.taskType,
    operator: task.operator,
    expected_value: task.expectedValue,
    description: task.description,
    depends_on: [...task.dependsOn],
    condition: task.condition,
  };
  switch (task.taskType) {
    case "Assertion":
      return {
        ...shared,
        context_path: task.contextPath,
        item_context_path: task.itemContextPath,
      };
    case "AgentAssertion":
      return {
        ...shared,
        assertion: task.assertion as JsonValue,
        provider: task.provider,
        context_path: task.contextPath,
      };
    case "TraceAssertion":
      return { ...shared, assertion: serialiseTraceAssertion(task.assertion) };
    case "LLMJudge":
      return {
        ...shared,
        prompt: {
          model: task.prompt.model,
          provider: task.prompt.provider,
          messages: [...task.prompt.messages],
          system_instructions: [...task.prompt.systemInstructions],
          settings: task.prompt.settings,
          response_format: task.prompt.responseSchema,
        },
        context_path: task.contextPath,
        max_retries: task.maxRetries,
        repeat: task.repeat,
      };
  }
}

/**
 * The file form of a trace assertion.
 *
 * @param spec the assertion
 * @returns plain data
 * @example
 * ```ts
 * import { serialiseTraceAssertion } from "./parse.ts";
 *
 * serialiseTraceAssertion({ TraceSpanCount: {} }); // { TraceSpanCount: {} }
 * ```
 */
export function serialiseTraceAssertion(spec: TraceAssertionSpec): JsonValue {
  if (!("AttributeFilter" in spec)) return spec as JsonValue;
  const { key, task, mode } = spec.AttributeFilter;
  return { AttributeFilter: { key, task: serialiseInner(task), mode } };
}

function serialiseInner(task: AttributeFilterTask): JsonObject {
  return "Assertion" in task
    ? { Assertion: serialiseTask(task.Assertion) }
    : { AgentAssertion: serialiseTask(task.AgentAssertion) };
}
