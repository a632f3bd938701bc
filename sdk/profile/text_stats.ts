import type { TextColumn } from "../data/mod.ts";
import type { CharStats, Share, StringStats } from "./types.ts";

/**
 * Statistics of a text column.
 *
 * @param column the column
 * @param topK how many of the commonest values to list
 * @returns distinct values, lengths, and the commonest values with what remains
 * @example
 * ```ts
 * import { textColumn } from "../data/mod.ts";
 * import { textStats } from "./mod.ts";
 *
 * textStats(textColumn("word", ["hello", "world", "world"]), 10).distinct.count; // 2
 * ```
 */
export function textStats(column: TextColumn, topK: number): StringStats {
  const counts = new Float64Array(column.dictionary.length);
  for (let row = 0; row < column.codes.length; row++) {
    const code = column.codes[row] as number;
    if (code >= 0) counts[code] = (counts[code] as number) + 1;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  const share = (count: number): Share => ({ count, percent: total === 0 ? 0 : count / total });
  // Present values only: a dictionary may hold values that no row uses.
  const present = column.dictionary.map((_, code) => code).filter((code) => counts[code] !== 0);
  const commonest = present.toSorted((a, b) =>
    (counts[b] as number) - (counts[a] as number) || a - b
  )
    .slice(0, topK);
  const words = new Map(
    commonest.map((code) => [column.dictionary[code] as string, share(counts[code] as number)]),
  );
  const listed = commonest.reduce((sum, code) => sum + (counts[code] as number), 0);
  return {
    distinct: share(present.length),
    charStats: charStats(column.dictionary, counts, total),
    wordStats: { words, other: share(total - listed) },
  };
}

function charStats(
  dictionary: readonly string[],
  counts: Float64Array,
  total: number,
): CharStats {
  const rowsByLength = new Map<number, number>();
  let sum = 0;
  dictionary.forEach((value, code) => {
    const rows = counts[code] as number;
    if (rows === 0) return;
    const length = codePoints(value);
    rowsByLength.set(length, (rowsByLength.get(length) ?? 0) + rows);
    sum += length * rows;
  });
  const lengths = [...rowsByLength.keys()].sort((a, b) => a - b);
  const middle = Math.floor(total / 2);
  let seen = 0;
  const medianLength = lengths.find((length) => {
    seen += rowsByLength.get(length) ?? 0;
    return seen > middle;
  });
  return {
    minLength: lengths[0] ?? 0,
    maxLength: lengths[lengths.length - 1] ?? 0,
    medianLength: medianLength ?? 0,
    meanLength: total === 0 ? NaN : sum / total,
  };
}

function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      count--;
      i++;
    }
  }
  return count;
}
