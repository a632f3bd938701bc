/**
 * Which table files to merge. Pure.
 *
 * @module
 */

import type { DataFile } from "../../delta/mod.ts";
import { SPAN_PARTITION_COLUMN } from "../schema.ts";
import type { SpanStoreLimits } from "./options.ts";

/** The partition a file belongs to, or null when it has none. */
export const dateOf = (file: DataFile): string | null =>
  file.partitionValues[SPAN_PARTITION_COLUMN.name] ?? null;

/** A file that is larger than so many times all smaller ones together is not written again for their sake. */
const GROWTH = 2;

/**
 * Chooses groups of files to merge, each within one date and up to the target size.
 *
 * Files of half the target and more are done. Among the others a file joins only smaller ones that together are not much
 * smaller than it, so that sizes grow geometrically: a row is rewritten a logarithmic number of times, however often
 * this runs, and a date ends with a logarithmic number of files below the target. Files of like size are taken in the
 * order they were written, which keeps the time ranges of the results apart.
 */
export function planCompaction(
  files: readonly DataFile[],
  limits: Pick<SpanStoreLimits, "compactTargetBytes" | "compactMinFiles">,
): DataFile[][] {
  const byDate = new Map<string, DataFile[]>();
  for (const file of files) {
    const date = dateOf(file);
    if (date === null || file.sizeBytes * 2 >= limits.compactTargetBytes) continue;
    const small = byDate.get(date);
    if (small === undefined) byDate.set(date, [file]);
    else small.push(file);
  }
  const dates = [...byDate].sort(([x], [y]) => x < y ? -1 : 1);
  const groups = dates.flatMap(([, small]) => groupsOf(small, limits.compactTargetBytes));
  return groups.filter((group) => group.length >= Math.max(2, limits.compactMinFiles));
}

function groupsOf(small: DataFile[], targetBytes: number): DataFile[][] {
  const tier = (file: DataFile): number => Math.floor(Math.log2(Math.max(1, file.sizeBytes)));
  small.sort((x, y) =>
    tier(x) - tier(y) || x.modificationTimeMs - y.modificationTimeMs || (x.key < y.key ? -1 : 1)
  );
  const groups: DataFile[][] = [];
  let group: DataFile[] = [];
  let bytes = 0;
  for (const file of small) {
    const tooLarge = bytes + file.sizeBytes > targetBytes;
    const outgrown = tier(file) > tier(group.at(-1) ?? file) && file.sizeBytes > GROWTH * bytes;
    if (tooLarge || outgrown) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(file);
    bytes += file.sizeBytes;
  }
  groups.push(group);
  return groups;
}
