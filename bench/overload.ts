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
import { exportRequest, traceIdsOf } from "./otlp_generator.ts";

const SPANS_PER_BODY = 512;

/** Makes bodies that differ in their trace ids only, which costs the client next to nothing. */
function bodiesOf(seed: number): (run: number) => Uint8Array {
  const options = { shape: "genai", spans: SPANS_PER_BODY, seed } as const;
  const body = exportRequest(options);
  const places: number[] = [];
  for (const id of traceIdsOf(options)) {
    const bytes = Uint8Array.from(id.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    const first = bytes[0] ?? 0;
    for (let at = body.indexOf(first); at >= 0; at = body.indexOf(first, at + 1)) {
      if (bytes.every((byte, index) => body[at + index] === byte)) places.push(at);
    }
  }
  return (run) => {
    const copy = Uint8Array.from(body);
    const view = new DataView(copy.buffer);
    for (const at of places) view.setUint32(at, view.getUint32(at) ^ run);
    return copy;
  };
}

/** Sends as fast as 64 connections can for the given time. */
export async function benchOverload(seconds: number): Promise<Figures> {
  await using server = await startServerProcess();
  const until = performance.now() + seconds * 1000;
  const statuses = new Map<number, number>();
  const makers = Array.from({ length: 16 }, (_, seed) => bodiesOf(seed));
  let sent = 0;
  const rssMib: { readonly atSeconds: number; readonly mib: number }[] = [];
  while (performance.now() < until) {
    // Every body has spans of its own: nothing is a duplicate, so everything accepted has to be stored.
    const result = await load(server.otlpHttpUrl, 512, 64, () => ({
      path: "/v1/traces",
      headers: { "content-type": "application/x-protobuf" },
      body: makers[sent % makers.length]?.(sent++) ?? new Uint8Array(),
    }));
    for (const [status, count] of result.statuses) {
      statuses.set(status, (statuses.get(status) ?? 0) + count);
    }
    rssMib.push({
      atSeconds: seconds - (until - performance.now()) / 1000,
      mib: Math.round(processUsage(server.pid).rssBytes / 2 ** 20),
    });
  }
  const accepted = (statuses.get(200) ?? 0) * SPANS_PER_BODY;
  return {
    seconds,
    accepted_spans_per_second: Math.round(accepted / seconds),
    accepted_requests: statuses.get(200) ?? 0,
    refused_requests: statuses.get(429) ?? 0,
    other_answers: [...statuses].filter(([status]) => status !== 200 && status !== 429)
      .reduce((sum, [, count]) => sum + count, 0),
    ...Object.fromEntries([0.2, 0.4, 0.6, 0.8, 1].map((part) => [
      `rss_mib_after_${Math.round(seconds * part)}_s`,
      rssMib.findLast(({ atSeconds }) => atSeconds <= seconds * part + 1)?.mib ?? NaN,
    ])),
    peak_rss_mib: Math.round(processUsage(server.pid).peakRssBytes / 2 ** 20),
  };
}
