import { compileAssertion } from "../assertion.ts";
import { TaskCheck } from "../check.ts";
import type { JsonValue } from "../json.ts";
import type { Compatibility } from "../path.ts";
import type { TraceAssertionTask } from "../tasks/types.ts";
import { compileTraceAssertion, type TraceExtractor } from "./extract.ts";
import type { EvalSpan } from "./types.ts";

/**
 * Compiles a trace assertion task: extract, then compare.
 *
 * @param task the task
 * @param compatibility which rules
 * @returns a function from spans, and the context that templates may look in, to an outcome
 * @throws EvaluationError in strict mode, when a pattern, filter or template is invalid
 * @example
 * ```ts
 * import { traceAssertion } from "./builders.ts";
 * import { traceAssertionTask } from "../tasks/factories.ts";
 * import { compileTraceTask } from "./compile.ts";
 *
 * const check = compileTraceTask(traceAssertionTask({
 *   id: "no-errors",
 *   assertion: traceAssertion.traceErrorCount(),
 *   operator: "Equals",
 *   expectedValue: 0,
 * }));
 * check([{ span_name: "root" }], {}).passed; // true
 * ```
 */
export function compileTraceTask(
  task: TraceAssertionTask,
  compatibility: Compatibility = "reference",
): (spans: readonly EvalSpan[], scope: JsonValue) => TaskCheck {
  const { id, operator, expectedValue } = task;
  const unmeasured = (message: string): TaskCheck =>
    new TaskCheck(id, "unmeasured", "error", null, expectedValue, 0, message);
  let extract: TraceExtractor;
  try {
    extract = compileTraceAssertion(task.assertion, compatibility);
  } catch (error) {
    if (compatibility === "strict") throw error;
    const message = error instanceof Error ? error.message : String(error);
    return () => unmeasured(message);
  }
  const assertion = compileAssertion({ id, operator, expectedValue }, compatibility);
  return (spans, scope) => {
    let value: JsonValue;
    try {
      value = extract(spans);
    } catch (error) {
      return unmeasured(error instanceof Error ? error.message : String(error));
    }
    return assertion.evaluate(value, scope);
  };
}
