/**
 * Builders for span filters and trace assertions.
 *
 * @module
 */

import type { JsonValue } from "../json.ts";
import type {
  AggregationType,
  AttributeFilterTask,
  MultiResponseMode,
  SpanFilterSpec,
  SpanStatus,
  TraceAssertionSpec,
} from "./types.ts";
import type { AgentAssertionTask, AssertionTask } from "../tasks/types.ts";

/**
 * A span filter that can be combined: `a.and(b).or(c)`.
 *
 * @example
 * ```ts
 * import { spanFilter } from "./builders.ts";
 *
 * const slow = spanFilter.byNamePattern("^call_").and(spanFilter.withDuration({ minMs: 100 }));
 * JSON.stringify(slow);
 * ```
 */
export class SpanFilter {
  /** The filter as it is serialised. */
  readonly spec: SpanFilterSpec;

  /**
   * Wraps a filter.
   *
   * @param spec the filter as it is serialised
   */
  constructor(spec: SpanFilterSpec) {
    this.spec = spec;
  }

  /** Both filters have to match. */
  and(other: SpanFilter): SpanFilter {
    const mine = "And" in this.spec ? this.spec.And.filters : [this.spec];
    return new SpanFilter({ And: { filters: [...mine, other.spec] } });
  }

  /** One of the filters has to match. */
  or(other: SpanFilter): SpanFilter {
    const mine = "Or" in this.spec ? this.spec.Or.filters : [this.spec];
    return new SpanFilter({ Or: { filters: [...mine, other.spec] } });
  }

  /** The filter as it is serialised. */
  toJSON(): SpanFilterSpec {
    return this.spec;
  }
}

/** Makes span filters. */
export interface SpanFilterBuilders {
  /** Exactly this name. */
  byName(name: string): SpanFilter;
  /** A name that the pattern occurs in. */
  byNamePattern(pattern: string): SpanFilter;
  /** Has this attribute. */
  withAttribute(key: string): SpanFilter;
  /** Has this attribute with exactly this value. */
  withAttributeValue(key: string, value: JsonValue): SpanFilter;
  /** Has this status. */
  withStatus(status: SpanStatus): SpanFilter;
  /** Took this long; both ends inclusive, in milliseconds. */
  withDuration(bounds: { readonly minMs?: number; readonly maxMs?: number }): SpanFilter;
  /** Adjacent spans with these names; only as the filter of `spanCount`. */
  sequence(names: readonly string[]): SpanFilter;
}

/**
 * Makes span filters.
 *
 * @example
 * ```ts
 * import { spanFilter } from "./builders.ts";
 *
 * spanFilter.withStatus("Error").spec; // { WithStatus: { status: "Error" } }
 * ```
 */
export const spanFilter: SpanFilterBuilders = {
  byName: (name) => new SpanFilter({ ByName: { name } }),
  byNamePattern: (pattern) => new SpanFilter({ ByNamePattern: { pattern } }),
  withAttribute: (key) => new SpanFilter({ WithAttribute: { key } }),
  withAttributeValue: (key, value) => new SpanFilter({ WithAttributeValue: { key, value } }),
  withStatus: (status) => new SpanFilter({ WithStatus: { status } }),
  withDuration: ({ minMs, maxMs }) =>
    new SpanFilter({ WithDuration: { min_ms: minMs ?? null, max_ms: maxMs ?? null } }),
  sequence: (names) => new SpanFilter({ Sequence: { names } }),
};

/** Makes trace assertions. */
export interface TraceAssertionBuilders {
  /** The trace consists of exactly these spans in this order: true or false. */
  spanSequence(names: readonly string[]): TraceAssertionSpec;
  /** All of these spans occur: true or false. */
  spanSet(names: readonly string[]): TraceAssertionSpec;
  /** How many spans match. */
  spanCount(filter: SpanFilter): TraceAssertionSpec;
  /** Whether a span matches. */
  spanExists(filter: SpanFilter): TraceAssertionSpec;
  /** The attribute's value; an array when several spans match. */
  spanAttribute(filter: SpanFilter, key: string): TraceAssertionSpec;
  /** Milliseconds; an array when several spans match. */
  spanDuration(filter: SpanFilter): TraceAssertionSpec;
  /** The attribute's values made one. */
  spanAggregation(
    filter: SpanFilter,
    key: string,
    aggregation: AggregationType,
  ): TraceAssertionSpec;
  /** Milliseconds from first start to last end. */
  traceDuration(): TraceAssertionSpec;
  /** How many spans the trace has. */
  traceSpanCount(): TraceAssertionSpec;
  /** How many spans ended with an error. */
  traceErrorCount(): TraceAssertionSpec;
  /** How many services took part. */
  traceServiceCount(): TraceAssertionSpec;
  /** Depth of the deepest span; a root has 0. */
  traceMaxDepth(): TraceAssertionSpec;
  /** An attribute of the root span. */
  traceAttribute(key: string): TraceAssertionSpec;
  /** Asks a task about an attribute of every span that has it: true or false. */
  attributeFilter(
    key: string,
    task: AttributeFilterTask,
    mode?: MultiResponseMode,
  ): TraceAssertionSpec;
}

/**
 * Makes trace assertions.
 *
 * @example
 * ```ts
 * import { spanFilter, traceAssertion } from "./builders.ts";
 *
 * traceAssertion.spanCount(spanFilter.byName("call_tool"));
 * ```
 */
export const traceAssertion: TraceAssertionBuilders = {
  spanSequence: (names) => ({ SpanSequence: { span_names: names } }),
  spanSet: (names) => ({ SpanSet: { span_names: names } }),
  spanCount: (filter) => ({ SpanCount: { filter: filter.spec } }),
  spanExists: (filter) => ({ SpanExists: { filter: filter.spec } }),
  spanAttribute: (filter, key) => ({ SpanAttribute: { filter: filter.spec, attribute_key: key } }),
  spanDuration: (filter) => ({ SpanDuration: { filter: filter.spec } }),
  spanAggregation: (filter, key, aggregation) => ({
    SpanAggregation: { filter: filter.spec, attribute_key: key, aggregation },
  }),
  traceDuration: () => ({ TraceDuration: {} }),
  traceSpanCount: () => ({ TraceSpanCount: {} }),
  traceErrorCount: () => ({ TraceErrorCount: {} }),
  traceServiceCount: () => ({ TraceServiceCount: {} }),
  traceMaxDepth: () => ({ TraceMaxDepth: {} }),
  traceAttribute: (key) => ({ TraceAttribute: { attribute_key: key } }),
  attributeFilter: (key, task, mode = "Any") => ({ AttributeFilter: { key, task, mode } }),
};

/** Makes the inner task of an attribute filter. */
export interface AttributeFilterTaskBuilders {
  /** Compares the attribute's value. */
  assertion(task: AssertionTask): AttributeFilterTask;
  /** Reads the attribute's value as a vendor's response. */
  agentAssertion(task: AgentAssertionTask): AttributeFilterTask;
}

/**
 * Makes the inner task of an attribute filter.
 *
 * @example
 * ```ts
 * import { assertionTask } from "../tasks/factories.ts";
 * import { attributeFilterTask } from "./builders.ts";
 *
 * attributeFilterTask.assertion(
 *   assertionTask({ id: "n", operator: "IsNumeric", expectedValue: null }),
 * );
 * ```
 */
export const attributeFilterTask: AttributeFilterTaskBuilders = {
  assertion: (task) => ({ Assertion: task }),
  agentAssertion: (task) => ({ AgentAssertion: task }),
};
