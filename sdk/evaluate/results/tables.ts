import type { AlignedEvalResult } from "./record_result.ts";
import { renderTable } from "./text_table.ts";

const GREEN = "\x1b[32m";
const YELLOW = "\x1b[33m";
const RED = "\x1b[31m";
const RESET = "\x1b[0m";

/**
 * One line per record: counts, rate, duration.
 *
 * @param results results by record
 * @param color green from 90 %, yellow from 60 %, else red
 * @returns the table
 * @example
 * ```ts
 * import { workflowTable } from "./tables.ts";
 *
 * workflowTable([], false);
 * ```
 */
export function workflowTable(results: readonly AlignedEvalResult[], color: boolean): string {
  const rows = results.map((result) => {
    const { inner } = result.evalSet;
    const rate = inner.pass_rate === null ? "–" : `${(inner.pass_rate * 100).toFixed(1)}%`;
    return [
      result.scenarioId ?? "",
      inner.created_at,
      result.recordId !== "" ? truncate(result.recordId, 16) : result.recordUid.slice(-8),
      String(inner.total_tasks),
      String(inner.passed_tasks),
      String(inner.failed_tasks),
      String(result.unmeasured.length),
      color ? paint(rate, inner.pass_rate) : rate,
      String(inner.duration_ms),
    ];
  });
  return renderTable(
    [
      "Scenario ID",
      "Created At",
      "Record",
      "Total Tasks",
      "Passed",
      "Failed",
      "Unmeasured",
      "Pass Rate",
      "Duration (ms)",
    ],
    rows,
  );
}

function paint(text: string, rate: number | null): string {
  if (rate === null) return text;
  const color = rate >= 0.9 ? GREEN : rate >= 0.6 ? YELLOW : RED;
  return `${color}${text}${RESET}`;
}

/**
 * One line per task and record.
 *
 * @param results results by record
 * @returns the table, sorted by record, stage and task
 * @example
 * ```ts
 * import { taskTable } from "./tables.ts";
 *
 * taskTable([]);
 * ```
 */
export function taskTable(results: readonly AlignedEvalResult[]): string {
  const lines = results.flatMap((result) => {
    const record = result.recordId || result.recordUid;
    return [
      ...result.evalSet.records.map((row) => ({
        record,
        stage: row.stage,
        task: row.task_id,
        cells: [
          row.created_at,
          truncate(record, 16),
          truncate(row.task_id, 16),
          row.task_type,
          String(row.condition),
          String(row.stage),
          row.passed ? "✓" : "✗",
          truncate(JSON.stringify(Object.values(row.assertion)[0]), 12),
          row.operator,
          truncate(JSON.stringify(row.expected), 20),
          truncate(JSON.stringify(row.actual), 20),
        ],
      })),
      ...result.unmeasured.map((task) => ({
        record,
        stage: Infinity,
        task: task.task_id,
        cells: [
          "",
          truncate(record, 16),
          truncate(task.task_id, 16),
          task.task_type,
          String(task.condition),
          "",
          `∅ ${task.reason}`,
          "",
          "",
          "",
          truncate(task.message, 120),
        ],
      })),
    ];
  });
  lines.sort((a, b) =>
    order(a.record, b.record) || a.stage - b.stage || order(a.task, b.task) || 0
  );
  return renderTable(
    [
      "Created At",
      "Record ID",
      "Task ID",
      "Task Type",
      "Condition",
      "Stage",
      "Passed",
      "Assertion",
      "Operator",
      "Expected",
      "Actual",
    ],
    lines.map((line) => line.cells),
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function truncate(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 3))}...`;
}
