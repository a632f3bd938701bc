/**
 * Where the spans of a trace lie.
 *
 * @module
 */

import type { QueryContext } from "./context.ts";
import { traceSpans } from "./trace_spans.ts";

/** The stored spans of a trace by place. */
export interface TraceLocation {
  /** In hot files: durable, found by queries, not yet in the table. */
  readonly hotSpans: number;
  readonly tableSpans: number;
  /** Null without spans. */
  readonly firstStartUs: number | null;
  readonly lastEndUs: number | null;
  /** Sorted. */
  readonly services: readonly string[];
}

/** Looks for a trace. @param traceId Lowercase hex. */
export async function locateTrace(context: QueryContext, traceId: string): Promise<TraceLocation> {
  const inTier = (tier: "hot" | "table") =>
    traceSpans(
      { ...context, files: context.files.filter((file) => file.tier === tier) },
      { traceId, detail: "outline" },
    );
  const [hot, table] = await Promise.all([inTier("hot"), inTier("table")]);
  const spans = [...hot.spans, ...table.spans];
  let firstStartUs: number | null = null;
  let lastEndUs: number | null = null;
  for (const { startTimeUs, endTimeUs } of spans) {
    firstStartUs = Math.min(firstStartUs ?? Infinity, startTimeUs);
    lastEndUs = Math.max(lastEndUs ?? -Infinity, endTimeUs);
  }
  return {
    hotSpans: hot.spans.length,
    tableSpans: table.spans.length,
    firstStartUs,
    lastEndUs,
    services: [...new Set(spans.map(({ serviceName }) => serviceName))].sort(),
  };
}
