/**
 * Steps of a conversation as messages of `scouter.v1.GenAiService`.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  GenAiMessageSchema,
  GenAiPartSchema,
  GenAiStepSchema,
  GenAiTextSchema,
} from "../../sdk/gen/scouter/v1/genai_pb.ts";
import type { Message, MessagePart } from "../genai/messages/message.ts";
import type { Pricing } from "../genai/pricing.ts";
import { spanCost } from "../lake/traces/genai/span_cost.ts";
import type { TranscriptStep } from "../lake/traces/genai/transcripts.ts";
import { evaluationMessage, int64OrNull } from "./genai_messages.ts";
import { int64, present } from "./trace_messages.ts";

/**
 * One step.
 *
 * @param steps All steps of the answer.
 * @param at Index of the step.
 * @param maxTextChars Longer texts are cut.
 */
export function stepMessage(
  steps: readonly TranscriptStep[],
  at: number,
  pricing: Pricing,
  maxTextChars: number,
): MessageInitShape<typeof GenAiStepSchema> {
  const step = steps[at];
  if (step === undefined) throw new RangeError(`There is no step ${at}.`);
  const { span, messages, repeats } = step;
  const text = cutter(maxTextChars);
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    depth: depthOf(steps, at),
    serviceName: span.serviceName,
    spanName: step.spanName,
    startTimeUs: int64(span.startTimeUs),
    endTimeUs: int64(span.endTimeUs),
    durationMs: int64(span.durationMs),
    statusCode: span.statusCode,
    operationName: span.operationName,
    finishReasons: [...span.finishReasons],
    evaluations: span.evalResults.map(evaluationMessage),
    system: messages.system.map((part) => partMessage(part, text)),
    systemRepeated: repeats.system,
    input: messages.input.map((message, i) => spokenMessage(message, i < repeats.input, text)),
    output: messages.output.map((message, i) =>
      spokenMessage(message, repeats.output[i] ?? false, text)
    ),
    tools: [...messages.tools],
    ...present({
      parentSpanId: step.parentSpanId,
      parentStepSpanId: steps[step.parent]?.span.spanId ?? null,
      statusMessage: step.statusMessage,
      errorType: span.errorType,
      providerName: span.providerName,
      requestModel: span.requestModel,
      responseModel: span.responseModel,
      conversationId: span.conversationId,
      agentName: span.agentName,
      toolName: span.toolName,
      inputTokens: int64OrNull(span.inputTokens),
      outputTokens: int64OrNull(span.outputTokens),
      cacheCreationInputTokens: int64OrNull(span.cacheCreationInputTokens),
      cacheReadInputTokens: int64OrNull(span.cacheReadInputTokens),
      costUsd: spanCost(span, pricing),
    }),
  };
}

function depthOf(steps: readonly TranscriptStep[], at: number): number {
  let depth = 0;
  for (let above = steps[at]?.parent ?? -1; above >= 0 && depth < steps.length; depth++) {
    above = steps[above]?.parent ?? -1;
  }
  return depth;
}

type Text = (whole: string) => MessageInitShape<typeof GenAiTextSchema>;

function cutter(maxChars: number): Text {
  return (whole) => {
    let end = Math.min(whole.length, maxChars);
    // Never between the halves of a character beyond U+FFFF.
    if (end < whole.length && /[\uD800-\uDBFF]/.test(whole.charAt(end - 1))) end--;
    return { text: whole.slice(0, end), fullLength: int64(whole.length) };
  };
}

function spokenMessage(
  message: Message,
  repeated: boolean,
  text: Text,
): MessageInitShape<typeof GenAiMessageSchema> {
  return {
    role: message.role,
    parts: message.parts.map((part) => partMessage(part, text)),
    repeated,
    ...present({ name: message.name, finishReason: message.finishReason }),
  };
}

function partMessage(part: MessagePart, text: Text): MessageInitShape<typeof GenAiPartSchema> {
  switch (part.kind) {
    case "text":
      return { kind: { case: "text", value: text(part.text) } };
    case "reasoning":
      return { kind: { case: "reasoning", value: text(part.text) } };
    case "tool_call":
      return {
        kind: {
          case: "toolCall",
          value: {
            arguments: text(part.argumentsText),
            ...present({ id: part.id, name: part.name }),
          },
        },
      };
    case "tool_result":
      return {
        kind: {
          case: "toolResult",
          value: { result: text(part.resultText), ...present({ id: part.id, name: part.name }) },
        },
      };
    case "other":
      return { kind: { case: "other", value: { type: part.type, json: text(part.json) } } };
  }
}
