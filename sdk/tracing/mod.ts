/**
 * Tracing on OpenTelemetry: spans of functions, services and agents, sent to Scouter over OTLP.
 *
 * @example
 * ```ts
 * import { instrument, getTracer, TestSpanExporter, uninstrument } from "@scouter/sdk/tracing";
 *
 * instrument({ serviceName: "shop", transport: new TestSpanExporter() });
 * const total = await getTracer("checkout").withSpan("pay", async (span) => {
 *   span.setTag("tenant", "acme");
 *   return await Promise.resolve(12.5);
 * });
 * console.log(total);
 * await uninstrument();
 * ```
 *
 * @module
 */

export type * from "./opentelemetry.ts";
export type { Transport, TransportConfig, TransportType } from "../queue/transport.ts";
export { type ProfileLike, withActiveProfile } from "./active_profile.ts";
export {
  type AttributeInput,
  flattenAttributes,
  toAttributes,
  toAttributeValue,
} from "./attribute_value.ts";
export type { BatchConfig, ExportStats } from "./batch.ts";
export { captureJson, type CaptureLimits } from "./capture_json.ts";
export type { TraceClock } from "./clock.ts";
export * from "./constants.ts";
export { TracingError, type TracingErrorCode } from "./errors.ts";
export {
  HttpSpanExporter,
  type HttpSpanExporterOptions,
  type OtlpProtocol,
} from "./exporters/otlp_http.ts";
export { StdoutSpanExporter, type StdoutSpanExporterOptions } from "./exporters/stdout.ts";
export { TestSpanExporter } from "./exporters/test_span_exporter.ts";
export {
  TransportSpanExporter,
  type TransportSpanExporterOptions,
} from "./exporters/transport_exporter.ts";
export type { EndedSpan, ExporterOptions, ScouterExporter } from "./exporters/types.ts";
export {
  flushTracer,
  getTracer,
  initTracer,
  type InitTracerOptions,
  instrument,
  type InstrumentationLike,
  type InstrumentOptions,
  ScouterInstrumentor,
  shutdownTracer,
  uninstrument,
} from "./instrumentor.ts";
export {
  disableLocalCapture,
  drainLocalSpans,
  enableLocalCapture,
  getLocalSpansByTraceIds,
  type LocalCaptureOptions,
  localCaptureStats,
} from "./local_capture.ts";
export { type FetchHandler, tracingMiddleware } from "./middleware/fetch_handler.ts";
export { type HonoContextLike, type HonoTracing, honoTracing } from "./middleware/hono.ts";
export {
  type NodeRequestLike,
  type NodeResponseLike,
  type NodeTracing,
  nodeTracing,
} from "./middleware/node_http.ts";
export { tracedFetch, type TracedFetchOptions } from "./middleware/outgoing.ts";
export type { HeaderCarrier } from "./propagation/carrier.ts";
export { type ExtractedSpanContext, extractSpanContext } from "./propagation/extract.ts";
export { getTracingHeaders, type TracingHeaders } from "./propagation/outgoing.ts";
export { ScouterPropagator } from "./propagation/propagator.ts";
export { formatTraceparent, parseTraceparent } from "./propagation/traceparent.ts";
export { parseTracestate } from "./propagation/tracestate.ts";
export {
  type ProviderStats,
  ScouterTracerProvider,
  type SpanTransport,
  type TracerProviderOptions,
} from "./provider.ts";
export type { SpanQueue, SpanQueueEntity, SpanQueueEntry } from "./queue.ts";
export { ScouterSpan, type SpanSurroundings } from "./span.ts";
export { type SpanKindName, toSpanKind } from "./span_kind.ts";
export type {
  AttributeRecord,
  BaggageRecord,
  JsonValue,
  SpanEventRecord,
  SpanLinkRecord,
  SpanRecord,
  TagRecord,
} from "./span_record.ts";
export { type FunctionType, getFunctionType, traced, type TracedOptions } from "./traced.ts";
export {
  getCurrentActiveSpan,
  type ParentIds,
  type ScouterSpanOptions,
  ScouterTracer,
  type ScouterTracerOptions,
} from "./tracer.ts";
