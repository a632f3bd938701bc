const { askOpenAI, start } = require("./start.cjs");
const { OpenAIInstrumentation } = require("@arizeai/openinference-instrumentation-openai");

const sdk = start(new OpenAIInstrumentation());
askOpenAI().then(() => sdk.shutdown());
