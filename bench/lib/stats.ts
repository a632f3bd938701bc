/**
 * Summaries of samples.
 *
 * @module
 */

/** The value below which a share `q` (0–1) of the samples lies, by the nearest-rank rule. */
export function percentile(samples: readonly number[], q: number): number {
  if (samples.length === 0) return NaN;
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? NaN;
}

/** Rounded to three significant figures, for reports. */
export function round3(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(3)) : value;
}

/** Milliseconds of p50 and p95 and p99, rounded. */
export function latencySummary(samplesMs: readonly number[]): Record<string, number> {
  return {
    p50_ms: round3(percentile(samplesMs, 0.5)),
    p95_ms: round3(percentile(samplesMs, 0.95)),
    p99_ms: round3(percentile(samplesMs, 0.99)),
  };
}
