/**
 * Span filters, compiled to predicates.
 *
 * @module
 */

import { EvaluationError } from "../errors.ts";
import { type JsonValue, strictEquals } from "../json.ts";
import { compilePattern } from "../regex.ts";
import type { EvalSpan, SpanFilterSpec, SpanStatus } from "./types.ts";

/** Says whether a span is meant. */
export type SpanPredicate = (span: EvalSpan) => boolean;

/** Longest name pattern in UTF-8 bytes. */
const MAX_NAME_PATTERN_BYTES = 512;

/**
 * The value of an attribute.
 *
 * @param span the span
 * @param key the attribute
 * @returns its first value, or `undefined` when the span does not have it
 * @example
 * ```ts
 * import { attributeOf } from "./filter.ts";
 *
 * attributeOf({ span_name: "a", attributes: [{ key: "k", value: 1 }] }, "k"); // 1
 * ```
 */
export function attributeOf(span: EvalSpan, key: string): JsonValue | undefined {
  const { attributes } = span;
  if (attributes === undefined) return undefined;
  for (const attribute of attributes) if (attribute.key === key) return attribute.value;
  return undefined;
}

/**
 * The status of a span by name.
 *
 * @param span the span
 * @returns `Unset` for every code but 1 and 2
 * @example
 * ```ts
 * import { statusOf } from "./filter.ts";
 *
 * statusOf({ span_name: "a", status_code: 2 }); // "Error"
 * ```
 */
export function statusOf(span: EvalSpan): SpanStatus {
  if (span.status_code === 1) return "Ok";
  return span.status_code === 2 ? "Error" : "Unset";
}

/**
 * Compiles a filter.
 *
 * @param filter the filter; `Sequence` speaks of several spans and is refused here
 * @returns a predicate
 * @throws EvaluationError `INVALID_PATTERN` or `INVALID_TASK`
 * @example
 * ```ts
 * import { compileSpanFilter } from "./filter.ts";
 *
 * compileSpanFilter({ ByName: { name: "call" } })({ span_name: "call" }); // true
 * ```
 */
export function compileSpanFilter(filter: SpanFilterSpec): SpanPredicate {
  if ("ByName" in filter) {
    const { name } = filter.ByName;
    return (span) => span.span_name === name;
  }
  if ("ByNamePattern" in filter) return byPattern(filter.ByNamePattern.pattern);
  if ("WithAttribute" in filter) {
    const { key } = filter.WithAttribute;
    return (span) => attributeOf(span, key) !== undefined;
  }
  if ("WithAttributeValue" in filter) {
    const { key, value } = filter.WithAttributeValue;
    return (span) => {
      const found = attributeOf(span, key);
      return found !== undefined && strictEquals(found, value);
    };
  }
  if ("WithStatus" in filter) {
    const { status } = filter.WithStatus;
    return (span) => statusOf(span) === status;
  }
  if ("WithDuration" in filter) {
    const { min_ms, max_ms } = filter.WithDuration;
    const low = min_ms ?? -Infinity;
    const high = max_ms ?? Infinity;
    return (span) => {
      const durationMs = span.duration_ms ?? 0;
      return durationMs >= low && durationMs <= high;
    };
  }
  if ("And" in filter) {
    const all = filter.And.filters.map(compileSpanFilter);
    return (span) => all.every((matches) => matches(span));
  }
  if ("Or" in filter) {
    const any = filter.Or.filters.map(compileSpanFilter);
    return (span) => any.some((matches) => matches(span));
  }
  throw new EvaluationError(
    "INVALID_TASK",
    "A Sequence filter describes several spans: use it as the top filter of SpanCount, nowhere else",
  );
}

function byPattern(pattern: string): SpanPredicate {
  if (new TextEncoder().encode(pattern).length > MAX_NAME_PATTERN_BYTES) {
    throw new EvaluationError(
      "INVALID_PATTERN",
      `Span name pattern is longer than ${MAX_NAME_PATTERN_BYTES} bytes`,
    );
  }
  const compiled = compilePattern(pattern);
  return (span) => compiled.test(span.span_name);
}
