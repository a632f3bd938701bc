/**
 * One consumer of a stream's consumer group: the commands it needs.
 *
 * @module
 */

import type { Redis } from "ioredis";
import { parseEntries, parseRead, type StreamEntry } from "./entries.ts";

/** Which stream, group and consumer. */
export interface GroupOptions {
  readonly stream: string;
  readonly group: string;
  /** Unique among the servers, the same after a restart. */
  readonly consumer: string;
  /** Delete entries that are acknowledged. */
  readonly deleteStored: boolean;
}

/** A pending entry: delivered, not acknowledged. */
export interface PendingEntry {
  readonly id: string;
  readonly deliveries: number;
}

/** More than may be under way. */
const MAX_RELEASED = 10_000;
const LONG_FORGOTTEN_MS = 1e9;

/** See the module. Errors are those of the connection, and of Redis. */
export class StreamGroup {
  readonly #redis: Redis;
  readonly #options: GroupOptions;

  constructor(redis: Redis, options: GroupOptions) {
    this.#redis = redis;
    this.#options = options;
  }

  /** Makes stream and group when missing; a new group begins at the first entry there is. */
  async ensure(): Promise<void> {
    const { stream, group } = this.#options;
    try {
      await this.#redis.xgroup("CREATE", stream, group, "0", "MKSTREAM");
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("BUSYGROUP"))) throw error;
    }
  }

  /** New entries; waits for some. @param redis A connection that nobody else needs meanwhile. */
  async read(redis: Redis, count: number, blockMs: number): Promise<StreamEntry[]> {
    const { stream, group, consumer } = this.#options;
    return parseRead(
      await redis.callBuffer(
        "XREADGROUP",
        ...["GROUP", group, consumer, "COUNT", count, "BLOCK", blockMs, "STREAMS", stream, ">"],
      ),
    );
  }

  /** Entries delivered to this consumer before and never acknowledged, from after an id on. */
  async readOwn(afterId: string, count: number): Promise<StreamEntry[]> {
    const { stream, group, consumer } = this.#options;
    return parseRead(
      await this.#redis.callBuffer(
        "XREADGROUP",
        ...["GROUP", group, consumer, "COUNT", count, "STREAMS", stream, afterId],
      ),
    );
  }

  /** Takes over entries that another consumer left unacknowledged for so long. */
  async claim(
    idleMs: number,
    fromId: string,
    count: number,
  ): Promise<{ entries: StreamEntry[]; nextId: string }> {
    const { stream, group, consumer } = this.#options;
    const answer = await this.#redis.callBuffer(
      "XAUTOCLAIM",
      ...[stream, group, consumer, idleMs, fromId, "COUNT", count],
    );
    const [next, entries]: unknown[] = Array.isArray(answer) ? answer : [];
    return {
      entries: parseEntries(entries),
      nextId: Buffer.isBuffer(next) ? next.toString() : "0-0",
    };
  }

  /** How often entries of this consumer were delivered, by id. */
  async deliveries(ids: readonly string[]): Promise<Map<string, number>> {
    const { stream, group, consumer } = this.#options;
    const found = new Map<string, number>();
    const [first] = ids;
    const last = ids.at(-1);
    if (first === undefined || last === undefined) return found;
    const answer: unknown = await this.#redis.xpending(
      stream,
      group,
      first,
      last,
      ids.length,
      consumer,
    );
    for (const row of Array.isArray(answer) ? answer : []) {
      if (Array.isArray(row)) found.set(String(row[0]), Number(row[3]));
    }
    return found;
  }

  /** Says that entries are still being worked on, so that nobody takes them over. */
  async touch(ids: readonly string[]): Promise<void> {
    const { stream, group, consumer } = this.#options;
    if (ids.length > 0) {
      await this.#redis.call("XCLAIM", stream, group, consumer, 0, ...ids, "JUSTID");
    }
  }

  /** Acknowledges entries, and deletes them if so set. */
  async acknowledge(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { stream, group, deleteStored } = this.#options;
    const all = this.#redis.multi().xack(stream, group, ...ids);
    if (deleteStored) all.xdel(stream, ...ids);
    throwFirst(await all.exec());
  }

  /** Moves an entry to the dead letters, in one step. */
  async bury(id: string, deadLetters: string, fields: readonly (string | Buffer)[]): Promise<void> {
    const { stream, group, deleteStored } = this.#options;
    const all = this.#redis.multi().xadd(deadLetters, "*", ...fields).xack(stream, group, id);
    if (deleteStored) all.xdel(stream, id);
    throwFirst(await all.exec());
  }

  /** Entries that are not acknowledged: those not delivered yet and those being worked on. Null when unknown. */
  async lag(): Promise<number | null> {
    const { stream, group, deleteStored } = this.#options;
    // What is stored is deleted, so what is there is waiting. Redis itself cannot tell once entries were deleted.
    if (deleteStored) return await this.#redis.xlen(stream);
    const groups: unknown = await this.#redis.xinfo("GROUPS", stream);
    for (const row of Array.isArray(groups) ? groups : []) {
      const info = Array.isArray(row) ? row : [];
      const value = (name: string): unknown => info[info.indexOf(name) + 1];
      if (value("name") !== group) continue;
      const lag = value("lag");
      return typeof lag === "number" ? lag + Number(value("pending")) : null;
    }
    return null;
  }

  /**
   * Takes this consumer off the group's list. Entries that are still its own are made to look long forgotten instead, so
   * that another server takes them over as soon as it looks.
   */
  async leave(): Promise<void> {
    const { stream, group, consumer } = this.#options;
    const answer: unknown = await this.#redis.xpending(
      stream,
      group,
      "-",
      "+",
      MAX_RELEASED,
      consumer,
    );
    const own = Array.isArray(answer) ? answer.map((row: unknown[]) => String(row[0])) : [];
    if (own.length === 0) {
      await this.#redis.xgroup("DELCONSUMER", stream, group, consumer);
      return;
    }
    await this.#redis.call(
      "XCLAIM",
      ...[stream, group, consumer, 0, ...own, "IDLE", LONG_FORGOTTEN_MS, "JUSTID"],
    );
  }
}

function throwFirst(results: [Error | null, unknown][] | null): void {
  for (const [error] of results ?? []) if (error !== null) throw error;
}
