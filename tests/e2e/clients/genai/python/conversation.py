"""The same conversation for every instrumentation: a question, a tool call, its result, an answer, and a call that
fails. Where to send telemetry and which provider to ask come from the environment."""

import os

from opentelemetry import trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "Weather of a city", "parameters": PARAMETERS},
}


def run(ask, instrument):
    resource = Resource({"service.name": os.environ["OTEL_SERVICE_NAME"]})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(tracers)
    loggers = LoggerProvider(resource=resource)
    loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    set_logger_provider(loggers)
    instrument(tracers, loggers)
    ask()
    tracers.shutdown()
    loggers.shutdown()


def fails(call):
    from openai import BadRequestError

    try:
        call()
    except BadRequestError:
        return
    raise SystemExit("The call of the broken model should have failed")


def ask_openai():
    from openai import OpenAI

    client = OpenAI(max_retries=0)
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Weather in Oslo?"},
    ]
    create = client.chat.completions.create
    first = create(
        model="gpt-4o-mini", temperature=0.2, max_tokens=100, messages=messages, tools=[WEATHER]
    )
    messages += [
        first.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": "call_1", "content": "4 degrees"},
    ]
    create(model="gpt-4o-mini", messages=messages, tools=[WEATHER])
    fails(
        lambda: create(model="broken-model", messages=[{"role": "user", "content": "Hello?"}])
    )


def ask_langchain():
    from langchain_core.messages import HumanMessage, SystemMessage
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI

    @tool
    def weather(city: str) -> str:
        """Weather of a city"""
        return "4 degrees"

    model = ChatOpenAI(model="gpt-4o-mini", temperature=0.2, max_retries=0).bind_tools([weather])
    messages = [SystemMessage("Be brief."), HumanMessage("Weather in Oslo?")]
    first = model.invoke(messages)
    result = weather.invoke(first.tool_calls[0])
    model.invoke([*messages, first, result])
    fails(lambda: ChatOpenAI(model="broken-model", max_retries=0).invoke("Hello?"))
