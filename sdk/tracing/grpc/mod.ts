/**
 * Export over OTLP/gRPC. A module of its own, so that only who uses it loads a gRPC client.
 *
 * @example
 * ```ts
 * import { GrpcSpanExporter } from "@scouter/sdk/tracing/grpc";
 * import { initTracer, shutdownTracer } from "@scouter/sdk/tracing";
 *
 * initTracer({ transport: new GrpcSpanExporter({ endpoint: "http://localhost:4317" }) });
 * await shutdownTracer();
 * ```
 *
 * @module
 */

export { GrpcSpanExporter, type GrpcSpanExporterOptions } from "./grpc_span_exporter.ts";
