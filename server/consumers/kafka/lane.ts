/**
 * What one member of the consumer group does between two rebalances: it takes messages of the partitions it was given,
 * has them stored side by side, and commits what is durable.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, Message, MessagesStream } from "@platformatic/kafka";
import { IN_FLIGHT_BYTES, InFlight } from "../in_flight.ts";
import { type OffsetEntry, OffsetWindow } from "./offset_window.ts";

/** Messages stored at a time by one member. */
const MAX_IN_FLIGHT = 32;
/** Between two commits. What is durable but not committed comes again after a crash. */
const COMMIT_EVERY_MS = 200;

/**
 * Messages of a partition behind one that does not end, for example because its dead letter cannot be written. They would
 * all come again after a crash, when the stores may remember no more that they have them.
 */
const MAX_BACKLOG = 5000;
/** Longest wait for a commit under way before the last one. */
const LAST_COMMIT_MS = 1000;

/** A message of the topics. */
export type KafkaMessage = Message<Buffer, Buffer, Buffer, Buffer>;
/** The stream of messages of one generation of the group. */
export type KafkaStream = MessagesStream<Buffer, Buffer, Buffer, Buffer>;
/** A member of the group. */
export type KafkaConsumer = Consumer<Buffer, Buffer, Buffer, Buffer>;

/** What a lane needs. */
export interface LaneOptions {
  readonly consumer: KafkaConsumer;
  readonly stream: KafkaStream;
  /** Nothing more should be taken for now. */
  held(): boolean;
  /** Resolves when the message needs no more: true when it may be committed. Never rejects. */
  handle(message: KafkaMessage): Promise<boolean>;
  /** The lane cannot go on. */
  failed(error: unknown): void;
}

/** See the module. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #windows = new Map<string, OffsetWindow>();
  readonly #epochs = new Map<string, number>();
  readonly #inFlight: InFlight;
  readonly #timer: ReturnType<typeof setInterval>;
  #committing: Promise<void> | null = null;
  #closed = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    const { stream } = options;
    this.#inFlight = new InFlight(
      { messages: MAX_IN_FLIGHT, bytes: IN_FLIGHT_BYTES },
      () => this.#resumeIfRoom(),
    );
    stream.on("error", (error) => {
      if (!this.#closed) options.failed(error);
    });
    stream.on("data", (message) => this.#take(message));
    this.#timer = setInterval(() => {
      this.commit().catch((error) => {
        if (!this.#closed) options.failed(error);
      });
    }, COMMIT_EVERY_MS);
  }

  /** Messages that are being stored. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Takes nothing more, waits for what is being stored, and commits it. @returns Whether all ended in time. */
  async drain(limitMs: number): Promise<boolean> {
    this.#close();
    const drained = await this.#inFlight.drained(limitMs);
    // A commit under way may itself wait for the rebalance for which this lane is drained.
    const settled = this.#committing?.then(() => true, () => true) ?? Promise.resolve(true);
    if (await Promise.race([settled, sleep(LAST_COMMIT_MS, false)])) await this.commit();
    return drained;
  }

  /** Stops for good. What is still being stored is not committed any more. */
  async dispose(): Promise<void> {
    this.#close();
    await this.#options.stream.close().catch(() => undefined);
  }

  /** Commits what is durable. One commit at a time. */
  async commit(): Promise<void> {
    if (this.#committing !== null) return await this.#committing;
    const offsets = [];
    for (const [key, window] of this.#windows) {
      const offset = window.committable();
      if (offset === null) continue;
      const at = key.lastIndexOf(":");
      offsets.push({
        topic: key.slice(0, at),
        partition: Number(key.slice(at + 1)),
        offset,
        leaderEpoch: this.#epochs.get(key) ?? -1,
      });
    }
    if (offsets.length === 0) return;
    this.#committing = this.#options.consumer.commit({ offsets }).finally(() => {
      this.#committing = null;
    });
    await this.#committing;
    for (const { topic, partition, offset } of offsets) {
      this.#windows.get(`${topic}:${partition}`)?.committed(offset);
    }
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#options.stream.pause();
  }

  #take(message: KafkaMessage): void {
    // Not taken, not committed: it comes again to whoever has the partition then.
    if (this.#closed) return;
    const key = `${message.topic}:${message.partition}`;
    let window = this.#windows.get(key);
    if (window === undefined) this.#windows.set(key, window = new OffsetWindow());
    this.#epochs.set(key, message.leaderEpoch);
    const entry = window.add(message.offset);
    this.#inFlight.add(message.value?.length ?? 0, this.#handle(message, entry));
    if (!this.#hasRoom() || this.#options.held()) this.#options.stream.pause();
  }

  async #handle(message: KafkaMessage, entry: OffsetEntry): Promise<void> {
    entry.done = await this.#options.handle(message);
  }

  #resumeIfRoom(): void {
    const { stream } = this.#options;
    if (!this.#closed && stream.isPaused() && this.#hasRoom()) stream.resume();
  }

  #hasRoom(): boolean {
    if (!this.#inFlight.hasRoom) return false;
    for (const window of this.#windows.values()) if (window.backlog >= MAX_BACKLOG) return false;
    return true;
  }
}
