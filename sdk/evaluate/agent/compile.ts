import { compileAssertion } from "../assertion.ts";
import { TaskCheck } from "../check.ts";
import type { JsonValue } from "../json.ts";
import { type Compatibility, type CompiledPath, compilePath } from "../path.ts";
import type { AgentAssertionTask } from "../tasks/types.ts";
import { type AgentExtractor, compileAgentExtractor } from "./extract.ts";
import { normaliseResponse } from "./normalise.ts";
import type { AgentResponse, Provider } from "./types.ts";

/**
 * Responses already normalised: several tasks ask about the same one. Keep it no longer than one
 * record's evaluation, so that changed data is read again.
 */
export type ResponseCache = Map<object, Map<Provider | null, AgentResponse>>;

/**
 * Compiles an agent assertion task: find the response, normalise it, extract, compare.
 *
 * @param task the task
 * @param compatibility which rules
 * @returns a function from the context (and a cache of this record's responses) to an outcome
 * @throws EvaluationError in strict mode, when a path or template is invalid
 * @example
 * ```ts
 * import { agentAssertionTask } from "../tasks/factories.ts";
 * import { agentAssertion } from "./builders.ts";
 * import { compileAgentAssertion } from "./compile.ts";
 *
 * const check = compileAgentAssertion(agentAssertionTask({
 *   id: "short",
 *   assertion: agentAssertion.responseOutputTokens(),
 *   operator: "LessThan",
 *   expectedValue: 100,
 * }));
 * check({ choices: [], usage: { completion_tokens: 12 } }).passed; // true
 * ```
 */
export function compileAgentAssertion(
  task: AgentAssertionTask,
  compatibility: Compatibility = "reference",
): (context: JsonValue, cache?: ResponseCache) => TaskCheck {
  const { id, operator, expectedValue, contextPath, provider } = task;
  const unmeasured = (message: string): TaskCheck =>
    new TaskCheck(id, "unmeasured", "error", null, expectedValue, 0, message);
  let path: CompiledPath | undefined;
  let extract: AgentExtractor;
  try {
    path = contextPath === null ? undefined : compilePath(contextPath, compatibility);
    extract = compileAgentExtractor(task.assertion, compatibility);
  } catch (error) {
    if (compatibility === "strict") throw error;
    const message = error instanceof Error ? error.message : String(error);
    return () => unmeasured(message);
  }
  const assertion = compileAssertion({ id, operator, expectedValue }, compatibility);
  return (context, cache) => {
    const found = path === undefined ? context : path.get(context);
    if (found === undefined) return unmeasured(path?.explain(context).message ?? "");
    let value: JsonValue;
    try {
      value = extract(normalised(found, provider, cache));
    } catch (error) {
      return unmeasured(error instanceof Error ? error.message : String(error));
    }
    return assertion.evaluate(value, context);
  };
}

function normalised(
  value: JsonValue,
  provider: Provider | null,
  cache: ResponseCache | undefined,
): AgentResponse {
  if (cache === undefined || typeof value !== "object" || value === null) {
    return normaliseResponse(value, provider);
  }
  let byProvider = cache.get(value);
  if (byProvider === undefined) cache.set(value, byProvider = new Map());
  let response = byProvider.get(provider);
  if (response === undefined) {
    byProvider.set(provider, response = normaliseResponse(value, provider));
  }
  return response;
}
