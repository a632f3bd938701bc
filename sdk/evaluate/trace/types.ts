/**
 * Spans as evaluation sees them, and the questions that can be asked about a trace.
 *
 * @module
 */

import type { JsonValue } from "../json.ts";
import type { AgentAssertionTask, AssertionTask } from "../tasks/types.ts";

/** A span attribute. */
export interface SpanAttribute {
  /** Name, for example `gen_ai.request.model`. */
  readonly key: string;
  /** Value. */
  readonly value: JsonValue;
}

/** What evaluation reads of a span; further members are carried along untouched. */
export interface EvalSpan {
  /** 32 hex digits. */
  readonly trace_id?: string;
  /** 16 hex digits. */
  readonly span_id?: string;
  /** 16 hex digits; null for a root. */
  readonly parent_span_id?: string | null;
  /** Operation name. */
  readonly span_name: string;
  /** Attributes; a key occurs once. */
  readonly attributes?: readonly SpanAttribute[];
  /** 0 unset, 1 ok, 2 error. */
  readonly status_code?: number;
  /** Whole milliseconds. */
  readonly duration_ms?: number;
  /** RFC 3339. */
  readonly start_time?: string;
  /** RFC 3339. */
  readonly end_time?: string;
  /** The service that recorded it. */
  readonly service_name?: string;
  /** Distance from the root. */
  readonly depth?: number;
  /** Position in the pre-order walk of the trace. */
  readonly span_order?: number;
  /** Events, for finding the record that belongs to a span. */
  readonly events?: readonly {
    readonly name?: string;
    readonly attributes?: readonly SpanAttribute[];
  }[];
}

/** Status of a span. */
export type SpanStatus = "Ok" | "Error" | "Unset";

/** Which spans an assertion speaks of. */
export type SpanFilterSpec =
  | { readonly ByName: { readonly name: string } }
  | { readonly ByNamePattern: { readonly pattern: string } }
  | { readonly WithAttribute: { readonly key: string } }
  | { readonly WithAttributeValue: { readonly key: string; readonly value: JsonValue } }
  | { readonly WithStatus: { readonly status: SpanStatus } }
  | {
    readonly WithDuration: { readonly min_ms?: number | null; readonly max_ms?: number | null };
  }
  | { readonly Sequence: { readonly names: readonly string[] } }
  | { readonly And: { readonly filters: readonly SpanFilterSpec[] } }
  | { readonly Or: { readonly filters: readonly SpanFilterSpec[] } };

/** How several attribute values become one. */
export type AggregationType = "Count" | "Sum" | "Average" | "Min" | "Max" | "First" | "Last";

/** Whether one span has to satisfy an attribute's task, or all that have the attribute. */
export type MultiResponseMode = "Any" | "All";

/** What is asked of an attribute's value. */
export type AttributeFilterTask =
  | { readonly Assertion: AssertionTask }
  | { readonly AgentAssertion: AgentAssertionTask };

/** What is extracted from a trace; serialised as it stands. */
export type TraceAssertionSpec =
  | { readonly SpanSequence: { readonly span_names: readonly string[] } }
  | { readonly SpanSet: { readonly span_names: readonly string[] } }
  | { readonly SpanCount: { readonly filter: SpanFilterSpec } }
  | { readonly SpanExists: { readonly filter: SpanFilterSpec } }
  | {
    readonly SpanAttribute: { readonly filter: SpanFilterSpec; readonly attribute_key: string };
  }
  | { readonly SpanDuration: { readonly filter: SpanFilterSpec } }
  | {
    readonly SpanAggregation: {
      readonly filter: SpanFilterSpec;
      readonly attribute_key: string;
      readonly aggregation: AggregationType;
    };
  }
  | { readonly TraceDuration: Record<never, never> }
  | { readonly TraceSpanCount: Record<never, never> }
  | { readonly TraceErrorCount: Record<never, never> }
  | { readonly TraceServiceCount: Record<never, never> }
  | { readonly TraceMaxDepth: Record<never, never> }
  | { readonly TraceAttribute: { readonly attribute_key: string } }
  | {
    readonly AttributeFilter: {
      readonly key: string;
      readonly task: AttributeFilterTask;
      readonly mode: MultiResponseMode;
    };
  };
