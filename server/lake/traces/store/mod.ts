/**
 * The durable span store.
 *
 * @module
 */

export {
  DEFAULT_LIMITS,
  type SegmentCodec,
  type SegmentSealer,
  type SpanStoreLimits,
  type SpanStoreOptions,
  type StoreHook,
  type StorePoint,
} from "./options.ts";
export { type DurableSpanStore, openSpanStore } from "./store.ts";
