/** Consumers in front of a store that counts, and can be made to fail; and clients to look at the broker from outside. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../../server/config_load.ts";
import { type Consumers, startConsumers } from "../../../server/consumers/mod.ts";
import { ScouterError } from "../../../server/errors.ts";
import { createOtlpReceiver } from "../../../server/ingest/otlp/receiver.ts";
import type { TagRow } from "../../../server/lake/traces/contract.ts";
import { MetricsRegistry } from "../../../server/telemetry/metrics.ts";

/** A broker as its other users see it. */
export interface BrokerClient extends AsyncDisposable {
  send(messages: readonly string[]): Promise<void>;
  /** Waits for so many dead letters and returns all there are. */
  deadLetters(count: number): Promise<DeadLetter[]>;
  /** Messages that no server has acknowledged; no server must be connected. */
  waiting(): Promise<number>;
}

/** A dead letter. */
export interface DeadLetter {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the store does with the message of an id: resolves when it has it. */
export type Behaviour = (id: string) => Promise<void> | void;

/** Running consumers. */
export interface World extends AsyncDisposable {
  /** How often each id was stored. */
  readonly stored: Map<string, number>;
  readonly consumers: Consumers;
  readonly metrics: MetricsRegistry;
  /** The value of a series whose line begins so; 0 when there is none. */
  metric(series: string): number;
  stop(): Promise<void>;
}

/** A message that can be told by its id. */
export function messageOfId(id: string): string {
  return JSON.stringify({ entity_type: "test", entity_id: id, key: "k", value: "v" });
}

/** Ids in a row. */
export function ids(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `m${from + i}`);
}

/** The store is full. */
export function full(retryAfterSeconds = 0.1): ScouterError {
  return new ScouterError("RESOURCE_EXHAUSTED", "full", { retry: true, retryAfterSeconds });
}

/** Starts consumers. */
export async function startWorld(
  env: Record<string, string>,
  behaviour: Behaviour = () => {},
): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), "scouter-consumers-"));
  const { settings, problems } = loadSettings({
    SCOUTER_DATA_DIR: dir,
    SCOUTER_BROKER_MAX_TRIES: "2",
    ...env,
  });
  assert.ok(settings !== null, problems.join());
  const stored = new Map<string, number>();
  const metrics = new MetricsRegistry();
  const consumers = startConsumers({
    settings,
    metrics,
    trouble: () => Promise.resolve(""),
    messages: {
      receiver: createOtlpReceiver({
        store: { ingest: () => assert.fail("no spans are sent") },
        maxBodyBytes: 1 << 20,
        metrics,
      }),
      tags: {
        async upsert(tags: readonly TagRow[]) {
          for (const { entityId } of tags) {
            await behaviour(entityId);
            stored.set(entityId, (stored.get(entityId) ?? 0) + 1);
          }
        },
      },
    },
  });
  let stopped: Promise<void> | null = null;
  const stop = () =>
    stopped ??= consumers.stop().then(() => rm(dir, { recursive: true, force: true }));
  return {
    stored,
    consumers,
    metrics,
    metric(series) {
      const line = metrics.render().split("\n").find((line) => line.startsWith(series));
      return line === undefined ? 0 : Number(line.split(" ").at(-1));
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Waits until something holds. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 120_000,
): Promise<void> {
  const limit = Date.now() + limitMs;
  while (!await holds()) {
    assert.ok(Date.now() < limit, `in vain: ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
