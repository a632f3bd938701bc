/**
 * What a start finds in the hot folder, and what becomes of it.
 *
 * @module
 */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { QueryEngine } from "../../query/contract.ts";
import { damageOf, quarantine, removeFileIfPresent } from "./durable_file.ts";
import { readBounds } from "./file_bounds.ts";
import { hotFile } from "./hot_file.ts";
import { type HotFileName, parseHotFileName, resolveCoverage } from "./hot_file_name.ts";
import type { SegmentCodec } from "./options.ts";
import { type JournalEntry, readJournal } from "./side_journal.ts";
import type { HotFile } from "./snapshot_board.ts";
import { info, warn } from "./store_log.ts";
import type { StoreMetrics } from "./store_metrics.ts";
import type { TableShape } from "./table_shape.ts";

/** What was found. */
export interface Recovered {
  /** Acknowledged rows that are not in the table, in order. */
  readonly files: readonly HotFile[];
  readonly journal: readonly JournalEntry[];
  /** Newest segment number that was ever seen in a name, or -1. */
  readonly newestSegment: number;
}

interface Found extends HotFileName {
  readonly path: string;
}

/** What {@linkcode recoverHotFiles} works with. */
export interface RecoveryParts {
  readonly hotDir: string;
  readonly quarantineDir: string;
  readonly writerId: string;
  /** Segments up to this one are in the table. */
  readonly sealedSegment: number;
  readonly engine: QueryEngine;
  readonly codec: SegmentCodec;
  readonly shape: TableShape;
  readonly metrics: StoreMetrics;
}

/**
 * Reads the hot folder after whatever end the last process came to. Files of segments in the table and files that others
 * cover are deleted; damaged ones (never acknowledged, unless the disk lost them later) are moved aside; the rest is
 * ready to be queried.
 */
export async function recoverHotFiles(parts: RecoveryParts): Promise<Recovered> {
  const { hotDir, engine, codec, shape, metrics } = parts;
  const found: Found[] = [];
  let newestSegment = -1;
  for (const text of await readdir(hotDir)) {
    const name = parseHotFileName(text);
    if (name === undefined) continue;
    const path = join(hotDir, text);
    if (name.writerId !== parts.writerId) {
      await setAside(parts, path, "other-writer");
      continue;
    }
    newestSegment = Math.max(newestSegment, name.segment);
    if (name.segment <= parts.sealedSegment) {
      await removeFileIfPresent(path);
      metrics.deletedFiles.add(1, { kind: "hot" });
      continue;
    }
    const damage = await damageOf(path, name.crc);
    if (damage !== undefined) await setAside(parts, path, "damaged", damage);
    else found.push({ ...name, path });
  }
  const { live, covered, torn } = resolveCoverage(found);
  for (const { path } of covered) {
    await removeFileIfPresent(path);
    metrics.deletedFiles.add(1, { kind: "hot" });
  }
  for (const { path } of torn) await setAside(parts, path, "overlapping");
  const files: HotFile[] = [];
  for (const { path, segment, from, to } of live) {
    const { size } = await stat(path);
    files.push(
      hotFile(path, segment, from, to, size, await readBounds(engine, codec, shape, path)),
    );
  }
  const { entries, damaged } = await readJournal(hotDir);
  for (const path of damaged) await setAside(parts, path, "damaged", "not the whole side rows");
  if (files.length > 0) {
    info("Recovered {rows} {noun}s in {files} files that are not in the table yet.", {
      rows: files.reduce((sum, { rows }) => sum + rows, 0),
      files: files.length,
      noun: shape.noun,
    });
  }
  return { files, journal: entries, newestSegment };
}

async function setAside(
  parts: RecoveryParts,
  path: string,
  reason: string,
  detail = "",
): Promise<void> {
  const target = await quarantine(path, parts.quarantineDir);
  parts.metrics.quarantined.add(1, { reason });
  warn(`quarantine:${path}`, "Moved {path} to {target}: {reason} {detail}", {
    path,
    target,
    reason,
    detail,
  });
}
