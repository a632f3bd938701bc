/**
 * What one sender sent through one source, in all and minute by minute.
 *
 * @module
 */

import type { IngestReason } from "./ingest_reasons.ts";

/** Minutes kept. */
export const MINUTES_KEPT = 120;
/** One minute, in milliseconds. */
export const MINUTE_MS = 60_000;

/** How often something was refused. */
export interface ReasonCount {
  spans: number;
  requests: number;
}

/** Counts of some time. */
export class IngestCounts {
  requests = 0;
  refusedRequests = 0;
  accepted = 0;
  rejected = 0;
  deduplicated = 0;
  late = 0;
  bytes = 0;
  /** Longest time from arrival to disk, in milliseconds; -1 without a stored request. */
  maxDurableMs = -1;
  /** Undefined while nothing was refused, which is the common case. */
  reasons: Map<IngestReason, ReasonCount> | undefined;

  /** Counts refusals. */
  refuse(reason: IngestReason, spans: number, requests: number): void {
    this.reasons ??= new Map();
    const count = this.reasons.get(reason);
    if (count === undefined) this.reasons.set(reason, { spans, requests });
    else {
      count.spans += spans;
      count.requests += requests;
    }
  }

  /** Adds other counts to these. */
  add(other: IngestCounts): this {
    this.requests += other.requests;
    this.refusedRequests += other.refusedRequests;
    this.accepted += other.accepted;
    this.rejected += other.rejected;
    this.deduplicated += other.deduplicated;
    this.late += other.late;
    this.bytes += other.bytes;
    this.maxDurableMs = Math.max(this.maxDurableMs, other.maxDurableMs);
    for (const [reason, { spans, requests }] of other.reasons ?? []) {
      this.refuse(reason, spans, requests);
    }
    return this;
  }
}

/** Counts by minute of the clock, for the last {@linkcode MINUTES_KEPT} minutes. */
export class MinuteRing {
  readonly #minutes: number[] = [];
  readonly #counts: IngestCounts[] = [];

  /** The counts of a minute, to be added to. */
  at(minute: number): IngestCounts {
    const slot = minute % MINUTES_KEPT;
    const counts = this.#counts[slot];
    if (counts !== undefined && this.#minutes[slot] === minute) return counts;
    this.#minutes[slot] = minute;
    return this.#counts[slot] = new IngestCounts();
  }

  /** The counts of a minute; undefined when nothing came in it. */
  find(minute: number): IngestCounts | undefined {
    const slot = minute % MINUTES_KEPT;
    return this.#minutes[slot] === minute ? this.#counts[slot] : undefined;
  }
}
