/**
 * Pages of traces, newest first, without grouping the table: spans are read in slices of time from the page's edge
 * inwards, and only traces that may be on the page are merged.
 *
 * @module
 */

import { columnOf, numberOrNull, type QueryContext, run } from "./context.ts";
import { mergeTraces, tracesBefore, type TraceSummary } from "./merged_traces.ts";
import { pruneFiles, sliceEnd, sliceStart } from "./prune.ts";
import { anySql } from "./search_sql.ts";
import { SqlParams } from "./sql_params.ts";
import { type CompiledFilter, compileFilter, type TraceFilter } from "./trace_filter.ts";

/** A place in the list: a trace's start, and its id where several start together. */
export interface TraceKey {
  readonly startTimeUs: number;
  /** Lowercase hex. */
  readonly traceId: string;
}

/** Which page. */
export interface TracePageRequest {
  /** `older` goes down from the cursor (or the newest trace), `newer` up from it (or the oldest). */
  readonly direction: "older" | "newer";
  /** The trace the page lies beyond; it is not on the page itself. */
  readonly cursor?: TraceKey;
  /** Most traces on the page. */
  readonly limit: number;
}

/** A page of traces. */
export interface TracePage {
  /** In reading order: newest first for `older`, oldest first for `newer`. */
  readonly traces: readonly TraceSummary[];
  /** Whether more traces follow in the direction of reading. */
  readonly more: boolean;
}

/** Rows in the first slice; later ones grow fourfold, so that few rows are read when few are needed. */
const FIRST_SLICE_ROWS = 8192;
const LAST_SLICE_ROWS = 1_000_000;
const MAX_BATCH = 4096;

/** Negative when `a` comes before `b` in time, then by id. */
function compareKeys(a: TraceKey, b: TraceKey): number {
  return a.startTimeUs - b.startTimeUs ||
    (a.traceId < b.traceId ? -1 : a.traceId > b.traceId ? 1 : 0);
}

/**
 * Reads one page.
 *
 * The window of the filter applies to a trace's true start, and its counts cover all its spans, even those outside
 * the window.
 */
export async function listTraces(
  context: QueryContext,
  filter: TraceFilter,
  page: TracePageRequest,
): Promise<TracePage> {
  const wanted = page.limit + 1;
  const walk = new Walk(context, filter, page);
  const traces = filter.traceIds !== undefined
    ? await walk.named(filter.traceIds)
    : page.direction === "older"
    ? await walk.older(wanted)
    : await walk.newer(wanted);
  return { traces: traces.slice(0, page.limit), more: traces.length > page.limit };
}

class Walk {
  readonly #context: QueryContext;
  readonly #filter: CompiledFilter;
  readonly #startUs: number;
  readonly #endUs: number;
  readonly #page: TracePageRequest;
  readonly #sign: 1 | -1;
  /** Merged traces that belong to the list but whose turn has not come, in reading order. */
  readonly #pool: TraceSummary[] = [];
  readonly #seen = new Set<string>();
  readonly #out: TraceSummary[] = [];

  constructor(context: QueryContext, filter: TraceFilter, page: TracePageRequest) {
    this.#context = context;
    this.#filter = compileFilter(filter);
    this.#startUs = filter.startUs ?? -Infinity;
    this.#endUs = filter.endUs ?? Infinity;
    this.#page = page;
    this.#sign = page.direction === "older" ? -1 : 1;
  }

  async named(traceIds: readonly string[]): Promise<TraceSummary[]> {
    await this.#merge([...new Set(traceIds)]);
    this.#emitUntil(null);
    return this.#out;
  }

  async older(wanted: number): Promise<TraceSummary[]> {
    const { seed } = this.#filter;
    const cursorUs = this.#page.cursor?.startTimeUs ?? Infinity;
    // A span that makes a trace match may come any time after the trace began; without such a condition the trace's
    // first span does.
    let toUs = seed === null ? Math.min(this.#endUs, cursorUs + 1) : Infinity;
    for (let rows = FIRST_SLICE_ROWS;; rows = Math.min(4 * rows, LAST_SLICE_ROWS)) {
      const files = this.#files(this.#startUs, toUs);
      const fromUs = Math.max(this.#startUs, sliceStart(files, toUs, rows));
      const seeds = await this.#startedBefore(
        await this.#seeds(fromUs, toUs),
        Math.min(this.#endUs, cursorUs + 1),
      );
      await this.#take(seeds, wanted);
      // Every trace that starts in or after this slice has been seen by now.
      if (this.#out.length < wanted) {
        this.#emitUntil(fromUs === this.#startUs ? null : { startTimeUs: fromUs, traceId: "" });
      }
      if (this.#out.length >= wanted || fromUs === this.#startUs || fromUs === -Infinity) {
        return this.#out;
      }
      toUs = fromUs;
    }
  }

  async newer(wanted: number): Promise<TraceSummary[]> {
    let fromUs = Math.max(this.#startUs, this.#page.cursor?.startTimeUs ?? -Infinity);
    if (this.#filter.seed !== null) {
      // The span that makes a trace match says nothing about which trace began first: merge all of them.
      const seeds = await this.#seeds(fromUs, Infinity);
      for (let at = 0; at < seeds.length; at += MAX_BATCH) {
        await this.#merge(seeds.slice(at, at + MAX_BATCH).map((seed) => seed.traceId));
      }
      this.#emitUntil(null);
      return this.#out;
    }
    for (let rows = FIRST_SLICE_ROWS;; rows = Math.min(4 * rows, LAST_SLICE_ROWS)) {
      const files = this.#files(fromUs, this.#endUs);
      const begin = Number.isFinite(fromUs)
        ? fromUs
        : Math.min(...files.map((file) => file.minStartUs));
      const toUs = files.length === 0
        ? this.#endUs
        : Math.min(this.#endUs, sliceEnd(files, begin, rows));
      await this.#take(await this.#seeds(fromUs, toUs), wanted);
      const last = toUs === this.#endUs || toUs === Infinity;
      if (this.#out.length < wanted) {
        this.#emitUntil(last ? null : { startTimeUs: toUs, traceId: "" });
      }
      if (this.#out.length >= wanted || last) return this.#out;
      fromUs = toUs;
    }
  }

  #files(fromUs: number, toUs: number) {
    const services = this.#filter.seedServices;
    return pruneFiles(this.#context.files, {
      fromUs,
      toUs,
      ...(services === null ? {} : { services }),
    });
  }

  /** Traces with a seeding span in [fromUs, toUs), keyed by the first such span, in reading order. */
  async #seeds(fromUs: number, toUs: number): Promise<TraceKey[]> {
    const files = this.#files(fromUs, toUs);
    if (files.length === 0) return [];
    const params = new SqlParams();
    const table = params.files(files);
    const conditions: string[] = [];
    if (Number.isFinite(fromUs)) conditions.push(`start_time >= ${params.time(fromUs)}`);
    if (Number.isFinite(toUs)) conditions.push(`start_time < ${params.time(toUs)}`);
    if (this.#filter.seed !== null) conditions.push(anySql(this.#filter.seed, params));
    const order = this.#sign === -1 ? "DESC" : "ASC";
    const result = await run(
      this.#context,
      `SELECT lower(hex(spans.trace_id)) AS id, epoch_us(min(start_time)) AS start_us
       FROM ${table} spans ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`}
       GROUP BY spans.trace_id ORDER BY start_us ${order}, id ${order}`,
      params,
    );
    const ids = columnOf(result, "id");
    const starts = columnOf(result, "start_us");
    const keys: TraceKey[] = [];
    for (let row = 0; row < result.rowCount; row++) {
      const traceId = ids[row];
      if (typeof traceId === "string" && !this.#seen.has(traceId)) {
        keys.push({ traceId, startTimeUs: numberOrNull(starts[row]) ?? 0 });
      }
    }
    return keys;
  }

  /** The seeds of traces that began before a time; those whose seeding span came later are looked up. */
  async #startedBefore(seeds: TraceKey[], beforeUs: number): Promise<TraceKey[]> {
    const late = seeds.filter((seed) => seed.startTimeUs >= beforeUs).map((seed) => seed.traceId);
    if (late.length === 0) return seeds;
    for (const id of late) this.#seen.add(id);
    const earlier = new Set<string>();
    for (let at = 0; at < late.length; at += MAX_BATCH) {
      const batch = late.slice(at, at + MAX_BATCH);
      for (const id of await tracesBefore(this.#context, batch, beforeUs)) earlier.add(id);
    }
    return seeds.filter((seed) => seed.startTimeUs < beforeUs || earlier.has(seed.traceId));
  }

  /** Merges seeds in reading order until enough traces are known to come before all unmerged ones. */
  async #take(seeds: readonly TraceKey[], wanted: number): Promise<void> {
    let at = 0;
    let size = wanted + 8;
    while (at < seeds.length && this.#out.length < wanted) {
      await this.#merge(seeds.slice(at, at + size).map((seed) => seed.traceId));
      at += size;
      size = Math.min(MAX_BATCH, 2 * size);
      const next = seeds[at];
      if (next !== undefined) this.#emitUntil(next);
    }
  }

  async #merge(traceIds: readonly string[]): Promise<void> {
    for (const id of traceIds) this.#seen.add(id);
    const merged = await mergeTraces(this.#context, traceIds, this.#filter);
    const { cursor } = this.#page;
    for (const trace of merged) {
      if (trace.startTimeUs < this.#startUs || trace.startTimeUs >= this.#endUs) continue;
      if (cursor !== undefined && this.#sign * compareKeys(trace, cursor) <= 0) continue;
      this.#pool.push(trace);
    }
    this.#pool.sort((a, b) => this.#sign * compareKeys(a, b));
  }

  /** Moves traces from the pool to the page as long as no unseen trace can come before them. */
  #emitUntil(next: TraceKey | null): void {
    let count = 0;
    for (const trace of this.#pool) {
      if (next !== null && !this.#precedes(trace, next)) break;
      this.#out.push(trace);
      count++;
    }
    this.#pool.splice(0, count);
  }

  #precedes(trace: TraceKey, next: TraceKey): boolean {
    const order = compareKeys(trace, next);
    // Going down, an unseen trace may start before its seed but never after; going up, its seed is its first span.
    return this.#sign === -1 ? order >= 0 : order < 0;
  }
}
