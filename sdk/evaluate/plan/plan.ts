/**
 * The order of tasks: which can run together, which wait for which.
 *
 * @module
 */

import { EvaluationError } from "../errors.ts";

/** What a plan needs to know of a task. */
export interface PlannedTask {
  /** Name. */
  readonly id: string;
  /** Tasks that have to be done first. */
  readonly dependsOn: readonly string[];
  /** Whether it is a gate. */
  readonly condition?: boolean;
}

/** A task's place in the plan. */
export interface PlanNode {
  /** Name. */
  readonly id: string;
  /** Stage, from 0. */
  readonly stage: number;
  /** Tasks it waits for. */
  readonly parents: readonly string[];
  /** Tasks that wait for it. */
  readonly children: readonly string[];
}

/** Tasks in stages; those of one stage do not depend on each other. */
export interface ExecutionPlan {
  /** Names by stage, in declaration order. */
  readonly stages: readonly (readonly string[])[];
  /** Nodes by name. */
  readonly nodes: Readonly<Record<string, PlanNode>>;
}

/**
 * Plans tasks by Kahn's algorithm (1962).
 *
 * @param tasks the tasks; order within a stage is theirs
 * @returns the plan
 * @throws EvaluationError `DUPLICATE_TASK_ID`, `UNKNOWN_DEPENDENCY` or `CIRCULAR_DEPENDENCY`, which
 * name the tasks
 * @example
 * ```ts
 * import { buildPlan } from "./plan.ts";
 *
 * buildPlan([{ id: "a", dependsOn: [] }, { id: "b", dependsOn: ["a"] }]).stages;
 * // [["a"], ["b"]]
 * ```
 */
export function buildPlan(tasks: readonly PlannedTask[]): ExecutionPlan {
  const byId = new Map<string, PlannedTask>();
  for (const task of tasks) {
    if (byId.has(task.id)) {
      throw new EvaluationError(
        "DUPLICATE_TASK_ID",
        `Two tasks are called "${task.id}"; ids are unique across all kinds of tasks and ` +
          "compared in lower case",
      );
    }
    byId.set(task.id, task);
  }
  const children = new Map<string, string[]>(tasks.map((task) => [task.id, []]));
  const waitingFor = new Map<string, number>();
  for (const task of tasks) {
    const parents = new Set(task.dependsOn);
    waitingFor.set(task.id, parents.size);
    for (const parent of parents) {
      const list = children.get(parent);
      if (list === undefined) {
        throw new EvaluationError(
          "UNKNOWN_DEPENDENCY",
          `Task "${task.id}" depends on "${parent}", which does not exist` + hint(parent, byId),
        );
      }
      list.push(task.id);
    }
  }
  const stages: string[][] = [];
  const stageOf = new Map<string, number>();
  let ready = tasks.filter((task) => task.dependsOn.length === 0).map((task) => task.id);
  while (ready.length > 0) {
    for (const id of ready) stageOf.set(id, stages.length);
    stages.push(ready);
    const next = new Set<string>();
    for (const id of ready) {
      for (const child of children.get(id) ?? []) {
        const left = (waitingFor.get(child) ?? 0) - 1;
        waitingFor.set(child, left);
        if (left === 0) next.add(child);
      }
    }
    ready = tasks.filter((task) => next.has(task.id)).map((task) => task.id);
  }
  if (stageOf.size < tasks.length) throw circular(tasks, stageOf);
  const nodes: Record<string, PlanNode> = {};
  for (const task of tasks) {
    nodes[task.id] = {
      id: task.id,
      stage: stageOf.get(task.id) ?? 0,
      parents: [...new Set(task.dependsOn)],
      children: children.get(task.id) ?? [],
    };
  }
  return { stages, nodes };
}

function hint(wanted: string, known: ReadonlyMap<string, unknown>): string {
  for (const id of known.keys()) {
    if (id.toLowerCase() === wanted.toLowerCase()) return `; did you mean "${id}"?`;
  }
  return `; known tasks: ${[...known.keys()].join(", ")}`;
}

/** Follows dependencies among the unplaced tasks until one comes round again. */
function circular(
  tasks: readonly PlannedTask[],
  placed: ReadonlyMap<string, number>,
): EvaluationError {
  const left = new Map(
    tasks.filter((task) => !placed.has(task.id)).map((task) => [task.id, task.dependsOn]),
  );
  const trail: string[] = [];
  let at = left.keys().next().value;
  while (at !== undefined && !trail.includes(at)) {
    trail.push(at);
    at = left.get(at)?.find((parent) => left.has(parent));
  }
  const cycle = at === undefined ? trail : [...trail.slice(trail.indexOf(at)), at];
  return new EvaluationError(
    "CIRCULAR_DEPENDENCY",
    `Tasks depend on each other in a circle: ${cycle.join(" → ")}`,
  );
}
