/**
 * A segment: the rows between two seals, and what of them is on disk.
 *
 * @module
 */

import type { DetachedSegment, EncodedFile } from "../contract.ts";
import type { HotFile } from "./snapshot_board.ts";

/** A run of rows encoded for the disk. */
export interface Slice {
  readonly segment: Segment;
  readonly from: number;
  readonly to: number;
  readonly encoded: EncodedFile;
  /** Files whose rows this one holds too. */
  readonly covers: readonly HotFile[];
}

/** Rows on their way into the table. */
export class Segment {
  readonly number: number;
  /** When its first row arrived, milliseconds since the epoch. */
  openedAtMs: number;
  /** Rows [0, durableRows) are on disk. */
  durableRows = 0;
  /** Hot files in row order, none overlapping. */
  files: HotFile[] = [];
  /** Set when the segment is full: its columns, until the sealer takes them. */
  detached: DetachedSegment | null = null;
  /** All rows, once full. */
  totalRows = -1;
  /** Bytes of its columns in memory. */
  bytes = 0;

  constructor(number: number, openedAtMs: number) {
    this.number = number;
    this.openedAtMs = openedAtMs;
  }

  /** Full, and all on disk. */
  get sealable(): boolean {
    return this.totalRows >= 0 && this.durableRows === this.totalRows;
  }
}

/**
 * Chooses which of a segment's last files the next file should hold too, so that their number stays bounded and rows
 * are rewritten a logarithmic number of times (sizes grow geometrically towards older files).
 *
 * @param files Files of the segment in row order.
 * @param newRows Rows that are not in a file yet.
 * @param maxFiles Files the segment may have.
 */
export function filesToCover(
  files: readonly HotFile[],
  newRows: number,
  maxFiles: number,
): readonly HotFile[] {
  if (files.length < maxFiles) return [];
  let gathered = newRows;
  let first = files.length;
  while (first > 0) {
    const rows = files[first - 1]?.rows ?? 0;
    if (rows > 2 * gathered && files.length - first >= MIN_COVERED) break;
    gathered += rows;
    first--;
  }
  return files.slice(first);
}

/** Fewer would make room for too few commits. */
const MIN_COVERED = 4;
