/**
 * The queue of one profile.
 *
 * @module
 */

import { context, propagation, trace, TraceFlags } from "@opentelemetry/api";
import { EvalRecord } from "../records/eval_record.ts";
import type { FeaturesJson, MetricsJson } from "../records/features.ts";
import { recordTime } from "../records/message.ts";
import { unrefTimer } from "../runtime/mod.ts";
import { AgentCollector } from "./agent_collector.ts";
import type { Collector, OnSkipped } from "./collector.ts";
import { CustomCollector } from "./custom_collector.ts";
import { Outbox, type OverflowPolicy, type RetryOptions } from "./outbox.ts";
import type { QueueProfile } from "./profile.ts";
import { PsiCollector } from "./psi_collector.ts";
import type { SealedBatch, Spill, SpilledQueue } from "./spill.ts";
import { SpcCollector } from "./spc_collector.ts";
import type { QueueProblem, QueueStats } from "./stats.ts";
import type { Transport } from "./transport.ts";

/** What goes into a queue: features for PSI and SPC, metrics for custom profiles, records for agents. */
export type QueueItem = FeaturesJson | MetricsJson | EvalRecord;

/** How queues gather and send. */
export interface QueueSettings {
  /** Longest time in milliseconds an item waits for its batch; else `SCOUTER_QUEUE_PUBLISH_INTERVAL_SECS`, else 30,000. */
  readonly publishIntervalMs?: number;
  /** Whether samples for SPC that are not complete go out with time too; only at the end by default. */
  readonly publishPartialSamples?: boolean;
  /** Batches of one queue that may wait to be sent; 100 by default, 10,000 with `spill`. */
  readonly maxPendingBatches?: number;
  /**
   * What happens when more wait: the oldest is dropped (the default), or the newest, or inserting waits: `insert` then
   * returns a promise.
   */
  readonly overflow?: OverflowPolicy;
  /** How often and how long a batch is tried. */
  readonly retry?: RetryOptions;
  /**
   * Keeps items and batches over the end of the process, for example a `DirectorySpill` of `@scouter/sdk/queue/spill`;
   * nothing by default. Batches then wait there and not in memory, and inserting costs a write.
   */
  readonly spill?: Spill;
  /** Records each queue captures at most; 20,000 by default. */
  readonly maxCaptured?: number;
  /** Hears what does not go as it should; otherwise warnings are written, at most one a second. */
  readonly onProblem?: (problem: QueueProblem) => void;
  /** Chance within [0, 1), for tests. */
  readonly random?: () => number;
}

/** What a {@linkcode Queue} is made of. */
export interface QueueParts extends QueueSettings {
  readonly alias: string;
  readonly profile: QueueProfile;
  readonly transport: Transport;
  readonly publishIntervalMs: number;
  readonly tell: (problem: QueueProblem) => void;
}

const SCENARIO_ID = "scouter.eval.scenario_id";
const DEFAULT_MAX_CAPTURED = 20_000;
const DEFAULT_MAX_PENDING = 100;
const DEFAULT_MAX_PENDING_SPILLED = 10_000;
/** Entries of agents' records name their profile themselves, so that a newer version of it can send them too. */
const AGENT_SCOPE = "agent";

function collectorOf(profile: QueueProfile, onSkipped: OnSkipped): Collector {
  switch (profile.driftType) {
    case "Psi":
      return new PsiCollector(profile, onSkipped);
    case "Spc":
      return new SpcCollector(profile, onSkipped);
    case "Custom":
      return new CustomCollector(profile, onSkipped);
    case "Agent":
      return new AgentCollector(profile);
  }
}

/** Ties a record to the trace and the evaluation scenario it comes from. */
function stamp(record: EvalRecord): void {
  const active = context.active();
  const span = trace.getSpanContext(active);
  if (
    record.traceId === null && span !== undefined && (span.traceFlags & TraceFlags.SAMPLED) !== 0
  ) {
    record.traceId = span.traceId;
  }
  const scenario = propagation.getBaggage(active)?.getEntry(SCENARIO_ID)?.value;
  if (scenario !== undefined) record.addTag(SCENARIO_ID, scenario);
}

/**
 * The queue of one profile; see {@linkcode ScouterQueue.get}.
 *
 * @example
 * ```ts
 * import { createPsiProfile } from "@scouter/sdk/drift";
 * import { MockTransport, ScouterQueue } from "@scouter/sdk/queue";
 * import { features } from "@scouter/sdk/records";
 *
 * const profile = createPsiProfile({ age: [31, 44, 27, 58] });
 * const queue = await ScouterQueue.fromProfile({ churn: profile }, { transport: new MockTransport() });
 * queue.get("churn").insert(features({ age: 37 }));
 * console.log(queue.get("churn").stats().buffered); // 1
 * await queue.shutdown();
 * ```
 */
export class Queue {
  /** What the program calls the queue. */
  readonly identifier: string;
  /** Uid of the profile. */
  readonly entityUid: string;
  readonly #parts: QueueParts;
  readonly #collector: Collector;
  readonly #outbox: Outbox;
  readonly #spilled: SpilledQueue | null;
  readonly #counts = {
    inserted: 0,
    sampledOut: 0,
    rejected: 0,
    skippedValues: 0,
    empty: 0,
    recovered: 0,
  };
  #captured: EvalRecord[] | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  /** Made by {@linkcode ScouterQueue}. */
  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.identifier = parts.alias;
    this.entityUid = parts.profile.uid;
    this.#collector = collectorOf(parts.profile, (count, why) => {
      this.#counts.skippedValues += count;
      this.#tell({ kind: "values_skipped", count, message: `${count} values left out: ${why}` });
    });
    const { driftType, uid } = parts.profile;
    const scope = driftType === "Agent" ? AGENT_SCOPE : uid;
    this.#spilled = parts.spill?.open(parts.alias, scope) ?? null;
    const fallback = this.#spilled === null ? DEFAULT_MAX_PENDING : DEFAULT_MAX_PENDING_SPILLED;
    this.#outbox = new Outbox({
      kept: this.#spilled,
      transport: parts.transport,
      maxPending: parts.maxPendingBatches ?? fallback,
      overflow: parts.overflow ?? "dropOldest",
      retry: parts.retry ?? {},
      random: parts.random ?? Math.random,
      tell: (problem) => this.#tell(problem),
    });
    if (this.#spilled !== null) this.#recover(this.#spilled);
  }

  /** Goes on where an earlier process ended. */
  #recover({ batches, entries, rest, unusable }: SpilledQueue): void {
    for (const { key, items, records } of batches) {
      this.#counts.recovered += items;
      this.#outbox.push({ message: null, key, items, records });
    }
    if (rest !== null) this.#restoreRest(rest);
    for (const entry of entries) {
      const problem = this.#collector.restore(entry);
      if (problem !== null) this.#reject(problem);
      else this.#counts.recovered++;
    }
    if (unusable > 0) {
      const message =
        `${unusable} kept items are for another version of the profile and stay on disk`;
      this.#tell({ kind: "spill_unusable", count: unusable, message });
    }
    if (this.#collector.isFull || this.#collector.hasLeft) this.#publish(false);
    else if (entries.length > 0 || rest !== null) this.#schedule();
  }

  /**
   * Takes an item. Never throws: what is not of this queue's kind is counted and told to `onProblem`.
   *
   * @param item features, metrics or an evaluation record, as the profile needs
   * @returns nothing, or with the overflow policy `wait` a promise while too many batches wait
   */
  insert(item: QueueItem): Promise<void> | undefined {
    this.#counts.inserted++;
    if (item instanceof EvalRecord) stamp(item);
    if (this.#parts.overflow === "wait" && this.#outbox.isFull && !this.#closed) {
      return this.#insertWhenFree(item);
    }
    this.#add(item);
    return undefined;
  }

  async #insertWhenFree(item: QueueItem): Promise<void> {
    // Several may have waited for the same space.
    while (this.#outbox.isFull && !this.#closed) await this.#outbox.space();
    this.#add(item);
  }

  #add(item: QueueItem): void {
    if (this.#closed) return this.#reject("the queue was shut down");
    const { profile } = this.#parts;
    if (item instanceof EvalRecord && profile.driftType === "Agent") {
      this.#capture(item);
      if ((this.#parts.random ?? Math.random)() >= profile.config.sampleRatio) {
        this.#counts.sampledOut++;
        return;
      }
    }
    const problem = this.#collector.add(item);
    if (problem !== null) return this.#reject(problem);
    if (this.#spilled !== null) this.#keep(this.#spilled, item);
    if (this.#collector.isFull) this.#publish(false);
    else if (this.#timer === null) this.#schedule();
  }

  #restoreRest(rest: string): void {
    try {
      this.#collector.restoreRest(rest);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#reject(`what an earlier run had begun is damaged: ${reason}`);
    }
  }

  #keep(spilled: SpilledQueue, item: QueueItem): void {
    try {
      spilled.append(this.#collector.entry(item));
    } catch (cause) {
      this.#tellSpillFailed(1, cause);
    }
  }

  #tellSpillFailed(count: number, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${count} items are in memory only: ${reason}`;
    this.#tell({ kind: "spill_failed", count, message, cause });
  }

  #reject(why: string): void {
    this.#counts.rejected++;
    this.#tell({ kind: "item_rejected", count: 1, message: `item rejected: ${why}` });
  }

  #capture(record: EvalRecord): void {
    if (this.#captured === null) return;
    const max = this.#parts.maxCaptured ?? DEFAULT_MAX_CAPTURED;
    if (this.#captured.length < max) return void this.#captured.push(record);
    this.#tell({
      kind: "capture_full",
      count: 1,
      message: `record not captured: ${max} are waiting; drain them, or raise maxCaptured`,
    });
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#publish(this.#parts.publishPartialSamples ?? false);
    }, this.#parts.publishIntervalMs);
    unrefTimer(this.#timer);
  }

  /** Makes a batch of what was gathered and hands it to the outbox. */
  #publish(final: boolean): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#collector.hasRest(final)) return;
    do this.#publishMessage(final); while (this.#collector.hasLeft);
  }

  #publishMessage(final: boolean): void {
    const { message, items, records } = this.#collector.take(recordTime(new Date()), final);
    const batch = message === null ? null : { message, items, records };
    const key = this.#spilled === null ? "" : this.#seal(this.#spilled, batch, items);
    if (batch === null) this.#counts.empty += items;
    else this.#outbox.push({ ...batch, key, message: key === "" ? batch.message : null });
  }

  #seal(spilled: SpilledQueue, batch: SealedBatch | null, items: number): string {
    try {
      return spilled.seal(batch, this.#collector.rest());
    } catch (cause) {
      this.#tellSpillFailed(items, cause);
      return "";
    }
  }

  /** Keeps inserted records for {@linkcode Queue.drain}, beside sending them. For profiles of agents. */
  enableCapture(): void {
    this.#captured ??= [];
  }

  /** Ends capturing and forgets what was captured. */
  disableCapture(): void {
    this.#captured = null;
  }

  /** Gives the captured records and forgets them. */
  drain(): EvalRecord[] {
    return this.#captured?.splice(0) ?? [];
  }

  /** What became of the items so far. */
  stats(): QueueStats {
    const { inserted, sampledOut, rejected, skippedValues, empty, recovered } = this.#counts;
    const { sent, sentRecords, failed, dropped, kept, retries } = this.#outbox.counts;
    return {
      inserted,
      sampledOut,
      rejected,
      skippedValues,
      buffered: this.#collector.count,
      pending: this.#outbox.items,
      sent: sent + empty,
      sentRecords,
      failed,
      dropped,
      kept,
      recovered,
      retries,
      captured: this.#captured?.length ?? 0,
    };
  }

  /** Whether a batch was refused, given up or dropped. */
  get hasLost(): boolean {
    return this.#outbox.counts.lostBatches > 0;
  }

  /** Publishes what is complete and resolves when nothing waits any more. */
  async flush(): Promise<void> {
    this.#publish(false);
    await this.#outbox.idle();
  }

  /** Starts sending everything, also what waits for more; afterwards nothing is taken. */
  async finish(): Promise<void> {
    this.#closed = true;
    this.#publish(true);
    await this.#outbox.idle();
  }

  /** Gives up what was not sent. @returns how much that is */
  abandon(): { readonly batches: number; readonly items: number; readonly kept: boolean } {
    return this.#outbox.close();
  }

  /** Starts sending what was gathered, for a program that is about to end. @returns whether there was something */
  publishNow(): boolean {
    if (!this.#collector.hasRest(true)) return false;
    this.#publish(true);
    return true;
  }

  #tell(problem: Omit<QueueProblem, "alias">): void {
    this.#parts.tell({ alias: this.identifier, ...problem });
  }
}
