/**
 * The segment codec: OTLP requests into columns, columns into Parquet.
 *
 * @module
 */
export { createSegmentBuilder, type SegmentBuilderOptions } from "./builder.ts";
export { sealSegment } from "./seal.ts";
export { createSealer, type Sealer } from "./sealer.ts";
export { traceIdHash, traceIdHashFromHex } from "./trace_id_hash.ts";
