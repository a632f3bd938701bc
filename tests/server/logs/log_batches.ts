/**
 * What the killed process and its judge agree on.
 *
 * @module
 */

import { int, spanId, traceId } from "../segment/support.ts";
import { logRequest } from "./log_requests.ts";

export const BATCH_RECORDS = 7;
/** 2026-05-10T00:00:00Z */
const START_NS = BigInt(Date.UTC(2026, 4, 10)) * 1_000_000n;
const DAY_NS = 86_400_000_000_000n;

/** Batch `batch`: records whose bodies number them, every other batch of the next day, every third without a trace. */
export function batchBody(batch: number): Uint8Array {
  return logRequest(
    ...Array.from({ length: BATCH_RECORDS }, (_, i) => {
      const number = batch * BATCH_RECORDS + i;
      return {
        timeUnixNano: START_NS + BigInt(batch % 2) * DAY_NS + BigInt(number) * 1_000_000n,
        body: int(BigInt(number)),
        ...(number % 3 === 0 ? {} : { traceId: traceId(batch), spanId: spanId(number) }),
      };
    }),
  );
}
