import type { JsonObject, JsonValue } from "../json.ts";

/** Whose response it is; `null` or `Undefined`: look at its shape. */
export type Provider =
  | "OpenAI"
  | "Gemini"
  | "Google"
  | "Vertex"
  | "Anthropic"
  | "GoogleAdk"
  | "Undefined";

/** What is extracted from an agent's response; serialised as it stands. */
export type AgentAssertionSpec =
  | { readonly ToolCalled: { readonly name: string } }
  | { readonly ToolNotCalled: { readonly name: string } }
  | { readonly ToolCalledWithArgs: { readonly name: string; readonly arguments: JsonValue } }
  | { readonly ToolCallSequence: { readonly names: readonly string[] } }
  | { readonly ToolCallCount: { readonly name?: string | null } }
  | { readonly ToolArgument: { readonly name: string; readonly argument_key: string } }
  | { readonly ToolResult: { readonly name: string } }
  | { readonly ResponseContent: Record<never, never> }
  | { readonly ResponseModel: Record<never, never> }
  | { readonly ResponseFinishReason: Record<never, never> }
  | { readonly ResponseInputTokens: Record<never, never> }
  | { readonly ResponseOutputTokens: Record<never, never> }
  | { readonly ResponseTotalTokens: Record<never, never> }
  | { readonly ResponseField: { readonly path: string } };

/** A tool call, whoever's model made it. */
export interface ToolCall {
  /** The tool. */
  readonly name: string;
  /** Its arguments; null when they were no JSON. */
  readonly arguments: JsonValue;
  /** The vendor's id of the call. */
  readonly callId: string | null;
  /** What the tool answered, where the response says so. */
  readonly result: JsonValue;
}

/** Tokens that a response cost. */
export interface TokenUsage {
  /** Prompt tokens. */
  readonly inputTokens: number | null;
  /** Completion tokens. */
  readonly outputTokens: number | null;
  /** Both. */
  readonly totalTokens: number | null;
}

/** A vendor's response in one shape for all vendors. */
export interface AgentResponse {
  /** The shape that was recognised. */
  readonly format: string;
  /** The answer's text; null when there is none. */
  readonly content: string | null;
  /** The model that answered. */
  readonly model: string | null;
  /** Why it stopped, in the vendor's word. */
  readonly finishReason: string | null;
  /** Tool calls in order. */
  readonly toolCalls: readonly ToolCall[];
  /** Tokens. */
  readonly usage: TokenUsage;
  /** The response as it came. */
  readonly raw: JsonObject | readonly JsonValue[];
}
