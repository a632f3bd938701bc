from conversation import ask_langchain, run


def instrument(tracers, loggers):
    from opentelemetry.instrumentation.langchain import LangchainInstrumentor

    LangchainInstrumentor().instrument(tracer_provider=tracers)


run(ask_langchain, instrument)
