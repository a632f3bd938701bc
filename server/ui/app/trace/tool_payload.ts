/**
 * What went into a step and came out of it, where its instrumentation tells it by an attribute only.
 *
 * @module
 */

import type { TraceSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";

/** Attributes that hold a step's input: GenAI semantic conventions, OpenInference, OpenLLMetry. */
const INPUT = ["gen_ai.tool.call.arguments", "input.value", "traceloop.entity.input"];
const OUTPUT = ["gen_ai.tool.call.result", "output.value", "traceloop.entity.output"];

/** A text as {@linkcode Payload} takes it. */
export interface StepPayload {
  readonly json: string | undefined;
  /** Characters of the whole text where `json` is only its beginning, else 0. */
  readonly fullLength: number;
}

/** What went into a span. */
export function inputOf(span: TraceSpan): StepPayload {
  if (span.inputJson === undefined) return attributeOf(span, INPUT);
  return { json: span.inputJson, fullLength: Number(span.inputFullLength) };
}

/** What came out of a span. */
export function outputOf(span: TraceSpan): StepPayload {
  if (span.outputJson === undefined) return attributeOf(span, OUTPUT);
  return { json: span.outputJson, fullLength: Number(span.outputFullLength) };
}

function attributeOf({ attributes }: TraceSpan, keys: readonly string[]): StepPayload {
  const found = keys.flatMap((key) => attributes.find((attribute) => attribute.key === key) ?? []);
  const [first] = found;
  return { json: first?.valueJson, fullLength: Number(first?.fullLength ?? 0n) };
}
