import type { JsonValue } from "../json.ts";
import type { AgentAssertionSpec } from "./types.ts";

/** Makes agent assertions. */
export interface AgentAssertionBuilders {
  /** The tool was called: true or false. */
  toolCalled(name: string): AgentAssertionSpec;
  /** The tool was not called: true or false. */
  toolNotCalled(name: string): AgentAssertionSpec;
  /** Some call of the tool had at least these arguments: true or false. */
  toolCalledWithArgs(name: string, args: JsonValue): AgentAssertionSpec;
  /** The tools were called in this order, others in between allowed: true or false. */
  toolCallSequence(names: readonly string[]): AgentAssertionSpec;
  /** How often the tool was called; without a name, all calls. */
  toolCallCount(name?: string): AgentAssertionSpec;
  /** An argument of the tool's first call; null when there is none. */
  toolArgument(name: string, key: string): AgentAssertionSpec;
  /** What the tool's first call answered; null when the response does not say. */
  toolResult(name: string): AgentAssertionSpec;
  /** The answer's text. */
  responseContent(): AgentAssertionSpec;
  /** The model that answered. */
  responseModel(): AgentAssertionSpec;
  /** Why it stopped, in the vendor's word. */
  responseFinishReason(): AgentAssertionSpec;
  /** Prompt tokens. */
  responseInputTokens(): AgentAssertionSpec;
  /** Completion tokens. */
  responseOutputTokens(): AgentAssertionSpec;
  /** All tokens. */
  responseTotalTokens(): AgentAssertionSpec;
  /** A member of the response as the vendor sent it. */
  responseField(path: string): AgentAssertionSpec;
}

/**
 * Makes agent assertions.
 *
 * @example
 * ```ts
 * import { agentAssertion } from "./builders.ts";
 *
 * agentAssertion.toolCallSequence(["search", "answer"]);
 * ```
 */
export const agentAssertion: AgentAssertionBuilders = {
  toolCalled: (name) => ({ ToolCalled: { name } }),
  toolNotCalled: (name) => ({ ToolNotCalled: { name } }),
  toolCalledWithArgs: (name, args) => ({ ToolCalledWithArgs: { name, arguments: args } }),
  toolCallSequence: (names) => ({ ToolCallSequence: { names } }),
  toolCallCount: (name) => ({ ToolCallCount: { name: name ?? null } }),
  toolArgument: (name, key) => ({ ToolArgument: { name, argument_key: key } }),
  toolResult: (name) => ({ ToolResult: { name } }),
  responseContent: () => ({ ResponseContent: {} }),
  responseModel: () => ({ ResponseModel: {} }),
  responseFinishReason: () => ({ ResponseFinishReason: {} }),
  responseInputTokens: () => ({ ResponseInputTokens: {} }),
  responseOutputTokens: () => ({ ResponseOutputTokens: {} }),
  responseTotalTokens: () => ({ ResponseTotalTokens: {} }),
  responseField: (path) => ({ ResponseField: { path } }),
};
