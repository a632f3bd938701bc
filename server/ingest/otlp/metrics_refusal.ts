/**
 * What becomes of OTLP metrics: their points are counted and refused, so that whoever sends them hears of it.
 *
 * @module
 */

import { ScouterError } from "../../errors.ts";
import type { IngestResult, OtlpEncoding } from "../../lake/traces/contract.ts";
import { ProtoReader } from "../../lake/traces/segment/proto_reader.ts";
import type { Metrics } from "../../telemetry/contract.ts";

/** Metrics named in the answer. */
const MAX_NAMES = 5;
const MAX_NAME_CHARS = 100;

/** Takes metric export requests without storing them. */
export interface MetricsRefusal {
  /**
   * Counts the points of one request.
   *
   * @throws {ScouterError} BAD_REQUEST when it is malformed.
   */
  ingest(body: Uint8Array, encoding: OtlpEncoding): Promise<IngestResult>;
}

/** Creates it; counts what is refused in `scouter_metric_points_refused_total`. */
export function refuseMetrics(metrics: Metrics): MetricsRefusal {
  const refused = metrics.counter(
    "scouter_metric_points_refused_total",
    "Data points of metrics sent to this server, which stores none.",
  );
  return {
    // deno-lint-ignore require-await -- what it throws is to reject
    async ingest(body, encoding) {
      const found = encoding === "json" ? pointsOfJson(body) : pointsOfProtobuf(body);
      refused.add(found.points);
      return {
        accepted: 0,
        deduplicated: 0,
        rejected: found.points,
        rejectedMessage: found.points === 0 ? "" : message(found),
      };
    },
  };
}

interface Found {
  points: number;
  readonly names: Set<string>;
}

function message({ points, names }: Found): string {
  const some = [...names].slice(0, MAX_NAMES).map((name) => `"${name.slice(0, MAX_NAME_CHARS)}"`);
  const more = names.size > MAX_NAMES ? ` and ${names.size - MAX_NAMES} more` : "";
  const what = points === 1 ? "1 data point" : `${points} data points`;
  return `Metrics are not stored by this server, traces and logs are: ${what} of ${
    some.join(", ")
  }${more} refused. Send metrics elsewhere or turn their exporter off.`;
}

/** Message fields of ExportMetricsServiceRequest on the way to the metrics. */
const RESOURCE_METRICS = 0x0a;
const SCOPE_METRICS = 0x12;
const METRIC = 0x12;
const METRIC_NAME = 0x0a;
/** Gauge, sum, histogram, exponential histogram, summary: each has its points in field 1. */
const DATA = new Set([0x2a, 0x3a, 0x4a, 0x52, 0x5a]);
const DATA_POINT = 0x0a;

const decoder = new TextDecoder();

function pointsOfProtobuf(body: Uint8Array): Found {
  const reader = new ProtoReader("ExportMetricsServiceRequest");
  reader.buf = body;
  const found: Found = { points: 0, names: new Set() };
  /** Calls `enter` for each length-delimited field. */
  const fields = (
    start: number,
    end: number,
    enter: (tag: number, s: number, e: number) => void,
  ) => {
    let pos = start;
    while (pos < end) {
      reader.pos = pos;
      const tag = reader.tag(end);
      if ((tag & 7) !== 2) {
        reader.skip(tag, end);
        pos = reader.pos;
        continue;
      }
      pos = reader.contentEnd(end);
      enter(tag, reader.pos, pos);
    }
  };
  const metric = (start: number, end: number) => {
    let name = "";
    let points = 0;
    fields(start, end, (tag, s, e) => {
      if (tag === METRIC_NAME) name = decoder.decode(body.subarray(s, e));
      else if (DATA.has(tag)) fields(s, e, (inner) => points += inner === DATA_POINT ? 1 : 0);
    });
    note(found, name, points);
  };
  fields(0, body.length, (tag, start, end) => {
    if (tag !== RESOURCE_METRICS) return;
    fields(start, end, (tag, start, end) => {
      if (tag !== SCOPE_METRICS) return;
      fields(start, end, (tag, start, end) => tag === METRIC ? metric(start, end) : undefined);
    });
  });
  return found;
}

function note(found: Found, name: string, points: number): void {
  if (points === 0) return;
  found.points += points;
  found.names.add(name);
}

const KINDS = [
  ["gauge"],
  ["sum"],
  ["histogram"],
  ["exponentialHistogram", "exponential_histogram"],
  ["summary"],
];

function pointsOfJson(body: Uint8Array): Found {
  let request: unknown;
  try {
    request = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new ScouterError("BAD_REQUEST", "The body is not valid JSON.", { cause });
  }
  if (typeof request !== "object" || request === null || Array.isArray(request)) {
    throw new ScouterError(
      "BAD_REQUEST",
      "The body is not a valid OTLP ExportMetricsServiceRequest in JSON: $ must be an object.",
    );
  }
  const found: Found = { points: 0, names: new Set() };
  for (const resource of list(request, "resourceMetrics", "resource_metrics")) {
    for (const scope of list(resource, "scopeMetrics", "scope_metrics")) {
      for (const metric of list(scope, "metrics")) {
        const points = KINDS.reduce((sum, names) => {
          const data = member(metric, ...names);
          return sum + list(data, "dataPoints", "data_points").length;
        }, 0);
        note(found, String(member(metric, "name") ?? ""), points);
      }
    }
  }
  return found;
}

function member(value: unknown, ...names: readonly string[]): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const fields: { readonly [name: string]: unknown } = { ...value };
  return names.map((name) => fields[name]).find((found) => found !== undefined);
}

function list(value: unknown, ...names: readonly string[]): readonly unknown[] {
  const found = member(value, ...names);
  return Array.isArray(found) ? found : [];
}
