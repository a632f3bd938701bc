import type { EvaluationTask } from "../tasks/types.ts";
import { buildPlan } from "./plan.ts";

/**
 * The plan as text for a terminal: stages, kinds, gates, dependencies.
 *
 * @param tasks the tasks
 * @returns lines, ending with a newline
 * @throws EvaluationError when the tasks cannot be planned
 * @example
 * ```ts
 * import { assertionTask } from "../tasks/factories.ts";
 * import { planAsText } from "./render.ts";
 *
 * planAsText([assertionTask({ id: "a", operator: "IsString", contextPath: "text" })]);
 * ```
 */
export function planAsText(tasks: readonly EvaluationTask[]): string {
  const plan = buildPlan(tasks);
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const lines: string[] = [];
  plan.stages.forEach((stage, index) => {
    lines.push(`Stage ${index + 1}`);
    for (const id of stage) {
      const task = byId.get(id);
      if (task === undefined) continue;
      const gate = task.condition ? " (gate)" : "";
      const after = task.dependsOn.length > 0 ? `  ← ${task.dependsOn.join(", ")}` : "";
      lines.push(`  ${id}  [${task.taskType}${gate}]${after}`);
    }
  });
  return lines.join("\n") + "\n";
}

/**
 * The plan as a Mermaid flowchart, for documents and pull requests.
 *
 * @param tasks the tasks
 * @returns Mermaid source, ending with a newline; gates are diamonds
 * @throws EvaluationError when the tasks cannot be planned
 * @example
 * ```ts
 * import { assertionTask } from "../tasks/factories.ts";
 * import { planAsMermaid } from "./render.ts";
 *
 * planAsMermaid([assertionTask({ id: "a", operator: "IsString", contextPath: "text" })]);
 * ```
 */
export function planAsMermaid(tasks: readonly EvaluationTask[]): string {
  const plan = buildPlan(tasks);
  const names = new Map(tasks.map((task, index) => [task.id, `t${index}`]));
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const lines = ["flowchart TD"];
  plan.stages.forEach((stage, index) => {
    lines.push(`  subgraph stage${index + 1} ["Stage ${index + 1}"]`);
    for (const id of stage) {
      const task = byId.get(id);
      const label = `"${escape(id)}<br/>${task?.taskType ?? ""}"`;
      lines.push(`    ${names.get(id)}${task?.condition ? `{${label}}` : `[${label}]`}`);
    }
    lines.push("  end");
  });
  for (const task of tasks) {
    for (const parent of task.dependsOn) {
      const arrow = byId.get(parent)?.condition ? "-->|if passed|" : "-->";
      lines.push(`  ${names.get(parent)} ${arrow} ${names.get(task.id)}`);
    }
  }
  return lines.join("\n") + "\n";
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
