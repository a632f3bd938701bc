/**
 * Queries through HTTP on a server that holds a given number of spans: small reads, lists, filters and aggregates, on
 * ids that were never asked for before and again on the same ids.
 *
 * @module
 */

import { startServerProcess } from "../tests/support/server_process.ts";
import { load } from "./lib/load.ts";
import { processUsage } from "./lib/process_usage.ts";
import type { Figures } from "./lib/results.ts";
import { latencySummary, percentile, round3 } from "./lib/stats.ts";
import { exportRequest, traceIdsOf } from "./otlp_generator.ts";

const SPANS_PER_BODY = 512;
const HOUR_MS = 3_600_000;

async function timed(work: () => Promise<Response>): Promise<number> {
  const startedAt = performance.now();
  const response = await work();
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${text}`);
  return performance.now() - startedAt;
}

/** Loads `spans` plain spans and measures. */
export async function benchQueries(spans: number): Promise<Figures> {
  await using server = await startServerProcess();
  const bodies = Math.ceil(spans / SPANS_PER_BODY);
  // The spans cover the last 24 whole hours, in order.
  const startMs = (Math.floor(Date.now() / HOUR_MS) - 24) * HOUR_MS;
  const options = (seed: number) => ({
    shape: "plain" as const,
    spans: SPANS_PER_BODY,
    seed,
    baseTimeMs: startMs + Math.floor(seed * (24 * HOUR_MS - 200_000) / bodies),
  });
  for (let done = 0; done < bodies; done += 64) {
    const chunk = Array.from(
      { length: Math.min(64, bodies - done) },
      (_, index) => exportRequest(options(done + index)),
    );
    await load(server.otlpHttpUrl, chunk.length, 8, (index) => ({
      path: "/v1/traces",
      headers: { "content-type": "application/x-protobuf" },
      body: chunk[index] ?? new Uint8Array(),
    }));
  }
  // What is measured is a settled server: the last segment is sealed by a restart.
  await server.stop("SIGTERM");
  const startedAt = performance.now();
  await using reader = await startServerProcess({ dataDir: server.dataDir });
  const restartMs = performance.now() - startedAt;
  await new Promise((wake) => setTimeout(wake, 1000));
  const idleRss = processUsage(reader.pid).rssBytes;

  const base = reader.httpUrl;
  const ids: string[] = [];
  for (let index = 0; ids.length < 300; index++) {
    const seed = Math.floor(index * 7919) % bodies;
    const found = traceIdsOf(options(seed));
    const id = found[(index * 31) % found.length];
    if (id !== undefined && !ids.includes(id)) ids.push(id);
  }
  const byId = (id: string) => timed(() => fetch(`${base}/scouter/v1/traces/${id}/spans`));
  const firstMs = await byId(ids[0] ?? "");
  const cold: number[] = [];
  const before = processUsage(reader.pid).cpuSeconds;
  for (const id of ids.slice(1)) cold.push(await byId(id));
  const cpuMsPerRead = (processUsage(reader.pid).cpuSeconds - before) * 1000 / (ids.length - 1);
  const warm: number[] = [];
  for (let round = 0; round < 100; round++) warm.push(await byId(ids[1] ?? ""));

  const post = (path: string, body: unknown) =>
    timed(() =>
      fetch(`${base}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      })
    );
  const repeat = async (rounds: number, work: () => Promise<number>) => {
    const first = await work();
    const rest: number[] = [];
    for (let round = 0; round < rounds; round++) rest.push(await work());
    return { first, p50: percentile(rest, 0.5) };
  };
  const window = {
    start_time: new Date(startMs).toISOString(),
    end_time: new Date(startMs + 24 * HOUR_MS).toISOString(),
  };
  const newest = await repeat(20, () => post("/scouter/trace/paginated", { limit: 50 }));
  const filtered = await repeat(
    10,
    () =>
      post("/scouter/trace/paginated", {
        limit: 50,
        attribute_filters: ["url.path=/api/v1/items/4242"],
      }),
  );
  const p95 = await repeat(
    5,
    () =>
      post("/scouter/trace/metrics", {
        ...window,
        bucket_interval: "1 hour",
        service_name: "checkout",
      }),
  );
  const named = (name: string, value: { first: number; p50: number }) => ({
    [`${name}_cold_ms`]: round3(value.first),
    [`${name}_warm_p50_ms`]: round3(value.p50),
  });
  return {
    spans: bodies * SPANS_PER_BODY,
    restart_to_ready_ms: Math.round(restartMs),
    idle_rss_mib: Math.round(idleRss / 2 ** 20),
    trace_by_id_first_ms: round3(firstMs),
    ...Object.fromEntries(
      Object.entries(latencySummary(cold)).map((
        [key, value],
      ) => [`trace_by_id_uncached_${key}`, value]),
    ),
    trace_by_id_cpu_ms: round3(cpuMsPerRead),
    trace_by_id_warm_p50_ms: round3(percentile(warm, 0.5)),
    ...named("newest_50", newest),
    ...named("attribute_filter", filtered),
    ...named("p95_24h_of_a_service", p95),
  };
}
