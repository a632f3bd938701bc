/**
 * The segment format as the store uses it.
 *
 * @module
 */

import { createSealer, createSegmentBuilder, traceIdHash } from "../segment/mod.ts";
import type { SegmentCodec } from "./options.ts";

/** The real format; tests may bring another. */
export const SEGMENT_CODEC: SegmentCodec = {
  createBuilder: () => createSegmentBuilder(),
  createSealer,
  traceIdHash,
};
