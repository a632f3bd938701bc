/**
 * Features of a profile for PSI: how many values fell into each bin.
 *
 * @module
 */

import { NumericBinner } from "../drift/binner.ts";
import type { PsiDriftProfile, PsiFeatureProfile } from "../drift/psi_profile.ts";
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

/** Predictions in one batch. */
export const PSI_BATCH_ITEMS = 1_000;

interface FeatureCounts {
  readonly ids: readonly number[];
  readonly counts: number[];
  /** Place of a number's bin, or -1. */
  readonly placeOf: (value: number) => number;
}

function countsOf(feature: PsiFeatureProfile): FeatureCounts {
  const ids = feature.bins.map((bin) => bin.id);
  const counts = ids.map(() => 0);
  if (feature.binType === "Numeric") {
    const edges = feature.bins.slice(0, -1).map((bin) => bin.upperLimit ?? Infinity);
    const binner = new NumericBinner(edges);
    return { ids, counts, placeOf: (value) => binner.indexOf(value) };
  }
  const places = new Map(ids.map((id, place) => [id, place]));
  return { ids, counts, placeOf: (value) => places.get(Math.trunc(value)) ?? -1 };
}

/** Counts values into the bins of a profile. */
export class PsiCollector implements Collector {
  readonly #profile: PsiDriftProfile;
  readonly #features: ReadonlyMap<string, FeatureCounts>;
  readonly #skipped: Skipped;
  readonly #chunks = new RecordChunks();
  #items: FeaturesJson[] = [];

  constructor(profile: PsiDriftProfile, onSkipped: OnSkipped) {
    this.#profile = profile;
    this.#skipped = new Skipped(onSkipped);
    const { featuresToMonitor } = profile.config.alertConfig;
    this.#features = new Map(
      [...profile.features]
        .filter(([name]) => featuresToMonitor.length === 0 || featuresToMonitor.includes(name))
        .map(([name, feature]) => [name, countsOf(feature)]),
    );
  }

  get count(): number {
    return this.#items.length;
  }

  get isFull(): boolean {
    return this.#items.length >= PSI_BATCH_ITEMS;
  }

  get hasLeft(): boolean {
    return this.#chunks.hasLeft;
  }

  hasRest(): boolean {
    return this.#items.length > 0 || this.hasLeft;
  }

  add(item: unknown): string | null {
    if (!isFeatures(item)) return "a profile for PSI takes features({…})";
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
    return this.#chunks.rest();
  }

  restoreRest(rest: string): void {
    this.#chunks.restore(rest);
  }

  take(createdAt: string): Batch {
    if (this.hasLeft) return this.#chunks.next(0);
    const items = this.#items;
    this.#items = [];
    for (const item of items) this.#countItem(item);
    this.#skipped.report();
    const records: ServerRecord[] = [];
    for (const [feature, { ids, counts }] of this.#features) {
      if (counts.every((count) => count === 0)) continue;
      ids.forEach((bin_id, place) => {
        const bin_count = counts[place] ?? 0;
        const uid = this.#profile.uid;
        records.push({
          Psi: { created_at: createdAt, uid, feature, bin_id, bin_count, entity_id: 0 },
        });
      });
      counts.fill(0);
    }
    this.#chunks.put(records);
    return this.#chunks.next(items.length);
  }

  #countItem({ features }: FeaturesJson): void {
    for (const feature of features) {
      const { name, value } = partsOf(feature);
      const counts = this.#features.get(name);
      if (counts === undefined) {
        // One that is not watched is left out on purpose; one that is unknown may be a slip.
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
      const place = counts.placeOf(number);
      if (place < 0) this.#skipped.add(`feature "${name}" has a category without a bin`);
      else counts.counts[place] = (counts.counts[place] ?? 0) + 1;
    }
  }
}
