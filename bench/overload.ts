/**
 * Ten times more than the server may buffer: it must answer 429 with a hint, keep its memory bounded, and store exactly
 * what it accepted.
 *
 * @module
 */

import { startServerProcess } from "../tests/support/server_process.ts";
import { load } from "./lib/load.ts";
import { processUsage } from "./lib/process_usage.ts";
import type { Figures } from "./lib/results.ts";
import { exportRequest } from "./otlp_generator.ts";

const SPANS_PER_BODY = 512;

/** Sends as fast as 64 connections can for the given time. */
export async function benchOverload(seconds: number): Promise<Figures> {
  await using server = await startServerProcess();
  const until = performance.now() + seconds * 1000;
  const statuses = new Map<number, number>();
  let sent = 0;
  const rssMib: number[] = [];
  while (performance.now() < until) {
    // Every body has spans of its own: nothing is a duplicate, so everything accepted has to be stored.
    const result = await load(server.otlpHttpUrl, 512, 64, () => ({
      path: "/v1/traces",
      headers: { "content-type": "application/x-protobuf" },
      body: exportRequest({ shape: "genai", spans: SPANS_PER_BODY, seed: sent++ }),
    }));
    for (const [status, count] of result.statuses) {
      statuses.set(status, (statuses.get(status) ?? 0) + count);
    }
    rssMib.push(Math.round(processUsage(server.pid).rssBytes / 2 ** 20));
  }
  return {
    seconds,
    accepted_requests: statuses.get(200) ?? 0,
    refused_requests: statuses.get(429) ?? 0,
    other_answers: [...statuses].filter(([status]) => status !== 200 && status !== 429)
      .reduce((sum, [, count]) => sum + count, 0),
    rss_first_mib: rssMib[0] ?? NaN,
    rss_last_mib: rssMib.at(-1) ?? NaN,
    peak_rss_mib: Math.round(processUsage(server.pid).peakRssBytes / 2 ** 20),
  };
}
