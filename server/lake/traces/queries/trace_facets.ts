/**
 * Which values occur in the traces of a window, with counts: what a person can narrow a search by.
 *
 * @module
 */

import { columnOf, numberOrNull, type QueryContext, run } from "./context.ts";
import { type JsonValue, parseLossless } from "./lossless_json.ts";
import { pruneFiles, sliceStart } from "./prune.ts";
import { SqlParams } from "./sql_params.ts";
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
  const traces = windowTraces(context, filter, params);
  if (traces.sql === null) return null;
  const fromUs = filter.startUs;
  const toUs = filter.endUs + EDGE_US;
  const files = pruneFiles(context.files, { fromUs, toUs });
  if (files.length === 0) return null;
  return `${params.files(files)} spans WHERE start_time >= ${
    params.time(fromUs)
  } AND start_time < ${params.time(toUs)}
    AND trace_id IN (SELECT trace_id FROM (${traces.sql}))`;
}

async function fieldFacets(
  context: QueryContext,
  filter: WindowFilter,
  limit: number,
): Promise<Facet[]> {
  const params = new SqlParams();
  const spans = matchingSpans(context, filter, params);
  if (spans === null) return [];
  const sets = FIELDS.map(([key]) => `(${quoted(key)})`).join(", ");
  const value = FIELDS.map(([key]) => `WHEN grouping(${quoted(key)}) = 0 THEN ${quoted(key)}`);
  const name = FIELDS.map(([key]) => `WHEN grouping(${quoted(key)}) = 0 THEN '${key}'`);
  const result = await run(
    context,
    `WITH spans AS (
       SELECT trace_id, ${FIELDS.map(([key, sql]) => `${sql} AS ${quoted(key)}`).join(", ")}
       FROM ${spans}),
     counted AS (
       SELECT CASE ${name.join(" ")} END AS facet, CASE ${value.join(" ")} END AS value,
         count(*) AS span_count, count(DISTINCT trace_id) AS trace_count
       FROM spans GROUP BY GROUPING SETS (${sets}))
     SELECT facet, value, span_count, trace_count,
       (sum(span_count) OVER (PARTITION BY facet))::BIGINT AS facet_count
     FROM counted WHERE value IS NOT NULL
     QUALIFY row_number() OVER (PARTITION BY facet ORDER BY span_count DESC, value) <= ${
      params.add(limit)
    }
     ORDER BY facet, span_count DESC, value`,
    params,
  );
  const facets = readFacets(result, (value) => value);
  return FIELDS.flatMap(([key]) => facets.filter((facet) => facet.key === key));
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

const quoted = (name: string) => `"${name}"`;

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
