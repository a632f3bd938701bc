import { binEdges } from "../bin_edges.ts";
import { type BinningStrategy, numberOfBins } from "../binning.ts";
import { equalWidthEdges } from "../equal_width.ts";
import { DriftError } from "../error.ts";
import type { PsiBin } from "../psi_profile.ts";
import type { KllSketch } from "./kll.ts";

/**
 * The bins of a column that is known by its sketch, cut as strict mode cuts a column in memory.
 *
 * @param name the column, for messages
 * @param sketch its sketch
 * @param strategy how to cut
 * @returns the bins with their shares
 * @throws DriftError when the sketch is empty
 */
export function sketchBins(name: string, sketch: KllSketch, strategy: BinningStrategy): PsiBin[] {
  if (sketch.count === 0) {
    throw new DriftError("NOT_ENOUGH_DATA", `Feature "${name}" has no finite value`);
  }
  const edges = edgesOf(sketch, strategy);
  const ranks = [0, ...edges.map((edge) => sketch.rank(edge)), 1];
  return ranks.slice(1).map((rank, i) => ({
    id: i + 1,
    lowerLimit: i === 0 ? -Infinity : edges[i - 1] as number,
    upperLimit: i === edges.length ? Infinity : edges[i] as number,
    proportion: rank - (ranks[i] as number),
  }));
}

function edgesOf(sketch: KllSketch, strategy: BinningStrategy): number[] {
  const { count } = sketch;
  const min = sketch.quantile(0);
  const max = sketch.quantile(1);
  // A constant column is as constant with one row.
  if (min === max) return [...binEdges(Float64Array.of(min), strategy, "strict")];
  if (strategy.kind === "Quantile") {
    const { numBins } = strategy;
    const probabilities = Array.from({ length: numBins - 1 }, (_, i) => (i + 1) / numBins);
    return [...new Set(sketch.quantiles(probabilities))];
  }
  const moments = lazy(() => momentsOf(sketch));
  const k = numberOfBins(strategy.method, {
    count,
    min,
    max,
    stddev: () => moments().stddev,
    skewness: () => moments().skewness,
    quartiles: () => [sketch.quantile(0.25), sketch.quantile(0.75)],
  }, "strict");
  return [...equalWidthEdges(min, max, k)];
}

/** Population standard deviation and skewness g₁ of the kept values, by their weights. */
function momentsOf(sketch: KllSketch): { readonly stddev: number; readonly skewness: number } {
  let total = 0;
  let mean = 0;
  for (const [value, weight] of sketch.entries()) {
    total += weight;
    mean += (value - mean) * (weight / total);
  }
  let second = 0;
  let third = 0;
  for (const [value, weight] of sketch.entries()) {
    const distance = value - mean;
    second += weight / total * distance ** 2;
    third += weight / total * distance ** 3;
  }
  const stddev = Math.sqrt(second);
  return { stddev, skewness: stddev === 0 ? 0 : third / stddev ** 3 };
}

function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}
