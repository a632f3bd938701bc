"""Sends three spans of one trace with the OpenTelemetry Python SDK, configured by the standard environment variables
only. Prints the trace id. Usage: python send_otel_python.py http|grpc"""

import sys

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

if sys.argv[1] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("checkout", "1.2.3")
with tracer.start_as_current_span("POST /checkout") as root:
    root.set_attribute("cart.total", 12.5)
    root.set_attribute("cart.items", ["tea", "mug"])
    with tracer.start_as_current_span("charge card") as pay:
        pay.add_event("retry", {"attempt": 2})
        pay.set_status(trace.Status(trace.StatusCode.ERROR, "card declined"))
    with tracer.start_as_current_span("send mail"):
        pass
provider.shutdown()
print(format(root.get_span_context().trace_id, "032x"))
