from conversation import ask_langchain, run


def instrument(tracers, loggers):
    from openinference.instrumentation.langchain import LangChainInstrumentor

    LangChainInstrumentor().instrument(tracer_provider=tracers)


run(ask_langchain, instrument)
