/**
 * Reads the rows of one trace straight from the span files: the ids first, then of the rows that match only their own
 * values.
 *
 * @module
 */

import type { QueryResult } from "../../query/contract.ts";
import { queryError } from "../../query/errors.ts";
import { idWord } from "../../parquet_read/chunk_values.ts";
import type { SpanFile } from "../contract.ts";
import type { QueryContext } from "./context.ts";
import { idBytes } from "./identifiers.ts";
import type { PointColumn } from "./point_columns.ts";
import { PointFile } from "./point_file.ts";

/** Which rows. */
export interface PointRequest {
  /** Lowercase hex. */
  readonly traceId: string;
  /** Lowercase hex; only this span. */
  readonly spanId?: string;
  /** Only spans that start at or after, µs. */
  readonly startUs?: number;
  /** Only spans that start before, µs. */
  readonly endUs?: number;
  readonly serviceName?: string;
  /** Most rows; the first by start time and span id are kept. */
  readonly limit: number;
}

/** Rows in no particular order. */
export interface PointResult {
  readonly result: QueryResult;
  /** True when more rows match than the limit. */
  readonly truncated: boolean;
}

/** Matching rows of one row group, ascending. */
interface Hit {
  readonly path: string;
  readonly group: number;
  readonly rows: readonly number[];
}

/** Longest time without letting other work run. */
const SLICE_MS = 2;
/** Columns that decide which rows match and which come first. */
const KEYS = ["trace_id", "span_id", "start_time", "service_name"];

/** Watches the caller's patience, and lets other work run in between. */
class Pace {
  readonly #signal: AbortSignal | undefined;
  readonly #timeoutMs: number;
  readonly #startedMs = performance.now();
  #sliceMs = this.#startedMs;

  constructor({ engine, options }: QueryContext) {
    this.#signal = options.signal;
    this.#timeoutMs = options.timeoutMs ?? engine.defaultTimeoutMs;
  }

  /** @throws {ScouterError} CANCELLED or DEADLINE_EXCEEDED. */
  check(): void {
    if (this.#signal?.aborted) throw queryError(undefined, "abort", this.#timeoutMs);
    if (performance.now() - this.#startedMs > this.#timeoutMs) {
      throw queryError(undefined, "timeout", this.#timeoutMs);
    }
  }

  async step(): Promise<void> {
    this.check();
    if (performance.now() - this.#sliceMs < SLICE_MS) return;
    await new Promise((resume) => setImmediate(resume));
    this.#sliceMs = performance.now();
    this.check();
  }
}

/**
 * Reads columns of the rows of one trace.
 *
 * @param files Files that may hold the trace.
 * @param columns Columns to read.
 * @param key Names the set of columns; equal keys mean equal columns.
 * @returns Null when a file uses something this reader does not know, which shows in its footer.
 * @throws {ScouterError} CANCELLED, DEADLINE_EXCEEDED, or QUERY_ERROR when a file cannot be read.
 */
export async function readTracePoints(
  context: QueryContext,
  files: readonly SpanFile[],
  request: PointRequest,
  columns: readonly string[],
  key: string,
): Promise<PointResult | null> {
  const pace = new Pace(context);
  try {
    return await new PointQuery(pace, request, columns, key).run(files);
  } catch (cause) {
    throw queryError(cause, null, 0);
  }
}

class PointQuery {
  readonly #pace: Pace;
  readonly #request: PointRequest;
  readonly #names: readonly string[];
  readonly #key: string;
  readonly #traceId: Uint8Array;

  constructor(pace: Pace, request: PointRequest, names: readonly string[], key: string) {
    this.#pace = pace;
    this.#request = request;
    this.#names = names;
    this.#key = key;
    this.#traceId = idBytes(request.traceId);
  }

  async run(files: readonly SpanFile[]): Promise<PointResult | null> {
    for (const { path } of files) {
      await this.#pace.step();
      using file = PointFile.open(path);
      if ("unsupported" in this.#plan(file)) return null;
    }
    const hits: Hit[] = [];
    for (const { path } of files) {
      using file = PointFile.open(path);
      hits.push(...await this.#hits(file, path));
    }
    let count = 0;
    for (const { rows } of hits) count += rows.length;
    if (count <= this.#request.limit) {
      return { result: await this.#read(hits, this.#names), truncated: false };
    }
    const first = await this.#earliest(hits);
    return { result: await this.#read(first.hits, this.#names), truncated: first.truncated };
  }

  #plan(file: PointFile) {
    return file.plan(this.#key, [...new Set([...this.#names, ...KEYS])]);
  }

  #columns(file: PointFile, names: readonly string[]): PointColumn[] {
    const plan = this.#plan(file);
    if ("unsupported" in plan) throw new Error(`The plan of a file changed: ${plan.unsupported}`);
    return names.map((name) => {
      const column = plan.columns.get(name);
      if (column === undefined) throw new Error(`No plan for column ${name}`);
      return column;
    });
  }

  /** Rows of a file that satisfy the request, except for ids that only look alike. */
  async #hits(file: PointFile, path: string): Promise<Hit[]> {
    const { startUs = -Infinity, endUs = Infinity, spanId, serviceName } = this.#request;
    const [ids, starts] = this.#columns(file, ["trace_id", "start_time"]);
    if (ids === undefined || starts === undefined) return [];
    const word = idWord(this.#traceId);
    const filters: string[] = [];
    if (spanId !== undefined) filters.push("span_id");
    if (startUs > -Infinity || endUs < Infinity) filters.push("start_time");
    if (serviceName !== undefined) filters.push("service_name");
    const hits: Hit[] = [];
    for (let group = 0; group < file.footer.rowGroups.length; group++) {
      const bounds = file.footer.rowGroups[group]?.chunks[starts.leaves[0] ?? -1];
      if ((bounds?.minInt64 ?? -Infinity) >= endUs) continue;
      if ((bounds?.maxInt64 ?? Infinity) < startUs) continue;
      await this.#pace.step();
      const words = await file.idWords(ids, group);
      const rows: number[] = [];
      for (let row = words.indexOf(word); row >= 0; row = words.indexOf(word, row + 1)) {
        rows.push(row);
      }
      if (rows.length === 0) continue;
      const hit = { path, group, rows };
      hits.push(filters.length === 0 ? hit : await this.#filter(file, hit, filters));
    }
    return hits.filter(({ rows }) => rows.length > 0);
  }

  async #filter(file: PointFile, hit: Hit, names: readonly string[]): Promise<Hit> {
    const { startUs = -Infinity, endUs = Infinity, spanId, serviceName } = this.#request;
    const span = spanId === undefined ? null : idBytes(spanId);
    const values = await this.#values(file, hit, names);
    const accepts: Readonly<Record<string, (value: unknown) => boolean>> = {
      span_id: (value) => span !== null && value instanceof Uint8Array && equalBytes(value, span),
      start_time: (value) => Number(value) >= startUs && Number(value) < endUs,
      service_name: (value) => value === serviceName,
    };
    return {
      ...hit,
      rows: hit.rows.filter((_, i) =>
        names.every((name, column) => accepts[name]?.(values[column]?.[i]) === true)
      ),
    };
  }

  /** The first rows by start time and span id, as many as the limit allows. */
  async #earliest(hits: readonly Hit[]): Promise<{ hits: Hit[]; truncated: boolean }> {
    const found: { hit: number; row: number; startUs: number; spanId: Uint8Array }[] = [];
    for (const [index, hit] of hits.entries()) {
      await this.#pace.step();
      using file = PointFile.open(hit.path);
      const [ids, spans, starts] = await this.#values(file, hit, [
        "trace_id",
        "span_id",
        "start_time",
      ]);
      hit.rows.forEach((row, i) => {
        const id = ids?.[i];
        const spanId = spans?.[i];
        if (!(id instanceof Uint8Array) || !equalBytes(id, this.#traceId)) return;
        if (!(spanId instanceof Uint8Array)) return;
        found.push({ hit: index, row, startUs: Number(starts?.[i]), spanId });
      });
    }
    found.sort((a, b) => a.startUs - b.startUs || compareBytes(a.spanId, b.spanId));
    const kept = hits.map((hit) => ({ ...hit, rows: [] as number[] }));
    for (const { hit, row } of found.slice(0, this.#request.limit)) kept[hit]?.rows.push(row);
    for (const { rows } of kept) rows.sort((a, b) => a - b);
    return {
      hits: kept.filter(({ rows }) => rows.length > 0),
      truncated: found.length > this.#request.limit,
    };
  }

  /** Columns of the hits' rows, without rows of other traces. */
  async #read(hits: readonly Hit[], names: readonly string[]): Promise<QueryResult> {
    const columns: unknown[][] = names.map(() => []);
    const idColumn = names.indexOf("trace_id");
    let rowCount = 0;
    for (const hit of hits) {
      await this.#pace.step();
      using file = PointFile.open(hit.path);
      const values = await this.#values(file, hit, names);
      for (let i = 0; i < hit.rows.length; i++) {
        const id = values[idColumn]?.[i];
        if (!(id instanceof Uint8Array) || !equalBytes(id, this.#traceId)) continue;
        for (let column = 0; column < columns.length; column++) {
          columns[column]?.push(values[column]?.[i] ?? null);
        }
        rowCount++;
      }
    }
    return { rowCount, columnNames: names, columns };
  }

  async #values(
    file: PointFile,
    hit: Hit,
    names: readonly string[],
  ): Promise<(readonly unknown[])[]> {
    const columns = this.#columns(file, names);
    const chunks = file.footer.rowGroups[hit.group]?.chunks ?? [];
    const isNull = columns.map(({ isFlat, leaves }) =>
      isFlat && chunks[leaves[0] ?? -1]?.allNull === true
    );
    const loaded = await file.load(
      hit.group,
      columns.flatMap(({ leaves }, i) => isNull[i] ? [] : leaves),
    );
    const values: (readonly unknown[])[] = [];
    for (const [i, column] of columns.entries()) {
      if (isNull[i]) {
        values.push(new Array(hit.rows.length).fill(null));
        continue;
      }
      const parts = column.leaves.flatMap((leaf) => loaded.get(leaf) ?? []);
      values.push(column.read(parts, hit.rows));
      await this.#pace.step();
    }
    return values;
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const size = Math.min(a.length, b.length);
  for (let i = 0; i < size; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
