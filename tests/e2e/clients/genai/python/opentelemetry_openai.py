from conversation import ask_openai, run


def instrument(tracers, loggers):
    from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

    OpenAIInstrumentor().instrument(tracer_provider=tracers, logger_provider=loggers)


run(ask_openai, instrument)
