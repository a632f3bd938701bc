from conversation import ask_openai, run


def instrument(tracers, loggers):
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor

    OpenAIInstrumentor().instrument(tracer_provider=tracers)


run(ask_openai, instrument)
