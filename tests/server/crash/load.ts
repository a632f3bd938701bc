/**
 * What the killed process and its judge agree on.
 *
 * @module
 */

import type { SpanStoreLimits } from "../../../server/lake/traces/store/mod.ts";

export const BATCH_SPANS = 7;

/** Small segments and files, so that a second sees many seals, compactions and deletions. */
export const LIMITS: Partial<SpanStoreLimits> = {
  sealRows: 150,
  maxFilesPerSegment: 4,
  maxSealing: 2,
  compactMinFiles: 3,
  compactTargetBytes: 200_000,
  vacuumAfterMs: 500,
  commitQuietMs: 1,
  commitMaxWaitMs: 5,
};
