const { askLangChain, start } = require("./start.cjs");
const { LangChainInstrumentation } = require("@traceloop/instrumentation-langchain");

const instrumentation = new LangChainInstrumentation();
const sdk = start(instrumentation);
instrumentation.manuallyInstrument({
  callbackManagerModule: require("@langchain/core/callbacks/manager"),
});
askLangChain().then(() => sdk.shutdown());
