/**
 * The files of one queue.
 *
 * A journal `N.items` takes the items of the batch that is being gathered: one line with the profile's id, perhaps one with
 * what an earlier batch left begun, then one for each item. When the batch is made, `N-ITEMS-RECORDS.batch` takes the
 * journal's place. A batch that is complete beats its journal, and a journal beats those after it, so that every moment a
 * process can end at leaves each item in exactly one place.
 *
 * @module
 */

import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SealedBatch, SpilledBatch, SpilledQueue } from "../spill.ts";

const BATCH = /^(\d+)-(\d+)-(\d+)\.batch$/;
const JOURNAL = /^(\d+)\.items$/;
/** Marks the line with what an earlier batch left begun; items are JSON and begin otherwise. */
const REST = "~";

/** Keeps one queue's items and batches in a folder of their own. */
export class QueueFiles implements SpilledQueue {
  readonly batches: readonly SpilledBatch[];
  readonly entries: readonly string[];
  readonly rest: string | null;
  readonly unusable: number;
  readonly #folder: string;
  readonly #uid: string;
  /** Number of the batch that is being gathered. */
  #number: number;
  #journal: number | null = null;
  #torn = false;

  constructor(folder: string, uid: string) {
    this.#folder = folder;
    this.#uid = uid;
    mkdirSync(folder, { recursive: true });
    const names = readdirSync(folder);
    const batches = names.flatMap((key) => {
      const [, number, items, records] = (BATCH.exec(key) ?? []).map(Number);
      if (number === undefined || items === undefined || records === undefined) return [];
      return [{ key, number, items, records }];
    }).sort((a, b) => a.number - b.number);
    this.batches = batches;
    const sealed = new Set(batches.map((batch) => batch.number));
    const journals = names.flatMap((name) => {
      const number = JOURNAL.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    }).sort((a, b) => a - b);
    const [live, ...obsolete] = journals.filter((number) => !sealed.has(number));
    for (const number of [...journals.filter((number) => sealed.has(number)), ...obsolete]) {
      rmSync(this.#path(number));
    }
    for (const name of names.filter((name) => name.endsWith(".new"))) rmSync(join(folder, name));
    const last = Math.max(0, live ?? 0, ...sealed);
    const { entries, rest, unusable } = live === undefined
      ? { entries: [], rest: null, unusable: 0 }
      : this.#read(live);
    this.entries = entries;
    this.rest = rest;
    this.unusable = unusable;
    this.#number = live ?? last + 1;
    if (live === undefined) return;
    // Not even its first line is whole: no insert into it returned.
    if (entries.length + unusable === 0 && rest === null) {
      rmSync(this.#path(live));
      this.#torn = false;
    } else if (unusable > 0) {
      // What is for another profile is kept for people to look at.
      renameSync(this.#path(live), join(folder, `${live}.unusable`));
      this.#torn = false;
    } else {
      this.#journal = openSync(this.#path(live), "a");
    }
  }

  append(entry: string): void {
    const journal = this.#journal ?? this.#begin(null);
    const line = this.#torn ? `\n${entry}\n` : `${entry}\n`;
    // Were this to fail half way, the next line would not begin where one begins.
    this.#torn = true;
    appendFileSync(journal, line);
    this.#torn = false;
  }

  seal(batch: SealedBatch | null, rest: string | null): string {
    const number = this.#number;
    const journal = this.#journal;
    let key = "";
    if (batch !== null) {
      key = `${number}-${batch.items}-${batch.records}.batch`;
      writeFileSync(join(this.#folder, `${key}.new`), batch.message);
    }
    // In this order, for the reasons given above.
    this.#number = number + 1;
    this.#journal = null;
    this.#torn = false;
    if (rest !== null) this.#begin(rest);
    if (batch !== null) renameSync(join(this.#folder, `${key}.new`), join(this.#folder, key));
    if (journal !== null) {
      closeSync(journal);
      rmSync(this.#path(number), { force: true });
    }
    return key;
  }

  load(key: string): Promise<string> {
    return readFile(join(this.#folder, key), "utf8");
  }

  async remove(key: string): Promise<void> {
    await rm(join(this.#folder, key), { force: true });
  }

  /** Closes the journal. */
  close(): void {
    if (this.#journal !== null) closeSync(this.#journal);
    this.#journal = null;
  }

  #begin(rest: string | null): number {
    const journal = openSync(this.#path(this.#number), "a");
    const begun = rest === null ? "" : `${REST}${rest}\n`;
    try {
      appendFileSync(journal, `${JSON.stringify(this.#uid)}\n${begun}`);
    } catch (error) {
      // Without its first line nothing in it could be used.
      closeSync(journal);
      rmSync(this.#path(this.#number), { force: true });
      throw error;
    }
    this.#journal = journal;
    return journal;
  }

  #read(number: number): { entries: string[]; rest: string | null; unusable: number } {
    const lines = readFileSync(this.#path(number), "utf8").split("\n");
    // What comes after the last line's end was not written whole, and its insert never returned.
    this.#torn = lines.pop() !== "";
    const [uid, ...others] = lines;
    const [first] = others;
    const rest = first?.startsWith(REST) === true ? first.slice(REST.length) : null;
    const entries = rest === null ? others : others.slice(1);
    if (uid === undefined || uid === JSON.stringify(this.#uid)) {
      return { entries, rest, unusable: 0 };
    }
    return { entries: [], rest: null, unusable: entries.length + (rest === null ? 0 : 1) };
  }

  #path(number: number): string {
    return join(this.#folder, `${number}.items`);
  }
}
