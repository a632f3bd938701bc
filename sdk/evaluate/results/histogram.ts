import type { Compatibility } from "../path.ts";

/** Counts in bins of equal width. */
export interface Histogram {
  /** Lower edges. */
  readonly bins: readonly number[];
  /** Values per bin. */
  readonly bin_counts: readonly number[];
}

/**
 * Counts values in bins of equal width from the least to the greatest.
 *
 * Bins hold their lower edge; the last one also the greatest value. In reference mode the last bin
 * holds only what is above its lower edge, so that a constant column counts nothing.
 *
 * @param values finite numbers
 * @param options `bins`, 10 unless told; `compatibility`, `strict` unless told
 * @returns lower edges and counts; all zero without values
 * @example
 * ```ts
 * import { histogram } from "./histogram.ts";
 *
 * histogram([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], { bins: 2 }).bin_counts; // [5, 6]
 * ```
 */
export function histogram(
  values: readonly number[],
  options: { readonly bins?: number; readonly compatibility?: Compatibility } = {},
): Histogram {
  const count = options.bins ?? 10;
  const reference = options.compatibility === "reference";
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) low = high = 0;
  const width = (high - low) / count;
  const bins = Array.from({ length: count }, (_, i) => low + i * width);
  const counts = new Array<number>(count).fill(0);
  const last = count - 1;
  for (const value of values) {
    // The division can be off by one bin at an edge; the edges decide.
    let bin = width > 0 ? Math.min(last, Math.floor((value - low) / width)) : last;
    while (bin > 0 && value < (bins[bin] ?? low)) bin--;
    while (bin < last && width > 0 && value >= (bins[bin + 1] ?? high)) bin++;
    if (reference && bin === last && value <= (bins[last] ?? low)) continue;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { bins, bin_counts: counts };
}
