/**
 * Moments of a column in two passes, accurate from 10⁻³⁰⁰ to 10³⁰⁰.
 *
 * The first pass finds range and mean, the second the central moments with the correction of Chan, Golub and LeVeque
 * (1983, formula 1.7), which removes the rounding error left in the mean. Sums run over blocks, so that the error
 * grows with the logarithm of the block count and not with the number of rows. Columns whose squares would overflow
 * or vanish are scaled by a power of two first, which is exact.
 *
 * @module
 */

/** Rows added up naively before their sum joins the total. */
const BLOCK = 1024;

/** Count, range and mean of the finite values of a column. */
export interface Range {
  /** Finite values. */
  readonly count: number;
  /** `NaN` values. */
  readonly nan: number;
  /** Positive and negative infinities. */
  readonly infinite: number;
  /** `Infinity` when `count` is 0. */
  readonly min: number;
  /** `-Infinity` when `count` is 0. */
  readonly max: number;
}

/** Central moments of the finite values of a column. */
export interface Moments extends Range {
  /** `NaN` when `count` is 0. */
  readonly mean: number;
  /** Sum of squared deviations from the mean, in units of `scale`². */
  readonly m2: number;
  /** Sum of cubed deviations from the mean, in units of `scale`³; 0 unless asked for. */
  readonly m3: number;
  /** Power of two by which deviations were multiplied. */
  readonly scale: number;
}

/**
 * Counts a column's finite values and finds the smallest and largest of them.
 *
 * @param values the column; non-finite values are counted and skipped
 * @returns count and range
 * @example
 * ```ts
 * import { rangeOf } from "./moments.ts";
 *
 * rangeOf(Float64Array.of(3, 1, NaN)); // count 2, nan 1, min 1, max 3
 * ```
 */
export function rangeOf(values: Float64Array): Range {
  let min = Infinity;
  let max = -Infinity;
  let bad = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    // x - x is 0 for every finite x and NaN for the rest.
    if (value - value !== 0) bad++;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  let nan = 0;
  if (bad > 0) { for (let i = 0; i < values.length; i++) if (values[i] !== values[i]) nan++; }
  return { count: values.length - bad, nan, infinite: bad - nan, min, max };
}

/**
 * Mean and central moments of a column's finite values.
 *
 * @param values the column; non-finite values are skipped
 * @param range its range, when already known
 * @param third whether the third moment is wanted
 * @returns the moments
 * @example
 * ```ts
 * import { momentsOf, sampleStddev } from "./moments.ts";
 *
 * sampleStddev(momentsOf(Float64Array.of(1, 2, 3, 4))); // 1.2909944487358056
 * ```
 */
export function momentsOf(
  values: Float64Array,
  range: Range = rangeOf(values),
  third = false,
): Moments {
  const { count } = range;
  if (count === 0) return { ...range, mean: NaN, m2: 0, m3: 0, scale: 1 };
  const scale = scaleFor(Math.max(Math.abs(range.min), Math.abs(range.max)));
  const clean = count === values.length;
  let sum = 0;
  let lost = 0;
  for (let start = 0; start < values.length; start += BLOCK) {
    const block = blockSum(values, start, Math.min(start + BLOCK, values.length), scale, clean);
    // Neumaier's compensated sum over the blocks.
    const next = sum + block;
    lost += Math.abs(sum) >= Math.abs(block) ? (sum - next) + block : (block - next) + sum;
    sum = next;
  }
  const scaledMean = (sum + lost) / count;
  let first = 0;
  let m2 = 0;
  let m3 = 0;
  const acc = new Float64Array(3);
  for (let start = 0; start < values.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, values.length);
    blockDeviations(values, start, end, scale, scaledMean, clean, third, acc);
    first += acc[0] as number;
    m2 += acc[1] as number;
    m3 += acc[2] as number;
  }
  const error = first / count;
  if (third) m3 += -3 * error * m2 + 2 * count * error * error * error;
  m2 -= first * error;
  return { ...range, mean: (scaledMean + error) / scale, m2: Math.max(m2, 0), m3, scale };
}

function blockSum(
  values: Float64Array,
  start: number,
  end: number,
  scale: number,
  clean: boolean,
): number {
  // Four accumulators keep the adder busy and shorten each chain of roundings.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = start;
  if (clean) {
    for (; i + 3 < end; i += 4) {
      a += (values[i] as number) * scale;
      b += (values[i + 1] as number) * scale;
      c += (values[i + 2] as number) * scale;
      d += (values[i + 3] as number) * scale;
    }
    for (; i < end; i++) a += (values[i] as number) * scale;
    return (a + b) + (c + d);
  }
  for (; i < end; i++) {
    const value = values[i] as number;
    if (value - value === 0) a += value * scale;
  }
  return a;
}

function blockDeviations(
  values: Float64Array,
  start: number,
  end: number,
  scale: number,
  mean: number,
  clean: boolean,
  third: boolean,
  out: Float64Array,
): void {
  let first = 0;
  let second = 0;
  let cubes = 0;
  let i = start;
  if (clean && !third) {
    let first2 = 0;
    let second2 = 0;
    for (; i + 1 < end; i += 2) {
      const x = (values[i] as number) * scale - mean;
      const y = (values[i + 1] as number) * scale - mean;
      first += x;
      second += x * x;
      first2 += y;
      second2 += y * y;
    }
    first += first2;
    second += second2;
  }
  for (; i < end; i++) {
    const value = values[i] as number;
    if (value - value !== 0) continue;
    const x = value * scale - mean;
    first += x;
    second += x * x;
    if (third) cubes += x * x * x;
  }
  out[0] = first;
  out[1] = second;
  out[2] = cubes;
}

/** A power of two that brings values of this size near 1, when their cubes would leave the double range. */
export function scaleFor(maxAbs: number): number {
  if (maxAbs === 0 || (maxAbs < 1e90 && maxAbs > 1e-90)) return 1;
  // Clamped so that the scale itself stays a normal number.
  return 2 ** Math.max(-1020, Math.min(1020, -Math.floor(Math.log2(maxAbs))));
}

/** Standard deviation with n − 1 in the denominator; `NaN` below two values. */
export function sampleStddev(moments: Moments): number {
  return moments.count < 2 ? NaN : Math.sqrt(moments.m2 / (moments.count - 1)) / moments.scale;
}

/** Standard deviation with n in the denominator; `NaN` without values. */
export function populationStddev(moments: Moments): number {
  return moments.count < 1 ? NaN : Math.sqrt(moments.m2 / moments.count) / moments.scale;
}

/** Population skewness g₁ = m₃ / m₂^1.5; `NaN` for a constant column. Needs the third moment. */
export function skewness(moments: Moments): number {
  const variance = moments.m2 / moments.count;
  return (moments.m3 / moments.count) / variance ** 1.5;
}
