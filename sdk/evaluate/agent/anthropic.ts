import type { JsonObject, JsonValue } from "../json.ts";
import { sum } from "./openai.ts";
import { pick, pickNumber, pickObjects, pickText, textOf, withResults } from "./read.ts";
import type { AgentResponse, ToolCall } from "./types.ts";

/** Tool calls and results among Anthropic's content blocks. */
export function readBlocks(
  blocks: readonly JsonObject[],
  calls: ToolCall[],
  results: Map<string, JsonValue>,
): string | null {
  let text: string | null = null;
  for (const block of blocks) {
    const type = pickText(block, "type") ?? "";
    if (type === "text") text = pickText(block, "text") ?? text;
    else if (type.endsWith("tool_use")) {
      calls.push({
        name: pickText(block, "name") ?? "",
        arguments: pick(block, "input"),
        callId: pickText(block, "id"),
        result: null,
      });
    } else if (type.endsWith("tool_result")) {
      const id = pickText(block, "tool_use_id");
      const content = pick(block, "content");
      if (id !== null) results.set(id, textOf(content) ?? content);
    }
  }
  return text === "" ? null : text;
}

/**
 * Reads a message of Anthropic's Messages API.
 *
 * @param raw an object with a `content` array (or text)
 * @returns the response in the common shape
 */
export function readAnthropic(raw: JsonObject): AgentResponse {
  const calls: ToolCall[] = [];
  const results = new Map<string, JsonValue>();
  const content = readBlocks(pickObjects(raw, "content"), calls, results) ??
    pickText(raw, "content");
  const usage = pick(raw, "usage");
  const inputTokens = pickNumber(usage, "input_tokens");
  const outputTokens = pickNumber(usage, "output_tokens");
  return {
    format: "anthropic",
    content,
    model: pickText(raw, "model"),
    finishReason: pickText(raw, "stop_reason"),
    toolCalls: withResults(calls, results),
    usage: { inputTokens, outputTokens, totalTokens: sum(inputTokens, outputTokens) },
    raw,
  };
}
