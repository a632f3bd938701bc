/**
 * The refusals of late, for the person who asks where a trace is. Bounded, whatever is sent.
 *
 * @module
 */

import type { IngestReason } from "./ingest_reasons.ts";
import type { IngestSender } from "./ingest_sender.ts";

/** One refusal, or several alike within a second. */
export interface RejectedExample {
  readonly timeMs: number;
  readonly source: string;
  readonly sender: IngestSender;
  readonly reason: IngestReason;
  /** What the sender was told. */
  readonly message: string;
  readonly serviceName: string | null;
  /** Lowercase hex, distinct. */
  readonly traceIds: readonly string[];
  /** Spans refused; 0 when a whole request was, whose spans were not counted. */
  readonly spans: number;
  /** Whether nothing of the request was stored. */
  readonly wholeRequest: boolean;
}

/** What is known of a refusal; the clock adds the rest. */
export type Rejection = Omit<RejectedExample, "timeMs">;

/** Examples kept for each source and reason, so that a flood of one kind does not hide the others. */
const MAX_PER_KIND = 20;
const MAX_TRACE_IDS = 10_000;
const MAX_IDS_PER_EXAMPLE = 16;
const MAX_MESSAGE_CHARS = 500;
const MAX_NAME_CHARS = 200;
/** Refusals alike within this time are one example. */
const MERGE_MS = 1000;

/** Keeps examples of refusals. */
export class Rejections {
  readonly #byKind = new Map<string, RejectedExample[]>();
  /** The newest example of a trace, oldest first. */
  readonly #byTrace = new Map<string, RejectedExample[]>();
  #sinceMs: number;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** From when on refusals of traces are remembered without a gap. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Notes a refusal. */
  add(rejection: Rejection, timeMs: number): void {
    const kind = `${rejection.source} ${rejection.reason}`;
    let examples = this.#byKind.get(kind);
    if (examples === undefined) this.#byKind.set(kind, examples = []);
    const last = examples.at(-1);
    const same = last !== undefined && timeMs - last.timeMs < MERGE_MS &&
      last.sender.id === rejection.sender.id && last.serviceName === rejection.serviceName &&
      last.wholeRequest === rejection.wholeRequest;
    const traceIds = [...new Set([...same ? last.traceIds : [], ...rejection.traceIds])];
    const example: RejectedExample = {
      ...rejection,
      timeMs,
      message: rejection.message.slice(0, MAX_MESSAGE_CHARS),
      serviceName: rejection.serviceName?.slice(0, MAX_NAME_CHARS) ?? null,
      spans: rejection.spans + (same ? last.spans : 0),
      traceIds: traceIds.slice(0, MAX_IDS_PER_EXAMPLE),
    };
    if (same) examples.pop();
    examples.push(example);
    if (examples.length > MAX_PER_KIND) examples.shift();
    for (const id of rejection.traceIds) this.#note(id, example);
  }

  /** The newest refusals, newest first. */
  newest(limit: number, wanted: (example: RejectedExample) => boolean): RejectedExample[] {
    return [...this.#byKind.values()].flat().filter(wanted)
      .sort((a, b) => b.timeMs - a.timeMs).slice(0, limit);
  }

  /** Refusals that concern a trace, newest first. */
  ofTrace(traceId: string): readonly RejectedExample[] {
    return this.#byTrace.get(traceId)?.toReversed() ?? [];
  }

  #note(traceId: string, example: RejectedExample): void {
    const noted = this.#byTrace.get(traceId) ?? [];
    this.#byTrace.delete(traceId);
    this.#byTrace.set(traceId, [...noted.slice(-4), example]);
    if (this.#byTrace.size <= MAX_TRACE_IDS) return;
    const oldest = this.#byTrace.entries().next().value;
    if (oldest === undefined) return;
    this.#byTrace.delete(oldest[0]);
    this.#sinceMs = Math.max(this.#sinceMs, oldest[1].at(-1)?.timeMs ?? 0);
  }
}
