import { type Range, rangeOf } from "./moments.ts";
import { orderStatistics } from "./select.ts";

/** What a quantile that falls between two values is: a straight line between them, or the nearer one. */
export type QuantileMethod = "linear" | "nearest";

/**
 * Sample quantiles of a column's finite values.
 *
 * "linear" is type 7 of Hyndman and Fan (1996), the default of R and NumPy. "nearest" takes the value at the nearest
 * rank of q(n−1), the upper one when it is half way.
 *
 * @param values the column; non-finite values are skipped
 * @param probabilities each within [0, 1], ascending
 * @param method how to interpolate
 * @param range the column's range, when already known
 * @returns one quantile per probability; `NaN` when there are no finite values
 * @throws RangeError when a probability lies outside [0, 1] or they are not ascending
 * @example
 * ```ts
 * import { quantiles } from "./quantile.ts";
 *
 * quantiles(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8), [0.25, 0.5, 0.75]); // [2.75, 4.5, 6.25]
 * ```
 */
export function quantiles(
  values: Float64Array,
  probabilities: readonly number[],
  method: QuantileMethod = "linear",
  range: Range = rangeOf(values),
): Float64Array {
  let last = 0;
  for (const p of probabilities) {
    if (!(p >= last && p <= 1)) {
      throw new RangeError(`Probabilities must be ascending within [0, 1], got ${probabilities}`);
    }
    last = p;
  }
  const n = range.count;
  if (n === 0) return new Float64Array(probabilities.length).fill(NaN);
  // The position is formed as n·p + (1−p) − 1, in the order of operations published for type 7.
  const positions = probabilities.map((p) =>
    method === "linear" ? n * p + (1 - p) - 1 : p * (n - 1)
  );
  const lower = positions.map((t) => Math.min(Math.max(Math.floor(t), 0), n - 1));
  const ranks: number[] = [];
  const push = (rank: number): void => {
    if (ranks[ranks.length - 1] !== rank) ranks.push(rank);
  };
  const upper = lower.map((rank) => Math.min(rank + 1, n - 1));
  for (const rank of [...lower, ...upper].sort((a, b) => a - b)) push(rank);
  const statistics = orderStatistics(values, ranks, range);
  const at = new Map(ranks.map((rank, index) => [rank, statistics[index] as number]));
  return Float64Array.from(positions, (t, index) => {
    const below = at.get(lower[index] as number) as number;
    const above = at.get(upper[index] as number) as number;
    const h = t - Math.floor(t);
    if (method === "nearest") return h < 0.5 ? below : above;
    return (1 - h) * below + h * above;
  });
}
