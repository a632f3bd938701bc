const { askOpenAI, start } = require("./start.cjs");
const { OpenAIInstrumentation } = require("@opentelemetry/instrumentation-openai");

const sdk = start(new OpenAIInstrumentation({ captureMessageContent: true }));
askOpenAI().then(() => sdk.shutdown());
