/**
 * The time spans spent themselves.
 *
 * @module
 */

import type { TraceSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";

/**
 * For each span, how much of its time none of its children was running, µs.
 *
 * @param spans Depth first, siblings by start time.
 */
export function selfTimesUs(spans: readonly TraceSpan[]): number[] {
  const children = new Map<string, TraceSpan[]>();
  for (const span of spans) {
    if (span.parentSpanId === undefined) continue;
    const known = children.get(span.parentSpanId);
    if (known === undefined) children.set(span.parentSpanId, [span]);
    else known.push(span);
  }
  return spans.map((span) => {
    const startUs = Number(span.startTimeUs);
    const endUs = Number(span.endTimeUs);
    let selfUs = 0;
    // Children by start time: what lies between the end of all before and the next start is the span's own.
    let coveredUs = startUs;
    for (const child of children.get(span.spanId) ?? []) {
      const fromUs = Math.min(endUs, Number(child.startTimeUs));
      if (fromUs > coveredUs) selfUs += fromUs - coveredUs;
      coveredUs = Math.max(coveredUs, Math.min(endUs, Number(child.endTimeUs)));
    }
    return Math.max(0, selfUs + Math.max(0, endUs - coveredUs));
  });
}
