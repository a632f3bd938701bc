/**
 * Metrics of the process itself.
 *
 * @module
 */

import process from "node:process";
import type { MetricsRegistry } from "./metrics.ts";

/** Registers CPU, memory, uptime and version under the names Prometheus clients agree on. */
export function registerProcessMetrics(metrics: MetricsRegistry, version: string): void {
  const startSeconds = Date.now() / 1000 - performance.now() / 1000;
  metrics.gauge("scouter_build_info", "Always 1; the version is a label.").set(1, { version });
  metrics.observedGauge(
    "process_start_time_seconds",
    "Start of the process, in seconds since 1970.",
    () => startSeconds,
  );
  metrics.observedGauge(
    "process_resident_memory_bytes",
    "Memory of the process in RAM.",
    () => Deno.memoryUsage().rss,
  );
  metrics.observedGauge(
    "process_heap_bytes",
    "JavaScript heap in use.",
    () => Deno.memoryUsage().heapUsed,
  );
  metrics.observedCounter(
    "process_cpu_seconds_total",
    "CPU time of all threads, user and system.",
    cpuSeconds,
  );
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
