/**
 * What recognising repeated spans costs on the hot path: CPU time per span of the deduplication window alone, nearly
 * empty and full.
 *
 * @module
 */

import process from "node:process";
import { DedupWindow } from "../server/lake/traces/store/dedup_window.ts";
import type { Figures } from "./lib/results.ts";
import { round3 } from "./lib/stats.ts";

const SPANS_PER_REQUEST = 512;
const ID_BYTES = 24;

/** Admits new spans into a window of the given size that holds `filled` spans, and counts CPU time. */
function costNs(windowSpans: number, filled: number, spans: number): number {
  const window = new DedupWindow(windowSpans, 3_600_000, [1, 2]);
  const ids = new Uint8Array(SPANS_PER_REQUEST * ID_BYTES);
  const admit = (count: number) => {
    for (let done = 0; done < count; done += SPANS_PER_REQUEST) {
      crypto.getRandomValues(ids);
      const before = process.cpuUsage();
      window.begin(0);
      for (let at = 0; at < ids.length; at += ID_BYTES) window.admit(ids, at, at + 16);
      const used = process.cpuUsage(before);
      cpuUs += used.user + used.system;
    }
  };
  let cpuUs = 0;
  admit(filled);
  cpuUs = 0;
  admit(spans);
  return cpuUs * 1000 / spans;
}

/** Runs both sizes. */
export function benchDedup(): Promise<Figures> {
  costNs(100_000, 0, 200_000);
  return Promise.resolve({
    small_window_cpu_ns_per_span: round3(costNs(100_000, 20_000, 20_480)),
    full_window_cpu_ns_per_span: round3(costNs(4_000_000, 1_500_000, 409_600)),
  });
}
