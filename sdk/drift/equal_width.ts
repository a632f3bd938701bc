/** The k−1 inner edges of k bins of equal width between two numbers. */
export function equalWidthEdges(min: number, max: number, k: number): Float64Array {
  // Halved first when the width itself would overflow.
  const width = max - min < Infinity ? (max - min) / k : max / k - min / k;
  return Float64Array.from({ length: k - 1 }, (_, i) => min + width * (i + 1));
}
