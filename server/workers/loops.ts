/**
 * The background loops of this server.
 *
 * @module
 */

import type { Settings } from "../config.ts";
import { applyRetention } from "../db/retention.ts";
import type { Storage } from "../storage.ts";
import type { Metrics } from "../telemetry/contract.ts";
import { Supervisor } from "./supervisor.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Starts them all. Each first runs some minutes after the start, so that restarts do not skip their turn. */
export function startBackgroundLoops(
  settings: Settings,
  storage: Storage,
  metrics: Metrics,
): Supervisor {
  const supervisor = new Supervisor({ metrics });
  supervisor.every(
    "trace_compaction",
    settings.traceCompactionHours * HOUR_MS,
    () => storage.spans.compact(),
    15 * MINUTE_MS,
  );
  supervisor.every(
    "log_compaction",
    settings.traceCompactionHours * HOUR_MS,
    () => storage.logs.compact(),
    25 * MINUTE_MS,
  );
  supervisor.every("log_retention", HOUR_MS, () => storage.logs.retain(), 30 * MINUTE_MS);
  supervisor.every("trace_retention", HOUR_MS, () => storage.spans.retain(), 20 * MINUTE_MS);
  supervisor.every(
    "database_retention",
    HOUR_MS,
    (signal) => applyRetention(storage.database.db, new Date(), undefined, signal),
    10 * MINUTE_MS,
  );
  supervisor.every("service_map_flush", MINUTE_MS, () => storage.connections.flush());
  supervisor.every(
    "service_map_upkeep",
    HOUR_MS,
    async (signal) => {
      await storage.connections.compact(signal);
      if (!signal.aborted) await storage.connections.retain();
    },
    25 * MINUTE_MS,
  );
  return supervisor;
}
