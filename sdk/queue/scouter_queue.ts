/**
 * Queues by alias.
 *
 * @module
 */

import { environment, onBeforeExit } from "../runtime/mod.ts";
import { LimitedWarning } from "../tracing/warn.ts";
import type { EvalRecord } from "../records/eval_record.ts";
import { QueueError } from "./errors.ts";
import type { AgentProfile, QueueProfile } from "./profile.ts";
import { readText } from "./profile_file.ts";
import { Queue, type QueueSettings } from "./queue.ts";
import type { Spill } from "./spill.ts";
import type { QueueProblem, QueueStats } from "./stats.ts";
import type { Transport, TransportConfig } from "./transport.ts";

/** How a {@linkcode ScouterQueue} is made. */
export interface ScouterQueueOptions extends QueueSettings {
  /** What carries messages, or its settings; closed with the queue. */
  readonly transport: Transport | TransportConfig;
  /** Whether to check first that messages can be sent; then at most 10 seconds. */
  readonly waitForStartup?: boolean;
}

/** What could not be sent before the end. */
export interface UnsentItems {
  /** The queue. */
  readonly alias: string;
  /** Batches given up at the end. */
  readonly batches: number;
  /** Their items. */
  readonly items: number;
  /** Whether they are all on disk, for the next start to send them. */
  readonly kept: boolean;
}

/** How a shutdown went. */
export interface ShutdownReport {
  /** Whether everything gathered was sent, none of it given up, dropped or refused. */
  readonly complete: boolean;
  /** What was given up because the time was over, by queue. */
  readonly unsent: readonly UnsentItems[];
  /** What became of all items, by queue. */
  readonly stats: Readonly<Record<string, QueueStats>>;
}

const STARTUP_TIMEOUT_MS = 10_000;
const DEFAULT_DEADLINE_MS = 5_000;
const ABORT_GRACE_MS = 250;
const DEFAULT_PUBLISH_INTERVAL_MS = 30_000;

/**
 * Queues by alias: what a service inserts is gathered, condensed to what the profile needs, and sent in the background.
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
 * const report = await queue.shutdown({ deadlineMs: 2_000 });
 * console.log(report.complete); // true
 * ```
 */
export class ScouterQueue implements AsyncDisposable {
  /** What carries messages. */
  readonly transport: Transport;
  /** The settings that the transport was made from; null when it was given itself. */
  readonly transportConfig: TransportConfig | null;
  readonly #queues = new Map<string, Queue>();
  readonly #agents: Readonly<Record<string, AgentProfile>>;
  readonly #spill: Spill | null;
  readonly #stopListening: () => void;
  #closing: Promise<ShutdownReport> | null = null;

  private constructor(profiles: ReadonlyMap<string, QueueProfile>, options: ScouterQueueOptions) {
    const isConfig = "createTransport" in options.transport;
    this.transportConfig = isConfig ? options.transport : null;
    const transport = isConfig ? options.transport.createTransport() : options.transport;
    this.transport = transport;
    const publishIntervalMs = options.publishIntervalMs ?? publishIntervalOfEnvironment();
    const tell = teller(options.onProblem);
    for (const [alias, profile] of profiles) {
      const parts = { ...options, transport, publishIntervalMs, alias, profile, tell };
      this.#queues.set(alias, new Queue(parts));
    }
    this.#spill = options.spill ?? null;
    for (const alias of options.spill?.unopened() ?? []) {
      const message = `items of an earlier run wait on disk for a queue with alias "${alias}"`;
      tell({ alias, kind: "spill_unusable", count: 0, message });
    }
    this.#agents = Object.fromEntries(
      [...profiles].flatMap(([alias, profile]) =>
        profile.driftType === "Agent" ? [[alias, profile]] : []
      ),
    );
    this.#stopListening = onBeforeExit(() => this.#beforeExit(tell));
  }

  /**
   * Makes queues for profiles.
   *
   * @param profiles profiles by alias, or one or several profiles that have an alias of their own
   * @param options transport and settings
   * @throws {QueueError} `INVALID_ARGUMENT` for a missing or repeated alias, `STARTUP_FAILED` when nothing can be sent
   */
  static async fromProfile(
    profiles: Readonly<Record<string, QueueProfile>> | QueueProfile | readonly QueueProfile[],
    options: ScouterQueueOptions,
  ): Promise<ScouterQueue> {
    checkSettings(options);
    const queue = ScouterQueue.#make(byAlias(profiles), options);
    if (options.waitForStartup === true) await queue.#connect();
    return queue;
  }

  static #make(
    profiles: ReadonlyMap<string, QueueProfile>,
    options: ScouterQueueOptions,
  ): ScouterQueue {
    try {
      return new ScouterQueue(profiles, options);
    } catch (error) {
      // So that a next attempt finds the place free.
      options.spill?.close();
      throw error;
    }
  }

  /**
   * Makes queues for profile files. Works where there are files: Deno, Node and Bun.
   *
   * @param paths files by alias; profiles bare or wrapped in their kind
   * @param options transport and settings
   * @throws {QueueError} `INVALID_PROFILE` for a file that cannot be read or holds no profile
   */
  static async fromPath(
    paths: Readonly<Record<string, string>>,
    options: ScouterQueueOptions,
  ): Promise<ScouterQueue> {
    const { readProfile } = await import("./profile_reader.ts");
    const profiles = await Promise.all(
      Object.entries(paths).map(async ([alias, path]): Promise<[string, QueueProfile]> => {
        return [alias, readProfile(await readText(path), path)];
      }),
    );
    return await ScouterQueue.fromProfile(Object.fromEntries(profiles), options);
  }

  /** The queue of an alias. @throws {QueueError} `UNKNOWN_ALIAS`, listing those there are */
  get(alias: string): Queue {
    const queue = this.#queues.get(alias);
    if (queue !== undefined) return queue;
    const known = [...this.#queues.keys()].join(", ") || "none";
    const closed = this.#closing === null ? "" : " (the queue was shut down)";
    throw new QueueError(
      "UNKNOWN_ALIAS",
      `there is no queue with alias "${alias}"; there are: ${known}${closed}`,
    );
  }

  /** The aliases. */
  get aliases(): readonly string[] {
    return [...this.#queues.keys()];
  }

  /** Whether there is no queue. */
  isEmpty(): boolean {
    return this.#queues.size === 0;
  }

  /** Profiles of agents by alias. */
  agentProfiles(): Readonly<Record<string, AgentProfile>> {
    return this.#agents;
  }

  /** Keeps inserted records of agents for draining, beside sending them. */
  enableCapture(): void {
    for (const queue of this.#queues.values()) queue.enableCapture();
  }

  /** Ends capturing and forgets what was captured. */
  disableCapture(): void {
    for (const queue of this.#queues.values()) queue.disableCapture();
  }

  /** Gives the captured records of one queue and forgets them. @throws {QueueError} `UNKNOWN_ALIAS` */
  drainRecords(alias: string): EvalRecord[] {
    return this.get(alias).drain();
  }

  /** Gives the captured records of all queues that have some, and forgets them. */
  drainAllRecords(): Record<string, EvalRecord[]> {
    return Object.fromEntries(
      [...this.#queues].map(([alias, queue]) => [alias, queue.drain()] as const)
        .filter(([, records]) => records.length > 0),
    );
  }

  /** What became of all items, by alias. */
  stats(): Record<string, QueueStats> {
    return Object.fromEntries([...this.#queues].map(([alias, queue]) => [alias, queue.stats()]));
  }

  /** Publishes what is gathered and complete; resolves when nothing waits to be sent any more. */
  async flush(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.flush()));
  }

  /**
   * Sends everything, also samples that are not complete, and closes the transport. What is not sent when the time is over
   * is given up and reported.
   *
   * @param options time for it: 5,000 milliseconds by default
   * @returns how it went; the same for every further call
   */
  shutdown(options: { readonly deadlineMs?: number } = {}): Promise<ShutdownReport> {
    this.#closing ??= this.#shutdown(options.deadlineMs ?? DEFAULT_DEADLINE_MS);
    return this.#closing;
  }

  /** Shuts down, so that `await using` does it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  async #shutdown(deadlineMs: number): Promise<ShutdownReport> {
    this.#stopListening();
    const queues = [...this.#queues];
    const finished = Promise.all(queues.map(([, queue]) => queue.finish()));
    await settledWithin(finished, deadlineMs);
    const unsent = queues.map(([alias, queue]) => ({ alias, ...queue.abandon() }))
      .filter(({ batches }) => batches > 0);
    // A transport that looks at its signal ends now, and only then is its connection closed.
    await settledWithin(finished, ABORT_GRACE_MS);
    await this.transport.close?.();
    this.#spill?.close();
    const stats = this.stats();
    this.#queues.clear();
    const complete = unsent.length === 0 && !queues.some(([, queue]) => queue.hasLost);
    return { complete, unsent, stats };
  }

  async #connect(): Promise<void> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), STARTUP_TIMEOUT_MS);
    try {
      await this.transport.connect?.(controller.signal);
    } catch (cause) {
      await this.shutdown({ deadlineMs: 0 });
      const reason = controller.signal.aborted
        ? `no answer within ${STARTUP_TIMEOUT_MS} ms`
        : cause instanceof Error
        ? cause.message
        : String(cause);
      throw new QueueError("STARTUP_FAILED", `nothing can be sent: ${reason}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  /** A program that just ends sends what it gathered; what then is still unsent is told of. */
  #beforeExit(tell: (problem: QueueProblem) => void): void {
    const started = [...this.#queues.values()].filter((queue) => queue.publishNow());
    if (started.length > 0) return;
    for (const [alias, queue] of this.#queues) {
      const { pending } = queue.stats();
      if (pending === 0) continue;
      const message = `the program ends and ${pending} items were not sent; call shutdown()`;
      tell({ alias, kind: "batch_dropped", count: pending, message });
    }
    this.#stopListening();
  }
}

function byAlias(
  profiles: Readonly<Record<string, QueueProfile>> | QueueProfile | readonly QueueProfile[],
): Map<string, QueueProfile> {
  const isOne = (value: object): value is QueueProfile =>
    "driftType" in value && typeof value.driftType === "string";
  const isList = (value: object): value is readonly QueueProfile[] => Array.isArray(value);
  if (!isOne(profiles) && !isList(profiles)) return new Map(Object.entries(profiles));
  const found = new Map<string, QueueProfile>();
  for (const profile of isOne(profiles) ? [profiles] : profiles) {
    const alias = "alias" in profile ? profile.alias : null;
    if (alias === null || alias === "") {
      throw new QueueError(
        "INVALID_ARGUMENT",
        `a profile of kind ${profile.driftType} has no alias; give profiles as { alias: profile }`,
      );
    }
    if (found.has(alias)) {
      throw new QueueError("INVALID_ARGUMENT", `two profiles have the alias "${alias}"`);
    }
    found.set(alias, profile);
  }
  return found;
}

function checkSettings(options: ScouterQueueOptions): void {
  const positive = (name: string, value: number | undefined) => {
    if (value === undefined || value > 0) return;
    throw new QueueError("INVALID_ARGUMENT", `${name} must be above 0, got ${value}`);
  };
  positive("publishIntervalMs", options.publishIntervalMs);
  positive("maxPendingBatches", options.maxPendingBatches);
  positive("retry.maxAttempts", options.retry?.maxAttempts);
}

function publishIntervalOfEnvironment(): number {
  const text = environment("SCOUTER_QUEUE_PUBLISH_INTERVAL_SECS");
  if (text === undefined) return DEFAULT_PUBLISH_INTERVAL_MS;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds > 0) return seconds * 1_000;
  throw new QueueError(
    "INVALID_ARGUMENT",
    `SCOUTER_QUEUE_PUBLISH_INTERVAL_SECS must be a whole number of seconds above 0, got "${text}"`,
  );
}

/** The user's callback, or warnings; a callback that throws is told of and otherwise harmless. */
function teller(onProblem: QueueSettings["onProblem"]): (problem: QueueProblem) => void {
  const warning = new LimitedWarning();
  return (problem) => {
    if (onProblem === undefined) {
      warning.warn(`queue "${problem.alias}": ${problem.message}`);
      return;
    }
    try {
      onProblem(problem);
    } catch (error) {
      warning.warn(`onProblem threw ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

/** Waits for work, but not longer than a time. */
async function settledWithin(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([work, new Promise((resolve) => timer = setTimeout(resolve, ms))]);
  clearTimeout(timer);
}
