/**
 * Gathers the rows of one request that belong to the relational store, without duplicates.
 *
 * @module
 */
import type { BaggageRow, SideRows, TagRow, TraceEntityRow } from "../contract.ts";

/** Side rows under construction; rows of a span count only after {@linkcode SideRowBuilder.commitSpan}. */
export class SideRowBuilder {
  readonly #tags = new Map<string, TagRow>();
  readonly #baggage = new Map<string, BaggageRow>();
  readonly #entities = new Map<string, TraceEntityRow>();
  #pending: (() => void)[] = [];

  /** A tag of the trace; a later value of the same key is another tag. */
  tag(traceIdHex: string, key: string, value: string): void {
    const row = { entityType: "trace", entityId: traceIdHex, key, value };
    this.#pending.push(() => this.#tags.set(JSON.stringify([traceIdHex, key, value]), row));
  }

  /** A baggage entry of the span. */
  baggage(row: BaggageRow): void {
    const id = JSON.stringify([row.createdAtUs, row.traceIdHex, row.scope, row.key]);
    this.#pending.push(() => this.#baggage.set(id, row));
  }

  /** A profile found on the span; queue-owned anywhere in the request is queue-owned. */
  entity(row: TraceEntityRow): void {
    const id = row.traceIdHex + row.entityUid + row.queueOwned;
    this.#pending.push(() => {
      if (!this.#entities.has(id)) this.#entities.set(id, row);
    });
  }

  /** Keeps the rows of the current span. */
  commitSpan(): void {
    if (this.#pending.length === 0) return;
    for (const add of this.#pending) add();
    this.#pending = [];
  }

  /** Forgets the rows of the current span. */
  dropSpan(): void {
    if (this.#pending.length > 0) this.#pending = [];
  }

  /** Everything kept. */
  rows(): SideRows {
    return {
      tags: [...this.#tags.values()],
      baggage: [...this.#baggage.values()],
      entities: [...this.#entities.values()],
    };
  }
}
