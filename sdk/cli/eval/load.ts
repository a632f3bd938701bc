/**
 * Reading the files that evaluation commands are given.
 *
 * @module
 */

import { dirname, isAbsolute, join } from "node:path";
import { EvaluationError } from "../../evaluate/errors.ts";
import { parseText } from "../../evaluate/files.ts";
import { isJsonObject } from "../../evaluate/json.ts";
import { parseScenarios } from "../../evaluate/scenarios/scenario.ts";
import type { EvalScenarios } from "../../evaluate/scenarios/scenario.ts";
import { lintTasks } from "../../evaluate/tasks/lint.ts";
import { parseTasks } from "../../evaluate/tasks/parse.ts";
import type { EvaluationTask } from "../../evaluate/tasks/types.ts";
import { type CliIo, UsageError } from "../io.ts";

/**
 * Reads a file as data.
 *
 * @param io the world
 * @param path the file
 * @returns what it says
 * @throws UsageError when it cannot be read or parsed
 */
export async function loadData(io: CliIo, path: string): Promise<unknown> {
  let text: string;
  try {
    text = await io.readText(path);
  } catch (error) {
    throw new UsageError(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return asUsage(() => parseText(text, path));
}

/**
 * Reads tasks, and the prompt files that they name; warns of tasks that cannot work.
 *
 * @param io the world
 * @param path the file
 * @returns the tasks
 * @throws UsageError when a file cannot be read or is wrong
 */
export async function loadTasks(io: CliIo, path: string): Promise<readonly EvaluationTask[]> {
  const data = await loadData(io, path);
  const prompts = await loadPrompts(io, path, data);
  const tasks = asUsage(() => parseTasks(data, { source: path, prompts }));
  for (const { taskId, message } of lintTasks(tasks)) {
    io.stderr(`warning: ${path}: task "${taskId}": ${message}\n`);
  }
  return tasks;
}

/**
 * Reads scenarios, and the prompt files that their tasks name.
 *
 * @param io the world
 * @param path the file
 * @returns the scenarios
 * @throws UsageError when a file cannot be read or is wrong
 */
export async function loadScenarios(io: CliIo, path: string): Promise<EvalScenarios> {
  const data = await loadData(io, path);
  const prompts = await loadPrompts(io, path, data);
  return asUsage(() => parseScenarios(data, { source: path, prompts }));
}

/** Prompt files by the path that tasks give, which is relative to the task file. */
async function loadPrompts(
  io: CliIo,
  path: string,
  data: unknown,
): Promise<ReadonlyMap<string, unknown>> {
  const prompts = new Map<string, unknown>();
  for (const name of promptPaths(data)) {
    const file = isAbsolute(name) ? name : join(dirname(path), name);
    prompts.set(name, await loadData(io, file));
  }
  return prompts;
}

function promptPaths(data: unknown, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(data)) { for (const item of data) promptPaths(item, found); }
  else if (isJsonObject(data)) {
    const { prompt } = data;
    if (isJsonObject(prompt) && typeof prompt.path === "string") found.add(prompt.path);
    for (const key of ["tasks", "scenarios", "judge"]) {
      if (key in data) promptPaths(data[key], found);
    }
  }
  return found;
}

/**
 * Turns a wrong file into a usage error.
 *
 * @param work what may find something wrong
 * @returns what it returns
 * @throws UsageError
 */
export function asUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof EvaluationError) throw new UsageError(error.message);
    throw error;
  }
}
