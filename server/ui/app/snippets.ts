/**
 * How to send a first span, with the server's own address filled in.
 *
 * @module
 */

/** One way to send spans. */
export interface Snippet {
  readonly id: string;
  readonly name: string;
  /** What to install or do before, or "". */
  readonly before: string;
  readonly code: string;
}

/**
 * Ways to send spans.
 *
 * @param base Address of the server, without a slash at its end.
 * @param needsKey Whether senders must show an API key.
 */
export function snippetsFor(base: string, needsKey: boolean): Snippet[] {
  const url = `${base}/v1/traces`;
  const key = "<API key>";
  const headerOf = (open: string, close: string) =>
    needsKey ? `${open}"x-api-key": "${key}"${close}` : "";
  return [
    {
      id: "environment",
      name: "Any OpenTelemetry SDK",
      before: "Programs that use OpenTelemetry already need no change:",
      code: `export OTEL_EXPORTER_OTLP_ENDPOINT=${base}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf${
        needsKey ? `\nexport OTEL_EXPORTER_OTLP_HEADERS='x-api-key=${key}'` : ""
      }`,
    },
    {
      id: "javascript",
      name: "OpenTelemetry JS",
      before: "npm install @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto",
      code: `import { NodeSDK, tracing } from "@opentelemetry/sdk-node";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { trace } from "@opentelemetry/api";

const exporter = new OTLPTraceExporter({ url: "${url}"${headerOf(", headers: { ", " }")} });
const sdk = new NodeSDK({
  serviceName: "hello",
  spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
});
sdk.start();
trace.getTracer("first").startSpan("hello").end();
await sdk.shutdown();`,
    },
    {
      id: "python",
      name: "Python",
      before: "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http",
      code: `from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

exporter = OTLPSpanExporter(endpoint="${url}"${headerOf(", headers={", "}")})
provider = TracerProvider(resource=Resource.create({"service.name": "hello"}))
provider.add_span_processor(SimpleSpanProcessor(exporter))
with provider.get_tracer("first").start_as_current_span("hello"):
    pass
provider.shutdown()`,
    },
    {
      id: "scouter",
      name: "Scouter SDK",
      before: "npm install @scouter/sdk",
      code:
        `import { getTracer, HttpSpanExporter, instrument, uninstrument } from "@scouter/sdk/tracing";

instrument({
  serviceName: "hello",
  transport: new HttpSpanExporter({ endpoint: "${base}"${headerOf(", headers: { ", " }")} }),
});
await getTracer("first").withSpan("hello", () => Promise.resolve());
await uninstrument();`,
    },
    {
      id: "curl",
      name: "curl",
      before: "",
      code: `now=$(date +%s)
curl '${url}' -H 'content-type: application/json'${
        needsKey ? ` -H 'x-api-key: ${key}'` : ""
      } -d '{"resourceSpans":[{
  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"hello"}}]},
  "scopeSpans":[{"spans":[{"traceId":"${randomId(16)}","spanId":"${randomId(8)}",
    "name":"hello","kind":1,
    "startTimeUnixNano":"'$now'000000000","endTimeUnixNano":"'$now'250000000"}]}]}]}'`,
    },
  ];
}

/** Random bytes as hexadecimal digits. */
export function randomId(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
