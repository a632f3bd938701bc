/**
 * Consumes a Redis stream: a consumer group, entries acknowledged when they are durable, and what a server left behind
 * taken over by another.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../config.ts";
import { pause } from "../../workers/supervisor.ts";
import type { Session } from "../contract.ts";
import { deadLetterHeaders, deadLetterName, writeDeadLetter } from "../dead_letter.ts";
import { deliver, type DeliveryDeps } from "../delivery.ts";
import { IN_FLIGHT_BYTES, InFlight } from "../in_flight.ts";
import { SessionEnd } from "../session_end.ts";
import type { SourceMetrics } from "../source_metrics.ts";
import { Acknowledger } from "./acknowledger.ts";
import { connectRedis } from "./connection.ts";
import { fieldOf, messageOf, type StreamEntry } from "./entries.ts";
import { StreamGroup } from "./group.ts";

/** Messages stored at a time, for each of `REDIS_CONSUMER_COUNT`. */
export const PER_CONSUMER = 32;
/** Also the longest time that stopping waits for a read. */
const BLOCK_MS = 1000;
const LAG_EVERY_MS = 5000;
const CLOSE_MS = 3000;

/**
 * Makes the session.
 *
 * @param consumer Name of this server in the group: unique, and the same after a restart.
 * @param drainMs Longest wait, when stopping, for what is being stored.
 */
export function redisStreamSession(
  settings: Settings,
  deps: DeliveryDeps,
  metrics: SourceMetrics,
  consumer: string,
  drainMs: number,
): Session {
  return async ({ signal, connected }) => {
    const end = new SessionEnd(signal);
    const { redisAddr, redisStream: stream } = settings;
    const redis = await connectRedis(redisAddr, "scouter", end.fail);
    try {
      const reader = await connectRedis(redisAddr, "scouter-reader", end.fail);
      try {
        const group = new StreamGroup(redis, {
          stream,
          group: settings.redisGroup,
          consumer,
          deleteStored: settings.redisStreamDelete,
        });
        await group.ensure();
        const work = new StreamWork(settings, deps, metrics, group, end);
        connected();
        const loops = [
          work.read((count) => group.read(reader, count, BLOCK_MS)),
          work.reclaim(),
          work.reportLag(),
        ].map((loop) => loop.catch(end.fail));
        await end.ended();
        // The read under way may still bring entries.
        await Promise.race([Promise.all(loops), sleep(BLOCK_MS + CLOSE_MS)]);
        await work.drained(drainMs);
        await group.leave();
      } finally {
        reader.disconnect();
      }
    } finally {
      end.fail(new Error("the session is over"));
      redis.disconnect();
    }
  };
}

class StreamWork {
  readonly #settings: Settings;
  readonly #deps: DeliveryDeps;
  readonly #metrics: SourceMetrics;
  readonly #group: StreamGroup;
  readonly #end: SessionEnd;
  readonly #inFlight: InFlight;
  readonly #acknowledger: Acknowledger;
  /** Entries being worked on. */
  readonly #ids = new Set<string>();

  constructor(
    settings: Settings,
    deps: DeliveryDeps,
    metrics: SourceMetrics,
    group: StreamGroup,
    end: SessionEnd,
  ) {
    this.#settings = settings;
    this.#deps = deps;
    this.#metrics = metrics;
    this.#group = group;
    this.#end = end;
    this.#inFlight = new InFlight({
      messages: settings.redisConsumers * PER_CONSUMER,
      bytes: IN_FLIGHT_BYTES,
    });
    this.#acknowledger = new Acknowledger((ids) => group.acknowledge(ids), end.fail);
  }

  /** First what this server left behind when it ended, then what is new. */
  async read(readNew: (count: number) => Promise<StreamEntry[]>): Promise<void> {
    const { signal } = this.#end;
    for (let after = "0"; !signal.aborted;) {
      if (!await this.#room()) return;
      const entries = await this.#group.readOwn(after, PER_CONSUMER);
      const last = entries.at(-1);
      if (last === undefined) break;
      after = last.id;
      await this.#startAgain(entries);
    }
    while (await this.#room()) {
      const entries = await readNew(Math.min(this.#inFlight.room, PER_CONSUMER));
      for (const entry of entries) this.#start(entry, 0);
    }
  }

  /** Takes over what others left behind, and keeps others from taking over what is being worked on here. */
  async reclaim(): Promise<void> {
    const { signal } = this.#end;
    const idleMs = this.#settings.redisClaimIdleSeconds * 1000;
    while (!signal.aborted) {
      await this.#group.touch([...this.#ids]);
      for (let from = "0-0"; await this.#room();) {
        const { entries, nextId } = await this.#group.claim(idleMs, from, PER_CONSUMER);
        await this.#startAgain(entries);
        if (nextId === "0-0") break;
        from = nextId;
      }
      await pause(idleMs / 3, signal);
    }
  }

  /** Says now and then how much waits. */
  async reportLag(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const lag = await this.#group.lag();
      if (lag !== null) this.#metrics.lag(lag);
      await pause(LAG_EVERY_MS, signal);
    }
  }

  /** Resolves when nothing is being worked on. @returns False when the time was up before. */
  drained(limitMs: number): Promise<boolean> {
    return this.#inFlight.drained(limitMs);
  }

  /** Waits until more may be taken. @returns False when the session ends. */
  async #room(): Promise<boolean> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      if (!await this.#deps.pressure.passable(signal)) return false;
      if (this.#inFlight.hasRoom) return true;
      await this.#inFlight.settled(signal);
    }
    return false;
  }

  async #startAgain(entries: readonly StreamEntry[]): Promise<void> {
    const fresh = entries.filter(({ id }) => !this.#ids.has(id));
    const deliveries = await this.#group.deliveries(fresh.map(({ id }) => id));
    for (const entry of fresh) this.#start(entry, Math.max(0, (deliveries.get(entry.id) ?? 1) - 1));
  }

  #start(entry: StreamEntry, earlierTries: number): void {
    const { id, fields } = entry;
    this.#metrics.received();
    if (fields === null) {
      // A producer's limit on the stream's length removed it before it could be stored.
      this.#metrics.lost("trimmed");
      void this.#acknowledger.add(id);
      return;
    }
    const size = fields.reduce((sum, field) => sum + field.length, 0);
    this.#ids.add(id);
    this.#inFlight.add(
      size,
      this.#handle(id, fields, earlierTries).finally(() => this.#ids.delete(id)),
    );
  }

  async #handle(id: string, fields: readonly Buffer[], earlierTries: number): Promise<void> {
    const { signal } = this.#end;
    const encoding = fieldOf(fields, "content-encoding");
    const verdict = await deliver(this.#deps, this.#metrics, {
      body: messageOf(fields),
      contentEncoding: encoding === undefined ? null : encoding.toString(),
      earlierTries,
    }, signal);
    if (verdict.kind === "stored") return await this.#acknowledger.add(id);
    if (verdict.kind === "abandoned") return;
    const { redisStream, redisDeadLetterStream } = this.#settings;
    const origin = { source: redisStream, details: { "scouter-dead-letter-id": id } };
    await writeDeadLetter(
      this.#metrics,
      verdict,
      origin,
      signal,
      () =>
        this.#group.bury(id, deadLetterName(redisDeadLetterStream, redisStream), [
          ...fields,
          ...Object.entries(deadLetterHeaders(verdict, origin)).flat(),
        ]),
    );
  }
}
