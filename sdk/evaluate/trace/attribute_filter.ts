import { compileAgentAssertion } from "../agent/compile.ts";
import { compileAssertion } from "../assertion.ts";
import type { TaskCheck } from "../check.ts";
import { EvaluationError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { Compatibility } from "../path.ts";
import { attributeOf } from "./filter.ts";
import type {
  AttributeFilterTask,
  EvalSpan,
  MultiResponseMode,
  TraceAssertionSpec,
} from "./types.ts";

/** The parts of an attribute filter. */
type AttributeFilter = Extract<TraceAssertionSpec, { AttributeFilter: unknown }>["AttributeFilter"];

/**
 * Compiles a filter that asks a task about an attribute of every span that has it.
 *
 * @param filter key, inner task, and whether any or all of the spans have to pass
 * @param compatibility rules of the inner task
 * @returns an extractor of true or false; false when no span has the attribute
 * @throws EvaluationError when a path or pattern of the inner task is invalid (strict mode)
 * @example
 * ```ts
 * import { assertionTask } from "../tasks/factories.ts";
 * import { compileAttributeFilter } from "./attribute_filter.ts";
 *
 * const task = { Assertion: assertionTask({ id: "n", operator: "Equals", expectedValue: 1 }) };
 * const any = compileAttributeFilter({ key: "k", task, mode: "Any" });
 * any([{ span_name: "a", attributes: [{ key: "k", value: 1 }] }]); // true
 * ```
 */
export function compileAttributeFilter(
  filter: AttributeFilter,
  compatibility: Compatibility = "reference",
): (spans: readonly EvalSpan[]) => boolean {
  const check = compileInner(filter.task, compatibility);
  const mode: MultiResponseMode = filter.mode;
  return (spans) => {
    let seen = 0;
    let passed = 0;
    for (const span of spans) {
      const value = attributeOf(span, filter.key);
      if (value === undefined) continue;
      seen++;
      const outcome = check(typeof value === "string" ? parsed(value) : value);
      if (outcome.reason === "error") {
        throw new EvaluationError("INVALID_TASK", `Span "${span.span_name}": ${outcome.message}`);
      }
      if (outcome.passed) passed++;
    }
    return mode === "Any" ? passed > 0 : seen > 0 && passed === seen;
  };
}

function compileInner(
  task: AttributeFilterTask,
  compatibility: Compatibility,
): (value: JsonValue) => TaskCheck {
  if ("Assertion" in task) {
    const compiled = compileAssertion(task.Assertion, compatibility);
    return (value) => compiled.evaluate(value);
  }
  return compileAgentAssertion(task.AgentAssertion, compatibility);
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // Not JSON: the text itself is the value.
    return text;
  }
}
