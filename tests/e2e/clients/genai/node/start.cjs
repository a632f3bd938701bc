// The same conversation for every instrumentation: a question, a tool call, its result, an answer, and a call that
// fails. Where to send telemetry and which provider to ask come from the environment.
const { NodeSDK } = require("@opentelemetry/sdk-node");

const PARAMETERS = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
};

exports.PARAMETERS = PARAMETERS;

exports.start = (...instrumentations) => {
  const serviceName = process.env.OTEL_SERVICE_NAME;
  const sdk = new NodeSDK({ serviceName, instrumentations, autoDetectResources: false });
  sdk.start();
  return sdk;
};

async function fails(call) {
  const error = await call.then(() => null, (error) => error);
  if (error === null) throw new Error("The call of the broken model should have failed");
}

exports.fails = fails;

exports.askOpenAI = async () => {
  const { OpenAI } = require("openai");
  const client = new OpenAI({ maxRetries: 0 });
  const tools = [{
    type: "function",
    function: { name: "weather", description: "Weather of a city", parameters: PARAMETERS },
  }];
  const messages = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Weather in Oslo?" },
  ];
  const model = "gpt-4o-mini";
  const first = await client.chat.completions.create({
    model,
    temperature: 0.2,
    max_tokens: 100,
    messages,
    tools,
  });
  messages.push(
    first.choices[0].message,
    { role: "tool", tool_call_id: "call_1", content: "4 degrees" },
  );
  await client.chat.completions.create({ model, messages, tools });
  await fails(
    client.chat.completions.create({
      model: "broken-model",
      messages: [{ role: "user", content: "Hello?" }],
    }),
  );
};

exports.askLangChain = async () => {
  const { ChatOpenAI } = require("@langchain/openai");
  const { HumanMessage, SystemMessage } = require("@langchain/core/messages");
  const { tool } = require("@langchain/core/tools");
  const weather = tool(() => "4 degrees", {
    name: "weather",
    description: "Weather of a city",
    schema: PARAMETERS,
  });
  const model = new ChatOpenAI({ model: "gpt-4o-mini", temperature: 0.2, maxRetries: 0 })
    .bindTools([weather]);
  const messages = [new SystemMessage("Be brief."), new HumanMessage("Weather in Oslo?")];
  const first = await model.invoke(messages);
  const result = await weather.invoke(first.tool_calls[0]);
  await model.invoke([...messages, first, result]);
  await fails(new ChatOpenAI({ model: "broken-model", maxRetries: 0 }).invoke("Hello?"));
};
