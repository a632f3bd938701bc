const { askLangChain, start } = require("./start.cjs");
const { LangChainInstrumentation } = require("@arizeai/openinference-instrumentation-langchain");

const instrumentation = new LangChainInstrumentation();
const sdk = start(instrumentation);
instrumentation.manuallyInstrument(require("@langchain/core/callbacks/manager"));
askLangChain().then(() => sdk.shutdown());
