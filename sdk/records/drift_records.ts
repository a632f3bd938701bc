/**
 * Records of drift detection and of a service's own traffic, as they stand on the wire.
 *
 * @module
 */

import { type Codec, float, int, list, mapOf, object, text, time } from "./codec.ts";

/** The mean of one sample of a feature, for statistical process control. */
export interface SpcRecord {
  /** When the sample was sent, RFC 3339 in UTC. */
  readonly created_at: string;
  /** Uid of the profile. */
  readonly uid: string;
  /** Name of the feature. */
  readonly feature: string;
  /** Mean of the sample. */
  readonly value: number;
  /** Number given by the server; 0 from a client. */
  readonly entity_id: number;
}

/** How many values fell into one bin of a feature. */
export interface PsiRecord {
  /** When the counts were sent, RFC 3339 in UTC. */
  readonly created_at: string;
  /** Uid of the profile. */
  readonly uid: string;
  /** Name of the feature. */
  readonly feature: string;
  /** The bin, as the profile numbers it. */
  readonly bin_id: number;
  /** How many values fell into it. */
  readonly bin_count: number;
  /** Number given by the server; 0 from a client. */
  readonly entity_id: number;
}

/** The mean of a metric of the user's own. */
export interface CustomMetricRecord {
  /** When the mean was sent, RFC 3339 in UTC. */
  readonly created_at: string;
  /** Uid of the profile. */
  readonly uid: string;
  /** Name of the metric. */
  readonly metric: string;
  /** Mean over the batch. */
  readonly value: number;
  /** Number given by the server; 0 from a client. */
  readonly entity_id: number;
}

/** Quantiles of a route's latencies, in milliseconds. */
export interface LatencyMetrics {
  /** 5 % were faster. */
  readonly p5: number;
  /** 25 % were faster. */
  readonly p25: number;
  /** The median. */
  readonly p50: number;
  /** 95 % were faster. */
  readonly p95: number;
  /** 99 % were faster. */
  readonly p99: number;
}

/** What one route of a service did. */
export interface RouteMetrics {
  /** The route. */
  readonly route_name: string;
  /** Its latencies. */
  readonly metrics: LatencyMetrics;
  /** How many requests it answered. */
  readonly request_count: number;
  /** How many of them failed. */
  readonly error_count: number;
  /** Mean latency of the failed ones, in milliseconds. */
  readonly error_latency: number;
  /** How often each status was answered. */
  readonly status_codes: Readonly<Record<string, number>>;
}

/** What a service's routes did. */
export interface ObservabilityRecord {
  /** Uid of the profile. */
  readonly uid: string;
  /** How many requests were answered. */
  readonly request_count: number;
  /** How many of them failed. */
  readonly error_count: number;
  /** Each route. */
  readonly route_metrics: readonly RouteMetrics[];
  /** Number given by the server; 0 from a client. */
  readonly entity_id: number;
}

/** {@linkcode SpcRecord} on the wire. */
export const SPC: Codec<SpcRecord> = object({
  created_at: time,
  uid: text,
  feature: text,
  value: float,
  entity_id: int,
});

/** {@linkcode PsiRecord} on the wire. */
export const PSI: Codec<PsiRecord> = object({
  created_at: time,
  uid: text,
  feature: text,
  bin_id: int,
  bin_count: int,
  entity_id: int,
});

/** {@linkcode CustomMetricRecord} on the wire. */
export const CUSTOM: Codec<CustomMetricRecord> = object({
  created_at: time,
  uid: text,
  metric: text,
  value: float,
  entity_id: int,
});

const LATENCY: Codec<LatencyMetrics> = object({
  p5: float,
  p25: float,
  p50: float,
  p95: float,
  p99: float,
});

const ROUTE: Codec<RouteMetrics> = object({
  route_name: text,
  metrics: LATENCY,
  request_count: int,
  error_count: int,
  error_latency: float,
  status_codes: mapOf(int),
});

/** {@linkcode ObservabilityRecord} on the wire. */
export const OBSERVABILITY: Codec<ObservabilityRecord> = object({
  uid: text,
  request_count: int,
  error_count: int,
  route_metrics: list(ROUTE),
  entity_id: int,
});
