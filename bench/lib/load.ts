/**
 * Bounded HTTP load on loopback with a fixed number of connections.
 *
 * @module
 */

import { Agent, request } from "node:http";

/** One request to send. */
export interface LoadRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What came back. */
export interface LoadResult {
  readonly latenciesMs: number[];
  /** Answers by status code. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly wallSeconds: number;
}

/** Sends `count` requests, `connections` at a time, taking the n-th from `make`. Ends by itself. */
export async function load(
  baseUrl: string,
  count: number,
  connections: number,
  make: (index: number) => LoadRequest,
): Promise<LoadResult> {
  const url = new URL(baseUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latenciesMs: number[] = [];
  const statuses = new Map<number, number>();
  let next = 0;
  const send = (item: LoadRequest) =>
    new Promise<void>((resolve, reject) => {
      const startedAt = performance.now();
      const outgoing = request({
        host: url.hostname,
        port: url.port,
        path: item.path,
        method: "POST",
        agent,
        headers: { ...item.headers, "content-length": String(item.body.length) },
      }, (response) => {
        response.resume();
        response.once("end", () => {
          const status = response.statusCode ?? 0;
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          latenciesMs.push(performance.now() - startedAt);
          resolve();
        });
        response.once("error", reject);
      });
      outgoing.once("error", reject);
      outgoing.end(item.body);
    });
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: connections }, async () => {
    while (next < count) await send(make(next++));
  }));
  agent.destroy();
  return { latenciesMs, statuses, wallSeconds: (performance.now() - startedAt) / 1000 };
}
