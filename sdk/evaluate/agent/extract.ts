import { isJsonArray, isJsonObject, type JsonValue, strictEquals } from "../json.ts";
import { type Compatibility, compilePath } from "../path.ts";
import type { AgentAssertionSpec, AgentResponse } from "./types.ts";

/** Extracts a value from a normalised response. */
export type AgentExtractor = (response: AgentResponse) => JsonValue;

/**
 * Compiles an agent assertion.
 *
 * @param assertion what to extract
 * @param compatibility grammar of `ResponseField` paths
 * @returns an extractor
 * @throws EvaluationError when a path cannot be parsed
 * @example
 * ```ts
 * import { agentAssertion } from "./builders.ts";
 * import { compileAgentExtractor } from "./extract.ts";
 * import { normaliseResponse } from "./normalise.ts";
 *
 * const called = compileAgentExtractor(agentAssertion.toolCalled("search"));
 * called(normaliseResponse({ content: "", tool_calls: [{ name: "search", arguments: {} }] })); // true
 * ```
 */
export function compileAgentExtractor(
  assertion: AgentAssertionSpec,
  compatibility: Compatibility = "reference",
): AgentExtractor {
  if ("ToolCalled" in assertion) {
    const { name } = assertion.ToolCalled;
    return (response) => response.toolCalls.some((call) => call.name === name);
  }
  if ("ToolNotCalled" in assertion) {
    const { name } = assertion.ToolNotCalled;
    return (response) => !response.toolCalls.some((call) => call.name === name);
  }
  if ("ToolCalledWithArgs" in assertion) {
    const { name, arguments: wanted } = assertion.ToolCalledWithArgs;
    return (response) =>
      response.toolCalls.some((call) => call.name === name && includes(call.arguments, wanted));
  }
  if ("ToolCallSequence" in assertion) {
    const { names } = assertion.ToolCallSequence;
    return (response) => {
      let next = 0;
      for (const call of response.toolCalls) if (call.name === names[next]) next++;
      return next >= names.length;
    };
  }
  if ("ToolCallCount" in assertion) {
    const { name } = assertion.ToolCallCount;
    return (response) =>
      typeof name === "string"
        ? response.toolCalls.filter((call) => call.name === name).length
        : response.toolCalls.length;
  }
  if ("ToolArgument" in assertion) {
    const { name, argument_key } = assertion.ToolArgument;
    return (response) => {
      const call = response.toolCalls.find((candidate) => candidate.name === name);
      const found = call?.arguments ?? null;
      if (!isJsonObject(found) || !Object.hasOwn(found, argument_key)) return null;
      return found[argument_key] ?? null;
    };
  }
  if ("ToolResult" in assertion) {
    const { name } = assertion.ToolResult;
    return (response) =>
      response.toolCalls.find((candidate) => candidate.name === name)?.result ?? null;
  }
  if ("ResponseContent" in assertion) return (response) => response.content || null;
  if ("ResponseModel" in assertion) return (response) => response.model;
  if ("ResponseFinishReason" in assertion) return (response) => response.finishReason;
  if ("ResponseInputTokens" in assertion) return (response) => response.usage.inputTokens;
  if ("ResponseOutputTokens" in assertion) return (response) => response.usage.outputTokens;
  if ("ResponseTotalTokens" in assertion) return (response) => response.usage.totalTokens;
  const path = compilePath(assertion.ResponseField.path, compatibility);
  return (response) => path.get(response.raw) ?? null;
}

/** Objects partially and recursively, arrays and scalars exactly. */
function includes(actual: JsonValue, wanted: JsonValue): boolean {
  if (isJsonArray(wanted) || !isJsonObject(wanted)) return strictEquals(actual, wanted);
  if (!isJsonObject(actual)) return false;
  return Object.entries(wanted).every(([key, value]) =>
    Object.hasOwn(actual, key) && includes(actual[key] ?? null, value)
  );
}
