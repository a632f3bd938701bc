const { askOpenAI, start } = require("./start.cjs");
const { OpenAIInstrumentation } = require("@traceloop/instrumentation-openai");

const sdk = start(new OpenAIInstrumentation());
askOpenAI().then(() => sdk.shutdown());
