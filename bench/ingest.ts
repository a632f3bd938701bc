/**
 * Ingest from end to end: a real server process takes OTLP over HTTP, makes it durable and flushes it to Delta. Costs
 * are CPU time of the whole server process (user and system, every thread), counted by the operating system.
 *
 * @module
 */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type ServerProcess, startServerProcess } from "../tests/support/server_process.ts";
import { load } from "./lib/load.ts";
import { processUsage } from "./lib/process_usage.ts";
import type { Figures } from "./lib/results.ts";
import { settle } from "./lib/settle.ts";
import { latencySummary, round3 } from "./lib/stats.ts";
import { exportRequest, type SpanShape } from "./otlp_generator.ts";

const SPANS_PER_BODY = 512;
const CONNECTIONS = 8;
/** Kinds of load that one server takes one after the other. */
interface IngestLoad {
  readonly shape: SpanShape;
  readonly gzip: boolean;
  readonly spans: number;
}

async function bytesUnder(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith(".parquet")) {
      total += (await stat(join(entry.parentPath, entry.name))).size;
    }
  }
  return total;
}

/** Bodies are made ahead of each chunk, so that generating them takes no time from the server while it is measured. */
async function sendSpans(
  server: ServerProcess,
  { shape, gzip, spans }: IngestLoad,
  firstBody: number,
): Promise<{ latenciesMs: number[]; rawBytes: number; wallSeconds: number }> {
  const latenciesMs: number[] = [];
  let rawBytes = 0;
  let wallSeconds = 0;
  const bodies = Math.ceil(spans / SPANS_PER_BODY);
  const CHUNK = 64;
  for (let done = 0; done < bodies; done += CHUNK) {
    const chunk = Array.from({ length: Math.min(CHUNK, bodies - done) }, (_, index) => {
      const raw = exportRequest({ shape, spans: SPANS_PER_BODY, seed: firstBody + done + index });
      rawBytes += raw.length;
      return gzip ? gzipSync(raw, { level: 6 }) : raw;
    });
    const result = await load(server.otlpHttpUrl, chunk.length, CONNECTIONS, (index) => ({
      path: "/v1/traces",
      headers: {
        "content-type": "application/x-protobuf",
        ...(gzip && { "content-encoding": "gzip" }),
      },
      body: chunk[index] ?? new Uint8Array(),
    }));
    if (result.statuses.size !== 1 || !result.statuses.has(200)) {
      throw new Error(`not every request was accepted: ${JSON.stringify([...result.statuses])}`);
    }
    latenciesMs.push(...result.latenciesMs);
    wallSeconds += result.wallSeconds;
  }
  return { latenciesMs, rawBytes, wallSeconds };
}

/** Runs one load on a fresh server after warming it up with the same kind of load. */
export async function benchIngest(kind: IngestLoad): Promise<Figures> {
  await using server = await startServerProcess();
  // The first segments compile and tune the code; they are not counted.
  const warmUp = Math.min(kind.spans, 131_072);
  await sendSpans(server, { ...kind, spans: warmUp }, 1_000_000);
  await settle(server);
  const bytesBefore = await bytesUnder(server.dataDir);
  const before = processUsage(server.pid);
  const sent = await sendSpans(server, kind, 1);
  await settle(server);
  const after = processUsage(server.pid);
  const spans = Math.ceil(kind.spans / SPANS_PER_BODY) * SPANS_PER_BODY;
  const cpuUs = (after.cpuSeconds - before.cpuSeconds) * 1e6 / spans;
  return {
    spans,
    raw_bytes_per_span: Math.round(sent.rawBytes / spans),
    cpu_us_per_span: round3(cpuUs),
    spans_per_cpu_second: Math.round(1e6 / cpuUs),
    spans_per_wall_second: Math.round(spans / sent.wallSeconds),
    ...Object.fromEntries(
      Object.entries(latencySummary(sent.latenciesMs)).map((
        [key, value],
      ) => [`request_${key}`, value]),
    ),
    peak_rss_mib: Math.round(after.peakRssBytes / 2 ** 20),
    bytes_on_disk_per_span: Math.round((await bytesUnder(server.dataDir) - bytesBefore) / spans),
  };
}
