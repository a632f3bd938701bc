import { asFloat64, type TableInput, toTable } from "../../data/mod.ts";
import { compareUtf8 } from "../../data/mod.ts";
import { DriftError } from "../error.ts";
import { FeatureMap } from "../feature_map.ts";
import { PsiDriftConfig } from "../psi_config.ts";
import type { CreateProfileOptions } from "../psi_create.ts";
import { type PsiBin, PsiDriftProfile, type PsiFeatureProfile } from "../psi_profile.ts";
import { KllSketch } from "./kll.ts";
import { sketchBins } from "./sketch_bins.ts";

/** Distinct strings one feature may have. */
const MAX_CATEGORIES = 100_000;

/**
 * A baseline that is built up batch by batch, for data that does not fit in memory or is spread over machines: a
 * quantile sketch per numeric feature, exact counts per text feature. Baselines of parts merge in any order.
 *
 * Rows, range and equal-width edges are exact. Proportions, and the ranks of quantile edges, are off by at most the
 * sketch's rank error per edge ({@linkcode KllSketch.rankError}, with 99 % confidence). The rules of Doane, Scott, and
 * Freedman and Diaconis also look at spread or shape, taken from the sketch: their number of bins may be one or two off.
 *
 * @example
 * ```ts
 * import { StreamingBaseline } from "./mod.ts";
 *
 * const baseline = new StreamingBaseline();
 * for (let batch = 0; batch < 10; batch++) {
 *   baseline.add({ x: Float64Array.from({ length: 1000 }, (_, i) => batch * 1000 + i) });
 * }
 * baseline.toPsiProfile().features.get("x")?.bins.length; // 10
 * ```
 */
export class StreamingBaseline {
  readonly #k: number;
  readonly #numeric: Map<string, KllSketch> = new Map();
  readonly #text: Map<string, Map<string, number>> = new Map();
  #rows = 0;

  /**
   * Makes an empty baseline.
   *
   * @param k accuracy of the sketches; 400 keeps ranks within about 1 %
   */
  constructor(k: number = 400) {
    this.#k = k;
  }

  /** Rows added so far. */
  get rowCount(): number {
    return this.#rows;
  }

  /** The sketch of a numeric feature. */
  sketch(feature: string): KllSketch | undefined {
    return this.#numeric.get(feature);
  }

  /**
   * Adds a batch.
   *
   * @param data rows in any shape `toTable` reads
   * @throws DriftError when a feature changes between text and number, or has too many distinct strings
   */
  add(data: TableInput): void {
    const table = toTable(data);
    this.#rows += table.rowCount;
    for (const column of table.columns) {
      if (column.kind === "numeric") {
        this.#sketchOf(column.name).addAll(asFloat64(column));
        continue;
      }
      const rows = new Float64Array(column.dictionary.length);
      for (const code of column.codes) if (code >= 0) rows[code] = (rows[code] as number) + 1;
      const counts = this.#countsOf(column.name);
      column.dictionary.forEach((value, code) =>
        count(counts, column.name, value, rows[code] as number)
      );
    }
  }

  /**
   * Takes in another baseline, which is left as it is.
   *
   * @param other a baseline of the same k
   */
  merge(other: StreamingBaseline): void {
    this.#rows += other.#rows;
    for (const [name, sketch] of other.#numeric) this.#sketchOf(name).merge(sketch);
    for (const [name, counts] of other.#text) {
      const own = this.#countsOf(name);
      for (const [value, rows] of [...counts]) count(own, name, value, rows);
    }
  }

  /**
   * Makes a PSI profile of everything added so far.
   *
   * @param config what differs from the defaults
   * @param options clock
   * @returns the profile
   * @throws DriftError for a feature without values
   */
  toPsiProfile(
    config: PsiDriftConfig = new PsiDriftConfig(),
    options: Pick<CreateProfileOptions, "now"> = {},
  ): PsiDriftProfile {
    const { binningStrategy, alertConfig } = config;
    const timestamp = (options.now ?? new Date()).toISOString();
    const features = new Map<string, PsiFeatureProfile>();
    for (const [id, sketch] of this.#numeric) {
      const bins = sketchBins(id, sketch, binningStrategy);
      features.set(id, { id, binType: "Numeric", timestamp, bins });
    }
    const encodings = new Map([...this.#text].map(([name, counts]) => {
      const values = [...counts.keys()].sort(compareUtf8).map((value, i) => [value, i] as const);
      return [name, { values: new Map(values), unseenId: values.length }];
    }));
    const featureMap = new FeatureMap(encodings);
    for (const [id, counts] of this.#text) {
      const total = [...counts.values()].reduce((sum, rows) => sum + rows, 0);
      const proportions = [...counts].map((
        [value, rows],
      ) => [featureMap.encode(id, value), rows / total]);
      proportions.push([featureMap.encoding(id).unseenId, 0]);
      const bins = proportions.map(([binId = 0, proportion = 0]): PsiBin => ({
        id: binId,
        lowerLimit: null,
        upperLimit: null,
        proportion,
      })).sort((a, b) => a.id - b.id);
      features.set(id, { id, binType: "Category", timestamp, bins });
    }
    const categorical = [...this.#text.keys()];
    return new PsiDriftProfile({
      features,
      config: config.with({
        featureMap,
        categoricalFeatures: categorical.length === 0 ? config.categoricalFeatures : categorical,
        alertConfig: alertConfig.featuresToMonitor.length > 0
          ? alertConfig
          : { ...alertConfig, featuresToMonitor: [...features.keys()] },
      }),
    });
  }

  #sketchOf(name: string): KllSketch {
    if (this.#text.has(name)) throw changedType(name);
    let sketch = this.#numeric.get(name);
    if (sketch === undefined) this.#numeric.set(name, sketch = new KllSketch(this.#k));
    return sketch;
  }

  #countsOf(name: string): Map<string, number> {
    if (this.#numeric.has(name)) throw changedType(name);
    let counts = this.#text.get(name);
    if (counts === undefined) this.#text.set(name, counts = new Map());
    return counts;
  }
}

function changedType(name: string): DriftError {
  return new DriftError(
    "WRONG_TYPE",
    `Feature "${name}" is text in one batch and numeric in another`,
  );
}

function count(counts: Map<string, number>, name: string, value: string, rows: number): void {
  if (rows === 0) return;
  counts.set(value, (counts.get(value) ?? 0) + rows);
  if (counts.size > MAX_CATEGORIES) {
    throw new DriftError(
      "TOO_MANY_BINS",
      `Feature "${name}" has more than ${MAX_CATEGORIES} distinct strings; it is no category, leave it out`,
    );
  }
}
