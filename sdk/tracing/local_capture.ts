/**
 * Spans kept in this process for offline evaluation.
 *
 * @module
 */

import { LimitedWarning } from "./warn.ts";
import { type SpanRecord, spanRecord } from "./span_record.ts";
import type { EndedSpan } from "./exporters/types.ts";

const DEFAULT_CAP = 20_000;

/** How spans are captured. */
export interface LocalCaptureOptions {
  /** Spans that are kept; what comes beyond is dropped and counted. 20,000 by default. */
  readonly cap?: number;
}

const warning = new LimitedWarning();
let enabled = false;
let cap = DEFAULT_CAP;
let kept: SpanRecord[] = [];
let dropped = 0;

/** Keeps a span while capture is on. @returns Whether it was kept from the server. */
export function captureLocally(span: EndedSpan): boolean {
  if (!enabled) return false;
  if (kept.length < cap) {
    kept.push(spanRecord(span));
    return true;
  }
  dropped++;
  warning.warn(`local capture is full at ${cap} spans; ${dropped} dropped. Drain it or raise cap`);
  return true;
}

/**
 * Keeps ended spans in this process instead of sending them to Scouter; other exporters still get them. Starts empty;
 * does nothing when capture is on.
 *
 * @param options How many spans are kept
 * @example
 * ```ts
 * import { disableLocalCapture, drainLocalSpans, enableLocalCapture } from "@scouter/sdk/tracing";
 *
 * enableLocalCapture({ cap: 1_000 });
 * console.log(drainLocalSpans().length); // 0
 * disableLocalCapture();
 * ```
 */
export function enableLocalCapture(options: LocalCaptureOptions = {}): void {
  if (enabled) return;
  const wanted = options.cap ?? DEFAULT_CAP;
  if (!Number.isSafeInteger(wanted) || wanted < 1) {
    throw new RangeError(`cap must be a whole number ≥ 1, got ${wanted}`);
  }
  enabled = true;
  cap = wanted;
  kept = [];
  dropped = 0;
}

/**
 * Sends spans to Scouter again. What was not drained is discarded, with a warning.
 *
 * @example
 * ```ts
 * import { disableLocalCapture } from "@scouter/sdk/tracing";
 *
 * disableLocalCapture();
 * ```
 */
export function disableLocalCapture(): void {
  if (kept.length > 0) warning.warn(`local capture ended; ${kept.length} spans were not drained`);
  enabled = false;
  kept = [];
}

/**
 * Takes the captured spans out, in the order in which they ended; also when capture is off.
 *
 * @example
 * ```ts
 * import { drainLocalSpans } from "@scouter/sdk/tracing";
 *
 * console.log(drainLocalSpans());
 * ```
 */
export function drainLocalSpans(): SpanRecord[] {
  const spans = kept;
  kept = [];
  return spans;
}

/**
 * Looks at the captured spans of some traces and leaves them where they are. Ids that are no trace ids find nothing.
 *
 * @param traceIds 32 hex digits each
 * @example
 * ```ts
 * import { getLocalSpansByTraceIds } from "@scouter/sdk/tracing";
 *
 * console.log(getLocalSpansByTraceIds(["4bf92f3577b34da6a3ce929d0e0e4736"])); // []
 * ```
 */
export function getLocalSpansByTraceIds(traceIds: readonly string[]): SpanRecord[] {
  const wanted = new Set(traceIds.map((id) => id.toLowerCase()));
  return kept.filter((span) => wanted.has(span.trace_id));
}

/**
 * Tells how capture stands.
 *
 * @returns Whether it is on, how many spans are kept, and how many found it full
 * @example
 * ```ts
 * import { localCaptureStats } from "@scouter/sdk/tracing";
 *
 * console.log(localCaptureStats().dropped);
 * ```
 */
export function localCaptureStats(): {
  readonly enabled: boolean;
  readonly kept: number;
  readonly dropped: number;
} {
  return { enabled, kept: kept.length, dropped };
}
