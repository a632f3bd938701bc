/**
 * Features of a profile for statistical process control: means of samples.
 *
 * @module
 */

import type { SpcDriftProfile } from "../drift/spc_profile.ts";
import type { FeaturesJson } from "../records/features.ts";
import type { ServerRecord } from "../records/message.ts";
import {
  type Batch,
  type Collector,
  entryOf,
  itemOf,
  type OnSkipped,
  Skipped,
} from "./collector.ts";
import { isFeatures, numberOf, partsOf } from "./features_collector.ts";
import { RecordChunks } from "./record_chunks.ts";

interface Sample {
  sum: number;
  size: number;
}

/** Gathers samples, each feature for itself: one that is missing now and then holds up no other. */
export class SpcCollector implements Collector {
  readonly #profile: SpcDriftProfile;
  readonly #samples: ReadonlyMap<string, Sample>;
  readonly #skipped: Skipped;
  readonly #chunks = new RecordChunks();
  #items: FeaturesJson[] = [];

  constructor(profile: SpcDriftProfile, onSkipped: OnSkipped) {
    this.#profile = profile;
    this.#skipped = new Skipped(onSkipped);
    const { featuresToMonitor } = profile.config.alertConfig;
    this.#samples = new Map(
      [...profile.features.keys()]
        .filter((name) => featuresToMonitor.length === 0 || featuresToMonitor.includes(name))
        .map((name) => [name, { sum: 0, size: 0 }]),
    );
  }

  get count(): number {
    return this.#items.length;
  }

  get isFull(): boolean {
    return this.#items.length >= this.#profile.config.sampleSize;
  }

  get hasLeft(): boolean {
    return this.#chunks.hasLeft;
  }

  hasRest(final: boolean): boolean {
    if (this.hasLeft) return true;
    const begun = final && [...this.#samples.values()].some((sample) => sample.size > 0);
    return begun || this.#items.length > 0;
  }

  add(item: unknown): string | null {
    if (!isFeatures(item)) return "a profile for SPC takes features({…})";
    this.#items.push(item);
    return null;
  }

  entry(item: unknown): string {
    return entryOf(item);
  }

  restore(entry: string): string | null {
    return this.add(itemOf(entry));
  }

  rest(): string | null {
    const begun = [...this.#samples].filter(([, sample]) => sample.size > 0);
    const left = this.#chunks.rest();
    if (begun.length === 0 && left === null) return null;
    return JSON.stringify({ begun: Object.fromEntries(begun), left });
  }

  restoreRest(rest: string): void {
    const found = itemOf(rest);
    const { begun, left }: { begun?: unknown; left?: unknown } = Object(found);
    if (typeof left === "string") this.#chunks.restore(left);
    for (const [name, sample] of this.#samples) {
      const { sum, size }: { sum?: unknown; size?: unknown } = Object(Object(begun)[name]);
      if (typeof sum === "number" && typeof size === "number") Object.assign(sample, { sum, size });
    }
  }

  take(createdAt: string, final: boolean): Batch {
    if (this.hasLeft) return this.#chunks.next(0);
    const items = this.#items;
    this.#items = [];
    const records: ServerRecord[] = [];
    const end = (feature: string, sample: Sample) => {
      const value = sample.sum / sample.size;
      records.push({
        Spc: { created_at: createdAt, uid: this.#profile.uid, feature, value, entity_id: 0 },
      });
      sample.sum = 0;
      sample.size = 0;
    };
    for (const item of items) this.#addItem(item, end);
    if (final) {
      for (const [name, sample] of this.#samples) if (sample.size > 0) end(name, sample);
    }
    this.#skipped.report();
    this.#chunks.put(records);
    return this.#chunks.next(items.length);
  }

  #addItem({ features }: FeaturesJson, end: (feature: string, sample: Sample) => void): void {
    const { sampleSize } = this.#profile.config;
    for (const feature of features) {
      const { name, value } = partsOf(feature);
      const sample = this.#samples.get(name);
      if (sample === undefined) {
        if (!this.#profile.features.has(name)) {
          this.#skipped.add(`feature "${name}" is not in the profile`);
        }
        continue;
      }
      const number = numberOf(name, value, this.#profile.featureMap);
      if (typeof number === "string") {
        this.#skipped.add(number);
        continue;
      }
      sample.sum += number;
      if (++sample.size >= sampleSize) end(name, sample);
    }
  }
}
