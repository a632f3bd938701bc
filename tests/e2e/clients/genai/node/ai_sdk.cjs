const { fails, PARAMETERS, start } = require("./start.cjs");

async function ask() {
  const { generateText, jsonSchema, stepCountIs, tool } = await import("ai");
  const { createOpenAI } = await import("@ai-sdk/openai");
  const provider = createOpenAI({});
  const weather = tool({
    description: "Weather of a city",
    inputSchema: jsonSchema(PARAMETERS),
    execute: () => Promise.resolve("4 degrees"),
  });
  const common = { maxRetries: 0, experimental_telemetry: { isEnabled: true } };
  await generateText({
    ...common,
    model: provider.chat("gpt-4o-mini"),
    system: "Be brief.",
    prompt: "Weather in Oslo?",
    temperature: 0.2,
    tools: { weather },
    stopWhen: stepCountIs(3),
  });
  await fails(generateText({ ...common, model: provider.chat("broken-model"), prompt: "Hello?" }));
}

const sdk = start();
ask().then(() => sdk.shutdown());
