/**
 * The one place where the current snapshot lives: swapped in one assignment, held by leases.
 *
 * @module
 */

import type { SnapshotLease, SpanFile, SpanSnapshot } from "../contract.ts";

/** A hot file of the current snapshot. */
export interface HotFile extends SpanFile {
  readonly tier: "hot";
  readonly segment: number;
  readonly from: number;
  readonly to: number;
}

/** A table file of the current snapshot. */
export interface TableFile extends SpanFile {
  readonly tier: "table";
  /** Key relative to the table. */
  readonly key: string;
}

interface Held {
  readonly snapshot: SpanSnapshot;
  leases: number;
}

interface Retired {
  /** First snapshot without the file. */
  readonly sinceId: number;
  readonly path: string;
}

/**
 * Publishes snapshots. The hot part shows only segments above the table's transaction version, so no order of events
 * can show a segment twice or not at all.
 */
export class SnapshotBoard {
  #current: SpanSnapshot = { id: 0, deltaVersion: -1, files: [] };
  #table: readonly TableFile[] = [];
  #deltaVersion = -1;
  /** The newest segment that the table holds. */
  #sealedSegment = -1;
  #hot: readonly HotFile[] = [];
  readonly #held = new Map<number, Held>();
  #retired: Retired[] = [];
  readonly #deletable: (paths: readonly string[]) => void;

  /** @param deletable Called with hot files that left the snapshot and that no lease holds any more. */
  constructor(deletable: (paths: readonly string[]) => void) {
    this.#deletable = deletable;
  }

  get current(): SpanSnapshot {
    return this.#current;
  }

  get hotFiles(): readonly HotFile[] {
    return this.#hot;
  }

  get tableFiles(): readonly TableFile[] {
    return this.#table;
  }

  /** Newest segment known to be in the table. */
  get sealedSegment(): number {
    return this.#sealedSegment;
  }

  /** Adds hot files and takes out those they cover. */
  publishHot(added: readonly HotFile[], covered: readonly HotFile[]): void {
    const gone = new Set(covered);
    this.#hot = [...this.#hot.filter((file) => !gone.has(file)), ...added];
    this.#swap(covered);
  }

  /** Shows a new table version; hot files of segments that it holds go. */
  publishTable(deltaVersion: number, sealedSegment: number, files: readonly TableFile[]): void {
    if (deltaVersion < this.#deltaVersion) return;
    this.#deltaVersion = deltaVersion;
    this.#sealedSegment = Math.max(this.#sealedSegment, sealedSegment);
    this.#table = files;
    const sealed = this.#hot.filter((file) => file.segment <= this.#sealedSegment);
    if (sealed.length > 0) {
      this.#hot = this.#hot.filter((file) => file.segment > this.#sealedSegment);
    }
    this.#swap(sealed);
  }

  acquire(): SnapshotLease {
    const snapshot = this.#current;
    let held = this.#held.get(snapshot.id);
    if (held === undefined) this.#held.set(snapshot.id, held = { snapshot, leases: 0 });
    held.leases++;
    const entry = held;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      if (--entry.leases > 0) return;
      this.#held.delete(snapshot.id);
      this.#sweep();
    };
    return { snapshot, release, [Symbol.dispose]: release };
  }

  /** Keys of table files that leases or the current snapshot hold. */
  heldTableKeys(): Set<string> {
    const keys = new Set<string>();
    for (const { snapshot } of [...this.#held.values(), { snapshot: this.#current }]) {
      for (const file of snapshot.files) if (isTableFile(file)) keys.add(file.key);
    }
    return keys;
  }

  #swap(retired: readonly HotFile[]): void {
    const id = this.#current.id + 1;
    this.#current = { id, deltaVersion: this.#deltaVersion, files: [...this.#table, ...this.#hot] };
    for (const { path } of retired) this.#retired.push({ sinceId: id, path });
    this.#sweep();
  }

  #sweep(): void {
    if (this.#retired.length === 0) return;
    let oldest = Infinity;
    for (const id of this.#held.keys()) oldest = Math.min(oldest, id);
    const free = this.#retired.filter(({ sinceId }) => sinceId <= oldest);
    if (free.length === 0) return;
    this.#retired = this.#retired.filter(({ sinceId }) => sinceId > oldest);
    this.#deletable(free.map(({ path }) => path));
  }
}

const isTableFile = (file: SpanFile): file is TableFile => file.tier === "table" && "key" in file;
