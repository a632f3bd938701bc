/**
 * Which values occur in the traces of a window, with counts: what a person can narrow a search by.
 *
 * @module
 */

import { columnOf, numberOrNull, type QueryContext, run } from "./context.ts";
import { type JsonValue, parseLossless } from "./lossless_json.ts";
import { pruneFiles, sliceStart } from "./prune.ts";
import { SqlParams } from "./sql_params.ts";
import { compileFilter } from "./trace_filter.ts";
import { EDGE_US, type WindowFilter, windowTraces } from "./window_traces.ts";

/** A value with the number of spans and of traces that have it. */
export interface FacetValue {
  readonly value: JsonValue;
  readonly spanCount: number;
  readonly traceCount: number;
}

/** The values of one field or attribute, most frequent first. */
export interface Facet {
  readonly key: string;
  readonly spanCount: number;
  readonly values: readonly FacetValue[];
}

/** Facets of the traces that start in a window and satisfy a filter. */
export interface TraceFacets {
  /** `service`, `name`, `kind`, `status`, `model`, `agent`, `tool`, as the search language calls them. */
  readonly fields: readonly Facet[];
  /** Span attributes, most frequent keys first. */
  readonly attributes: readonly Facet[];
  /** Attributes are counted over about this many of the newest spans when the window has more; null when over all. */
  readonly attributesSampledSpans: number | null;
}

const FIELDS: readonly (readonly [key: string, sql: string])[] = [
  ["service", "service_name"],
  ["name", "span_name"],
  ["kind", "lower(span_kind)"],
  ["status", "CASE status_code WHEN 2 THEN 'error' WHEN 1 THEN 'ok' ELSE 'unset' END"],
  ["model", "coalesce(response_model, request_model)"],
  ["agent", "agent_name"],
  ["tool", "tool_name"],
];
const quoted = (name: string) => `"${name}"`;

const MAX_ATTRIBUTE_KEYS = 100;
/** Counting attributes unpacks every map; beyond this many spans a sample says enough. */
const ATTRIBUTE_SAMPLE_SPANS = 100_000;

/**
 * @param valuesPerFacet Most values of one facet.
 */
export async function traceFacets(
  context: QueryContext,
  filter: WindowFilter,
  valuesPerFacet: number,
): Promise<TraceFacets> {
  const window = pruneFiles(context.files, {
    fromUs: filter.startUs,
    toUs: filter.endUs + EDGE_US,
  });
  if (window.length === 0) return { fields: [], attributes: [], attributesSampledSpans: null };
  const sampleFromUs = sliceStart(window, filter.endUs, ATTRIBUTE_SAMPLE_SPANS);
  const sampled = sampleFromUs > filter.startUs;
  const [fields, attributes] = await Promise.all([
    fieldFacets(context, filter, valuesPerFacet),
    attributeFacets(
      context,
      sampled ? { ...filter, startUs: Math.floor(sampleFromUs) } : filter,
      valuesPerFacet,
    ),
  ]);
  return {
    fields,
    attributes,
    attributesSampledSpans: sampled ? ATTRIBUTE_SAMPLE_SPANS : null,
  };
}

/** Spans of the matching traces, as a table to select from. */
function matchingSpans(
  context: QueryContext,
  filter: WindowFilter,
  params: SqlParams,
): string | null {
  const { startUs, endUs } = filter;
  const files = pruneFiles(context.files, { fromUs: startUs, toUs: endUs + EDGE_US });
  if (files.length === 0) return null;
  const spans = `${params.files(files)} spans WHERE start_time >= ${
    params.time(startUs)
  } AND start_time < ${params.time(endUs + EDGE_US)}`;
  const compiled = compileFilter(filter);
  const isPlain = compiled.expression === null && compiled.rootService === null &&
    filter.traceIds === undefined;
  if (isPlain) return `${spans} ${startedInWindow(context, filter, params)}`;
  const traces = windowTraces(context, filter, params);
  return traces.sql === null
    ? null
    : `${spans} AND trace_id IN (SELECT trace_id FROM (${traces.sql}))`;
}

/**
 * The condition that a span's trace starts in the window, without grouping all traces: only those with spans beyond
 * an edge of the window, few next to all, need a second look.
 */
function startedInWindow(context: QueryContext, filter: WindowFilter, params: SqlParams): string {
  const { startUs, endUs } = filter;
  const tracesBetween = (fromUs: number, toUs: number, condition = "") => {
    const files = pruneFiles(context.files, { fromUs, toUs });
    return files.length === 0
      ? null
      : `SELECT trace_id FROM ${params.files(files)} WHERE start_time >= ${
        params.time(fromUs)
      } AND start_time < ${params.time(toUs)} ${condition}`;
  };
  const conditions: string[] = [];
  const early = tracesBetween(startUs - EDGE_US, startUs);
  if (early !== null) conditions.push(`AND trace_id NOT IN (${early})`);
  const has = (fromUs: number, toUs: number) =>
    pruneFiles(context.files, { fromUs, toUs }).length > 0;
  if (has(endUs, endUs + EDGE_US)) {
    // Only traces with a span in the window can have begun in it. A statement names no parameter it does not use.
    const late = has(startUs, endUs) ? tracesBetween(endUs, endUs + EDGE_US) : null;
    const whole = late === null ? null : tracesBetween(startUs, endUs, `AND trace_id IN (${late})`);
    const within = `start_time < ${params.time(endUs)}`;
    conditions.push(`AND (${within}${whole === null ? "" : ` OR trace_id IN (${whole})`})`);
  }
  return conditions.join(" ");
}

const FIELD_COLUMNS = FIELDS.map(([key, sql]) => `${sql} AS ${quoted(key)}`).join(", ");

async function fieldFacets(
  context: QueryContext,
  filter: WindowFilter,
  limit: number,
): Promise<Facet[]> {
  const params = new SqlParams();
  const spans = matchingSpans(context, filter, params);
  if (spans === null) return [];
  const counted = FIELDS.map(([key]) =>
    `SELECT '${key}' AS facet, ${quoted(key)} AS value, sum(spans)::BIGINT AS span_count
     FROM combinations WHERE value IS NOT NULL GROUP BY value`
  );
  // Combinations of values are far fewer than spans.
  const result = await run(
    context,
    `WITH combinations AS MATERIALIZED (
       SELECT ${FIELD_COLUMNS}, count(*) AS spans FROM ${spans} GROUP BY ALL),
     counted AS (${counted.join(" UNION ALL ")})
     SELECT facet, value, span_count, 0::BIGINT AS trace_count,
       (sum(span_count) OVER (PARTITION BY facet))::BIGINT AS facet_count
     FROM counted
     QUALIFY row_number() OVER (PARTITION BY facet ORDER BY span_count DESC, value) <= ${
      params.add(limit)
    }
     ORDER BY facet, span_count DESC, value`,
    params,
  );
  const facets = readFacets(result, (value) => value);
  const ordered = FIELDS.flatMap(([key]) => facets.filter((facet) => facet.key === key));
  return await withTraceCounts(context, filter, ordered);
}

/** Bits of one word of a mask. */
const WORD_BITS = 60;

/**
 * Counts the traces of each value: every trace gets a mask with one bit a value, which costs one grouping whatever the
 * number of values, where counting distinct traces of each would cost one for each.
 */
async function withTraceCounts(
  context: QueryContext,
  filter: WindowFilter,
  facets: readonly Facet[],
): Promise<Facet[]> {
  const params = new SqlParams();
  const spans = matchingSpans(context, filter, params);
  const count = facets.reduce((sum, { values }) => sum + values.length, 0);
  if (spans === null || count === 0) return [...facets];
  const words = Math.ceil(count / WORD_BITS);
  /** The masks' sources, by word. */
  const sources: string[][] = Array.from({ length: words }, () => []);
  let bit = 0;
  const joins = facets.map((facet, at) => {
    const first = Math.floor(bit / WORD_BITS);
    const last = Math.floor((bit + facet.values.length - 1) / WORD_BITS);
    const columns = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    for (const word of columns) sources[word]?.push(`coalesce(f${at}.m${word}, 0)`);
    const rows = facet.values.map(({ value }) => {
      const position = bit++;
      const masks = columns.map((word) =>
        Math.floor(position / WORD_BITS) === word ? String(1n << BigInt(position % WORD_BITS)) : "0"
      );
      return `(${params.add(String(value))}::VARCHAR, ${
        masks.map((mask) => `${mask}::BIGINT`).join(", ")
      })`;
    });
    return `LEFT JOIN (VALUES ${rows.join(", ")}) f${at}(v, ${
      columns.map((word) => `m${word}`).join(", ")
    }) ON f${at}.v = fields.${quoted(facet.key)}`;
  });
  const masks = sources.map((parts, word) => `bit_or(${parts.join(" | ")}) AS w${word}`);
  const counts = Array.from(
    { length: count },
    (_, position) =>
      `count(*) FILTER (w${Math.floor(position / WORD_BITS)} & ${
        1n << BigInt(position % WORD_BITS)
      }::BIGINT <> 0)`,
  );
  const result = await run(
    context,
    `WITH fields AS (SELECT trace_id, ${FIELD_COLUMNS} FROM ${spans}),
     traces AS (SELECT ${masks.join(", ")} FROM fields ${joins.join(" ")} GROUP BY fields.trace_id)
     SELECT ${counts.join(", ")} FROM traces`,
    params,
  );
  let position = 0;
  return facets.map((facet) => ({
    ...facet,
    values: facet.values.map((value) => ({
      ...value,
      traceCount: numberOrNull(result.columns[position++]?.[0]) ?? 0,
    })),
  }));
}

async function attributeFacets(
  context: QueryContext,
  filter: WindowFilter,
  limit: number,
): Promise<Facet[]> {
  const params = new SqlParams();
  const spans = matchingSpans(context, filter, params);
  if (spans === null) return [];
  const result = await run(
    context,
    `WITH entries AS (
       SELECT trace_id, unnest(map_entries(attributes)) AS entry FROM ${spans}),
     counted AS (
       SELECT entry.key AS facet, entry.value AS value, count(*) AS span_count,
         count(DISTINCT trace_id) AS trace_count
       FROM entries WHERE strlen(entry.value) <= 256 GROUP BY facet, value),
     ranked AS (
       SELECT *, (sum(span_count) OVER (PARTITION BY facet))::BIGINT AS facet_count,
         row_number() OVER (PARTITION BY facet ORDER BY span_count DESC, value) AS place
       FROM counted)
     SELECT facet, value, span_count, trace_count, facet_count FROM ranked
     WHERE place <= ${params.add(limit)}
     QUALIFY dense_rank() OVER (ORDER BY facet_count DESC, facet) <= ${
      params.add(MAX_ATTRIBUTE_KEYS)
    }
     ORDER BY facet_count DESC, facet, span_count DESC, value`,
    params,
  );
  return readFacets(result, parseLossless);
}

function readFacets(
  result: Parameters<typeof columnOf>[0],
  read: (value: string) => JsonValue,
): Facet[] {
  const column = (name: string) => columnOf(result, name);
  const facets = new Map<string, { key: string; spanCount: number; values: FacetValue[] }>();
  for (let row = 0; row < result.rowCount; row++) {
    const key = column("facet")[row];
    const value = column("value")[row];
    if (typeof key !== "string" || typeof value !== "string") continue;
    let facet = facets.get(key);
    if (facet === undefined) {
      facet = { key, spanCount: numberOrNull(column("facet_count")[row]) ?? 0, values: [] };
      facets.set(key, facet);
    }
    facet.values.push({
      value: read(value),
      spanCount: numberOrNull(column("span_count")[row]) ?? 0,
      traceCount: numberOrNull(column("trace_count")[row]) ?? 0,
    });
  }
  return [...facets.values()];
}
