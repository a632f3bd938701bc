/**
 * Side rows between the disk and the relational store. They are written down beside the spans they came with, because
 * after a crash the client's repetition is recognised as a duplicate and will not bring them again.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { SideRows } from "../contract.ts";
import { removeFileIfPresent, writeSynced } from "./durable_file.ts";

const SUFFIX = ".side.json";

const schema: z.ZodType<SideRows> = z.object({
  tags: z.array(
    z.object({ entityType: z.string(), entityId: z.string(), key: z.string(), value: z.string() }),
  ),
  baggage: z.array(z.object({
    createdAtUs: z.number(),
    traceIdHex: z.string(),
    scope: z.string(),
    key: z.string(),
    value: z.string(),
  })),
  entities: z.array(z.object({
    traceIdHex: z.string(),
    entityUid: z.string(),
    taggedAtUs: z.number(),
    queueOwned: z.boolean(),
  })),
});

/** True when there is nothing to write. */
export const isEmptySide = (side: SideRows): boolean =>
  side.tags.length === 0 && side.baggage.length === 0 && side.entities.length === 0;

/** Joins side rows in order. */
export function joinSide(parts: readonly SideRows[]): SideRows {
  return {
    tags: parts.flatMap(({ tags }) => tags),
    baggage: parts.flatMap(({ baggage }) => baggage),
    entities: parts.flatMap(({ entities }) => entities),
  };
}

/** A batch on disk, awaiting the relational store. */
export interface JournalEntry {
  readonly path: string;
  readonly side: SideRows;
}

/** Writes a batch to a synced file in the folder; the folder itself is synced by the caller. */
export async function journalSide(dir: string, side: SideRows): Promise<JournalEntry> {
  const path = join(dir, `${String(Date.now()).padStart(15, "0")}-${crypto.randomUUID()}${SUFFIX}`);
  await writeSynced(path, new TextEncoder().encode(JSON.stringify(side)));
  return { path, side };
}

/** Forgets a batch that the relational store has. A crash before that only repeats an idempotent write. */
export const forgetSide = (entry: JournalEntry): Promise<void> => removeFileIfPresent(entry.path);

/**
 * Reads the batches that a crash left behind, oldest first.
 *
 * @returns Whole batches, and the paths of files that are not: those were never acknowledged.
 */
export async function readJournal(
  dir: string,
): Promise<{ entries: JournalEntry[]; damaged: string[] }> {
  const entries: JournalEntry[] = [];
  const damaged: string[] = [];
  const names = (await readdir(dir)).filter((name) => name.endsWith(SUFFIX)).sort();
  for (const name of names) {
    const path = join(dir, name);
    try {
      entries.push({ path, side: schema.parse(JSON.parse(await readFile(path, "utf8"))) });
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
      damaged.push(path);
    }
  }
  return { entries, damaged };
}
