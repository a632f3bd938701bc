/**
 * Names of hot files. A name says what the file holds, so that after a crash the names alone decide which files count.
 *
 * @module
 */

/** What a hot file's name says. */
export interface HotFileName {
  readonly writerId: string;
  readonly segment: number;
  /** First row in the segment. */
  readonly from: number;
  /** Row after the last. */
  readonly to: number;
  /** CRC-32 of the content: a file that power loss left half-written is recognised whatever its size says. */
  readonly crc: number;
}

const PATTERN = /^([0-9a-f]{32})-(\d{10})-(\d{9})-(\d{9})-([0-9a-f]{8})\.parquet$/;

/** The file's name, without a folder. Names sort by segment and row. */
export function formatHotFileName(name: HotFileName): string {
  const segment = String(name.segment).padStart(10, "0");
  const from = String(name.from).padStart(9, "0");
  const to = String(name.to).padStart(9, "0");
  const crc = name.crc.toString(16).padStart(8, "0");
  return `${name.writerId}-${segment}-${from}-${to}-${crc}.parquet`;
}

/** Undefined when this is not the name of a hot file. */
export function parseHotFileName(text: string): HotFileName | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, writerId = "", segment, from, to, crc = ""] = match;
  const name = {
    writerId,
    segment: Number(segment),
    from: Number(from),
    to: Number(to),
    crc: parseInt(crc, 16),
  };
  return name.from < name.to ? name : undefined;
}

/**
 * Splits whole hot files into those that hold the rows and those that others cover.
 *
 * Within a segment a file with the same rows and more supersedes a smaller one; the writer only ever writes files that
 * either touch, or contain each other. The longest from each row on wins, so the outcome depends on the names alone.
 *
 * @param files Files of any number of segments.
 * @returns `live` in row order, never overlapping; `covered` to be deleted; `torn` that overlap a live file without
 * being covered by it, which no writer of ours leaves behind.
 */
export function resolveCoverage<T extends HotFileName>(
  files: readonly T[],
): { readonly live: T[]; readonly covered: T[]; readonly torn: T[] } {
  const sorted = [...files].sort((x, y) =>
    compare(x.writerId, y.writerId) || x.segment - y.segment || x.from - y.from || y.to - x.to ||
    x.crc - y.crc
  );
  const live: T[] = [];
  const covered: T[] = [];
  const torn: T[] = [];
  for (const file of sorted) {
    const last = live.at(-1);
    if (
      last === undefined || last.writerId !== file.writerId || last.segment !== file.segment ||
      file.from >= last.to
    ) {
      live.push(file);
    } else if (file.to <= last.to) covered.push(file);
    else torn.push(file);
  }
  return { live, covered, torn };
}

const compare = (x: string, y: string): number => x < y ? -1 : x > y ? 1 : 0;
