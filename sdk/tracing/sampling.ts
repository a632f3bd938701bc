/**
 * Which traces are recorded, and which of them an exporter gets.
 *
 * @module
 */

import {
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import { ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";

function clamped(ratio: number): number {
  return Number.isNaN(ratio) ? 1 : Math.min(1, Math.max(0, ratio));
}

/** Sampler of a provider: the caller's decision counts; without one, this share of traces is recorded. */
export function providerSampler(ratio: number | undefined): Sampler {
  const root = ratio === undefined
    ? new AlwaysOnSampler()
    : new TraceIdRatioBasedSampler(clamped(ratio));
  return new ParentBasedSampler({ root });
}

/**
 * Whether an exporter with a ratio of its own gets a trace. The decision hangs on the trace id alone, so an exporter
 * gets whole traces, and it nests: what passes a low ratio passes every higher one.
 */
export function exporterFilter(ratio: number | undefined): (traceId: string) => boolean {
  if (ratio === undefined || ratio >= 1) return () => true;
  const sampler: Sampler = new TraceIdRatioBasedSampler(clamped(ratio));
  return (traceId) =>
    sampler.shouldSample(ROOT_CONTEXT, traceId, "", SpanKind.INTERNAL, {}, []).decision ===
      SamplingDecision.RECORD_AND_SAMPLED;
}
