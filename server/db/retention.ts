/**
 * Removes what has outlived its use.
 *
 * @module
 */

import type { Kysely } from "kysely";
import type { ScouterSchema } from "./schema.ts";
import { SessionRepository } from "./sessions.ts";
import { TraceBaggageRepository } from "./trace_baggage.ts";
import { TraceEntityRepository } from "./trace_entities.ts";

const DAY_MS = 86_400_000;
/** Rows per statement: short statements let others in between, which the single session of PGlite needs. */
const CHUNK_ROWS = 5000;

/** What one pass removed. */
export interface RetentionResult {
  readonly baggage: number;
  readonly entities: number;
  readonly sessions: number;
}

/**
 * Removes baggage and trace entities older than `retentionDays` and sessions expired for a day. For a background
 * loop to call, hourly or so; several processes may call it at once.
 */
export async function applyRetention(
  db: Kysely<ScouterSchema>,
  now: Date,
  retentionDays = 30,
  signal?: AbortSignal,
): Promise<RetentionResult> {
  const before = new Date(now.getTime() - retentionDays * DAY_MS);
  const baggage = new TraceBaggageRepository(db);
  const entities = new TraceEntityRepository(db);
  return {
    baggage: await untilDone(() => baggage.deleteBefore(before, CHUNK_ROWS), signal),
    entities: await untilDone(() => entities.deleteBefore(before, CHUNK_ROWS), signal),
    sessions: await new SessionRepository(db).deleteExpired(new Date(now.getTime() - DAY_MS)),
  };
}

async function untilDone(removeSome: () => Promise<number>, signal?: AbortSignal): Promise<number> {
  let total = 0;
  for (;;) {
    const removed = await removeSome();
    total += removed;
    if (removed < CHUNK_ROWS || signal?.aborted) return total;
  }
}
