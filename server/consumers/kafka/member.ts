/**
 * One member of the consumer group.
 *
 * Before it gives partitions back in a rebalance it finishes and commits what it has of them, so that no other server
 * stores the same messages again. After each rebalance it starts with a fresh stream at the committed offsets.
 *
 * @module
 */

import type { BaseOptions } from "@platformatic/kafka";
import { type KafkaConsumer, type KafkaMessage, Lane } from "./lane.ts";
import { StallWatch } from "./stall_watch.ts";

/** The group notices a dead member after so long. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 2000;
const REBALANCE_TIMEOUT_MS = 15_000;
/** No heartbeats are sent meanwhile, so it must be well below the session's. */
const REBALANCE_DRAIN_MS = 4000;
const FETCH_BYTES = 16 << 20;
const FETCH_WAIT_MS = 1000;
/** After so long without a message, or without being admitted to the group, the connection is made anew. */
const STALL_MS = 30_000;
/** Messages fetched ahead. */
const FETCH_AHEAD = 64;

/** What a member needs. */
export interface MemberOptions {
  readonly kafka: typeof import("@platformatic/kafka");
  readonly client: BaseOptions;
  readonly group: string;
  readonly topics: readonly string[];
  readonly offsetReset: "earliest" | "latest";
  held(): boolean;
  handle(message: KafkaMessage): Promise<boolean>;
  /** The member cannot go on. */
  failed(error: unknown): void;
}

/** See the module. */
export class Member {
  readonly #options: MemberOptions;
  readonly #consumer: KafkaConsumer;
  readonly #watch = new StallWatch(STALL_MS);
  #lane: Lane | null = null;
  #changing: Promise<void> = Promise.resolve();
  #rejoining = false;
  #closed = false;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#consumer = new options.kafka.Consumer({
      ...options.client,
      groupId: options.group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatStallTimeout: SESSION_TIMEOUT_MS,
      autocommit: false,
      maxBytes: FETCH_BYTES,
      maxWaitTime: FETCH_WAIT_MS,
      highWaterMark: FETCH_AHEAD,
      // Asked for before every join, and waited for: the moment to finish what will be given back.
      protocolsMetadata: async () => {
        await this.#beforeJoin();
        return Buffer.alloc(0);
      },
    });
    const fail = (error: unknown) => this.#fail(error);
    this.#consumer.on("error", fail);
    this.#consumer.on("consumer:heartbeat:stalled", ({ lastError }) => {
      fail(lastError ?? new Error("the consumer group does not answer"));
    });
    this.#consumer.on("consumer:group:join", () => {
      // The first join is part of `start`, which makes the first lane itself.
      if (this.#lane !== null) this.#newLane().catch(fail);
    });
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.#options.failed(error);
  }

  /** Joins the group and begins to take messages. */
  async start(): Promise<void> {
    await this.#newLane();
  }

  /**
   * Looks whether messages come as they should, and tells `failed` when they wait and none comes.
   *
   * @returns Messages that wait in the partitions of this member.
   */
  async check(): Promise<number> {
    const late = setTimeout(
      () => this.#fail(new Error(`Kafka does not say how much waits for ${STALL_MS / 1000} s`)),
      STALL_MS,
    );
    try {
      const waiting = await this.#waiting();
      if (this.#options.held() || (this.#lane?.inFlight ?? 0) > 0) this.#watch.moved();
      if (this.#watch.stalled(waiting)) {
        this.#fail(
          new Error(`${waiting} messages wait, but none has come for ${STALL_MS / 1000} s`),
        );
      }
      return waiting;
    } finally {
      clearTimeout(late);
    }
  }

  async #waiting(): Promise<number> {
    if (this.#closed || this.#lane === null) return 0;
    let lag = 0;
    for (const { topic, partitions } of this.#consumer.assignments ?? []) {
      if (partitions.length === 0) continue;
      const waiting = await this.#consumer.getLag({
        topics: [topic],
        partitions: { [topic]: partitions },
      });
      for (const messages of waiting.get(topic) ?? []) {
        if (messages !== undefined && messages > 0n) lag += Number(messages);
      }
    }
    return lag;
  }

  /** Finishes what was taken, commits it, and leaves the group. */
  async close(drainMs: number): Promise<void> {
    this.#closed = true;
    try {
      await this.#changing;
      await this.#lane?.drain(drainMs);
    } finally {
      await this.#lane?.dispose();
      await this.#consumer.close(true);
    }
  }

  /** Leaves without committing; for connections that are broken. */
  abort(): void {
    this.#closed = true;
    void this.#lane?.dispose();
    this.#consumer.close(true).catch(() => undefined);
  }

  async #beforeJoin(): Promise<void> {
    if (this.#lane === null || this.#rejoining || this.#closed) return;
    this.#rejoining = true;
    try {
      await this.#lane.drain(REBALANCE_DRAIN_MS);
    } catch {
      // The group has gone on without us: what is not committed comes again.
    } finally {
      this.#rejoining = false;
    }
  }

  /** Lanes change one after another. */
  #newLane(): Promise<void> {
    return this.#changing = this.#changing.then(() => this.#changeLane());
  }

  async #changeLane(): Promise<void> {
    if (this.#closed && this.#lane !== null) return;
    const { topics, offsetReset, held, handle } = this.#options;
    const before = this.#lane;
    const late = setTimeout(
      () => this.#fail(new Error("the consumer group does not let this server in")),
      STALL_MS + REBALANCE_TIMEOUT_MS,
    );
    const stream = await this.#consumer.consume({
      topics: [...topics],
      mode: this.#options.kafka.MessagesStreamModes.COMMITTED,
      fallbackMode: offsetReset === "earliest"
        ? this.#options.kafka.MessagesStreamFallbackModes.EARLIEST
        : this.#options.kafka.MessagesStreamFallbackModes.LATEST,
    }).finally(() => clearTimeout(late));
    this.#watch.moved();
    this.#lane = new Lane({
      consumer: this.#consumer,
      stream,
      held,
      handle: (message) => {
        this.#watch.moved();
        return handle(message);
      },
      failed: (error) => this.#fail(error),
    });
    // Only now: without any stream the group would be told that no topic is wanted.
    await before?.dispose();
  }
}
