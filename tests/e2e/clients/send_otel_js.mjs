// Sends three spans of one trace with the OpenTelemetry JS SDK, configured by the standard environment variables only.
// Prints the trace id. Usage: node send_otel_js.mjs proto|http|grpc
import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { detectResources, envDetector } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const protocol = process.argv[2];
const { OTLPTraceExporter } = await import(`@opentelemetry/exporter-trace-otlp-${protocol}`);
const exporter = new OTLPTraceExporter();
const provider = new NodeTracerProvider({
  resource: detectResources({ detectors: [envDetector] }),
  spanProcessors: [new BatchSpanProcessor(exporter)],
});
provider.register();

const tracer = trace.getTracer("checkout", "1.2.3");
const root = tracer.startSpan("POST /checkout", {
  attributes: { "http.response.status_code": 500, "cart.total": 12.5, "cart.items": ["tea", "mug"], vip: true },
});
const inRoot = trace.setSpan(context.active(), root);
const pay = tracer.startSpan("charge card", {}, inRoot);
pay.addEvent("retry", { attempt: 2 });
pay.recordException(new Error("card declined"));
pay.setStatus({ code: SpanStatusCode.ERROR, message: "card declined" });
pay.end();
tracer.startSpan("send mail", { links: [{ context: pay.spanContext() }] }, inRoot).end();
root.end();
await provider.forceFlush();
await provider.shutdown();
console.log(root.spanContext().traceId);
