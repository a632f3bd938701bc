/**
 * What trace assertions extract from spans, before it is compared.
 *
 * @module
 */

import { EvaluationError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { Compatibility } from "../path.ts";
import { compileAttributeFilter } from "./attribute_filter.ts";
import { attributeOf, compileSpanFilter, type SpanPredicate } from "./filter.ts";
import type { AggregationType, EvalSpan, TraceAssertionSpec } from "./types.ts";

/** Extracts a value from a trace; throws EvaluationError when there is no answer. */
export type TraceExtractor = (spans: readonly EvalSpan[]) => JsonValue;

/**
 * Compiles a trace assertion.
 *
 * @param assertion what to extract
 * @param compatibility `strict`: an attribute that no matching span has is null instead of an empty
 * array
 * @returns an extractor
 * @throws EvaluationError when a pattern or filter is invalid
 * @example
 * ```ts
 * import { compileTraceAssertion } from "./extract.ts";
 *
 * const count = compileTraceAssertion({ TraceSpanCount: {} });
 * count([{ span_name: "a" }, { span_name: "b" }]); // 2
 * ```
 */
export function compileTraceAssertion(
  assertion: TraceAssertionSpec,
  compatibility: Compatibility = "reference",
): TraceExtractor {
  if ("SpanSequence" in assertion) {
    const names = assertion.SpanSequence.span_names;
    return (spans) =>
      spans.length === names.length &&
      inOrder(spans).every((span, i) => span.span_name === names[i]);
  }
  if ("SpanSet" in assertion) {
    const names = assertion.SpanSet.span_names;
    return (spans) => {
      const present = new Set(spans.map((span) => span.span_name));
      return names.every((name) => present.has(name));
    };
  }
  if ("SpanCount" in assertion) {
    const { filter } = assertion.SpanCount;
    if ("Sequence" in filter) return countSequences(filter.Sequence.names);
    const matches = compileSpanFilter(filter);
    return (spans) => countMatches(spans, matches);
  }
  if ("SpanExists" in assertion) {
    const matches = compileSpanFilter(assertion.SpanExists.filter);
    return (spans) => spans.some(matches);
  }
  if ("SpanAttribute" in assertion) {
    const { filter, attribute_key } = assertion.SpanAttribute;
    return spanAttribute(compileSpanFilter(filter), attribute_key, compatibility);
  }
  if ("SpanDuration" in assertion) {
    const matches = compileSpanFilter(assertion.SpanDuration.filter);
    return (spans) => {
      const values = spans.filter(matches).map((span) => span.duration_ms ?? 0);
      return values.length === 1 ? values[0] as number : values;
    };
  }
  if ("SpanAggregation" in assertion) {
    const { filter, attribute_key, aggregation } = assertion.SpanAggregation;
    const matches = compileSpanFilter(filter);
    return (spans) => {
      const values: JsonValue[] = [];
      for (const span of spans) {
        if (!matches(span)) continue;
        const value = attributeOf(span, attribute_key);
        if (value !== undefined) values.push(value);
      }
      return aggregate(values, aggregation);
    };
  }
  if ("TraceDuration" in assertion) return traceDuration;
  if ("TraceSpanCount" in assertion) return (spans) => spans.length;
  if ("TraceErrorCount" in assertion) {
    return (spans) => countMatches(spans, (span) => span.status_code === 2);
  }
  if ("TraceServiceCount" in assertion) {
    return (spans) => new Set(spans.map((span) => span.service_name ?? "")).size;
  }
  if ("TraceMaxDepth" in assertion) {
    return (spans) => spans.reduce((deepest, span) => Math.max(deepest, span.depth ?? 0), 0);
  }
  if ("TraceAttribute" in assertion) return traceAttribute(assertion.TraceAttribute.attribute_key);
  return compileAttributeFilter(assertion.AttributeFilter, compatibility);
}

function inOrder(spans: readonly EvalSpan[]): readonly EvalSpan[] {
  return spans.toSorted((a, b) => (a.span_order ?? 0) - (b.span_order ?? 0));
}

function countMatches(spans: readonly EvalSpan[], matches: SpanPredicate): number {
  let count = 0;
  for (const span of spans) if (matches(span)) count++;
  return count;
}

/** Windows of adjacent spans, overlapping ones too, that carry exactly these names. */
function countSequences(names: readonly string[]): TraceExtractor {
  return (spans) => {
    if (names.length === 0) return 0;
    const ordered = inOrder(spans);
    let count = 0;
    for (let start = 0; start + names.length <= ordered.length; start++) {
      if (names.every((name, i) => ordered[start + i]?.span_name === name)) count++;
    }
    return count;
  };
}

function spanAttribute(
  matches: SpanPredicate,
  key: string,
  compatibility: Compatibility,
): TraceExtractor {
  return (spans) => {
    const meant = spans.filter(matches);
    if (meant.length === 0) return null;
    const values: JsonValue[] = [];
    for (const span of meant) {
      const value = attributeOf(span, key);
      if (value !== undefined) values.push(value);
    }
    const [first] = values;
    if (first === undefined && compatibility === "strict") return null;
    return values.length === 1 && first !== undefined ? first : values;
  };
}

function aggregate(values: readonly JsonValue[], aggregation: AggregationType): JsonValue {
  if (aggregation === "Count") return values.length;
  const numbers = values.filter((value) => typeof value === "number");
  const [first] = numbers;
  if (first === undefined) return null;
  const sum = numbers.reduce((total, value) => total + value, 0);
  switch (aggregation) {
    case "Sum":
      return sum;
    case "Average":
      return sum / numbers.length;
    case "Min":
      return numbers.reduce((least, value) => Math.min(least, value), first);
    case "Max":
      return numbers.reduce((most, value) => Math.max(most, value), first);
    case "First":
      return first;
    case "Last":
      return numbers[numbers.length - 1] ?? first;
  }
}

/** Milliseconds from the first start to the last end. */
function traceDuration(spans: readonly EvalSpan[]): number {
  let start = Infinity;
  let end = -Infinity;
  for (const span of spans) {
    const startUs = timeUs(span.start_time);
    const endUs = timeUs(span.end_time);
    if (startUs < start) start = startUs;
    if (endUs > end) end = endUs;
  }
  const durationUs = end - start;
  return Number.isFinite(durationUs) ? Math.max(0, Math.trunc(durationUs / 1000)) : 0;
}

/** Microseconds since the epoch; dates alone would cut them off at milliseconds. */
function timeUs(text: string | undefined): number {
  if (text === undefined) return NaN;
  const ms = Date.parse(text);
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
  const micros = Number(fraction.padEnd(6, "0").slice(3, 6));
  return Math.floor(ms) * 1000 + micros;
}

function traceAttribute(key: string): TraceExtractor {
  return (spans) => {
    const root = spans.find((span) => (span.depth ?? 0) === 0);
    if (root === undefined) {
      throw new EvaluationError("FIELD_NOT_FOUND", "The trace has no root span (depth 0)");
    }
    const value = attributeOf(root, key);
    if (value === undefined) {
      throw new EvaluationError(
        "FIELD_NOT_FOUND",
        `Root span "${root.span_name}" has no attribute "${key}"`,
      );
    }
    return value;
  };
}
