/**
 * Clocks that differ between services: shown, never corrected, because no correction is certain.
 *
 * @module
 */

import type { Row } from "../trace_rows.ts";

/** A span that cannot have happened when its clock says. */
export interface SkewedSpan {
  /** How long before its parent it claims to have started, µs; 0 when it did not. */
  readonly earlyUs: number;
  /** How long after the call that it answered it claims to have ended, µs; 0 when it did not. */
  readonly lateUs: number;
}

/** What follows about two services' clocks. */
export interface ClockDifference {
  readonly service: string;
  readonly reference: string;
  /** At least so far behind the reference, µs; negative when ahead of it. */
  readonly behindUs: number;
}

/** What is out of order in a trace. */
export interface ClockSkew {
  /** By id of the span. */
  readonly spans: ReadonlyMap<string, SkewedSpan>;
  readonly differences: readonly ClockDifference[];
}

/**
 * Compares spans with their parents of other services. A span cannot start before its parent; and one that answers a
 * call (`SERVER` under `CLIENT`) and took no longer than the call cannot end after it.
 */
export function clockSkew(rows: readonly Row[]): ClockSkew {
  const spans = new Map<string, SkewedSpan>();
  const pairs = new Map<string, ClockDifference>();
  for (const row of rows) {
    const above = rows[row.parent];
    if (row.kind !== "span" || above?.kind !== "span") continue;
    const { span } = row;
    const parent = above.span;
    if (span.serviceName === parent.serviceName) continue;
    const earlyUs = Math.max(0, Number(parent.startTimeUs - span.startTimeUs));
    const answers = span.spanKind === "SERVER" && parent.spanKind === "CLIENT" &&
      span.endTimeUs - span.startTimeUs <= parent.endTimeUs - parent.startTimeUs;
    const lateUs = answers ? Math.max(0, Number(span.endTimeUs - parent.endTimeUs)) : 0;
    if (earlyUs === 0 && lateUs === 0) continue;
    spans.set(span.spanId, { earlyUs, lateUs });
    const behindUs = earlyUs > 0 ? earlyUs : -lateUs;
    const key = JSON.stringify([span.serviceName, parent.serviceName]);
    const known = pairs.get(key);
    if (known === undefined || Math.abs(known.behindUs) < Math.abs(behindUs)) {
      pairs.set(key, { service: span.serviceName, reference: parent.serviceName, behindUs });
    }
  }
  return {
    spans,
    differences: [...pairs.values()].sort((a, b) => Math.abs(b.behindUs) - Math.abs(a.behindUs)),
  };
}
