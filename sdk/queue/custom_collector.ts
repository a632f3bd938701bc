/**
 * Metrics of the user's own: their means over a batch.
 *
 * @module
 */

import type { CustomDriftProfile } from "../drift/custom.ts";
import type { MetricsJson } from "../records/features.ts";
import { type ServerRecord, writeMessage } from "../records/message.ts";
import {
  type Batch,
  type Collector,
  entryOf,
  itemOf,
  type OnSkipped,
  Skipped,
} from "./collector.ts";

function isMetrics(item: unknown): item is MetricsJson {
  return typeof item === "object" && item !== null && "entity_type" in item &&
    item.entity_type === "Metric" && "metrics" in item && Array.isArray(item.metrics);
}

/** Averages metrics. */
export class CustomCollector implements Collector {
  readonly #profile: CustomDriftProfile;
  readonly #skipped: Skipped;
  #items: MetricsJson[] = [];

  constructor(profile: CustomDriftProfile, onSkipped: OnSkipped) {
    this.#profile = profile;
    this.#skipped = new Skipped(onSkipped);
  }

  get count(): number {
    return this.#items.length;
  }

  get isFull(): boolean {
    return this.#items.length >= this.#profile.config.sampleSize;
  }

  readonly hasLeft = false;

  hasRest(): boolean {
    return this.#items.length > 0;
  }

  add(item: unknown): string | null {
    if (!isMetrics(item)) return "a custom profile takes metrics({…})";
    this.#items.push(item);
    return null;
  }

  entry(item: unknown): string {
    return entryOf(item);
  }

  restore(entry: string): string | null {
    return this.add(itemOf(entry));
  }

  rest(): null {
    return null;
  }

  restoreRest(): void {}

  take(createdAt: string): Batch {
    const items = this.#items;
    this.#items = [];
    const sums = new Map<string, { sum: number; size: number }>();
    for (const { metrics } of items) {
      for (const { name: given, value } of metrics) {
        const name = given.toLowerCase();
        if (!this.#profile.metrics.has(name)) {
          this.#skipped.add(`metric "${given}" is not in the profile`);
        } else if (value === null || !Number.isFinite(value)) {
          this.#skipped.add(`metric "${given}" has no value, or one that is not finite`);
        } else {
          const mean = sums.get(name) ?? { sum: 0, size: 0 };
          mean.sum += value;
          mean.size++;
          sums.set(name, mean);
        }
      }
    }
    this.#skipped.report();
    const records = [...sums].map(([metric, { sum, size }]): ServerRecord => ({
      Custom: {
        created_at: createdAt,
        uid: this.#profile.uid,
        metric,
        value: sum / size,
        entity_id: 0,
      },
    }));
    const message = records.length === 0 ? null : writeMessage({ records });
    return { message, items: items.length, records: records.length };
  }
}
