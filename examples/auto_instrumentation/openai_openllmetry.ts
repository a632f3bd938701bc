/**
 * Calls of OpenAI's client, watched by OpenLLMetry. A local server plays the model.
 *
 *     node examples/auto_instrumentation/openai_openllmetry.ts
 *
 * @module
 */

import { OpenAIInstrumentation } from "@traceloop/instrumentation-openai";
import OpenAI from "openai";
import { getTracer, instrument } from "../../sdk/tracing/mod.ts";
import { startFakeProvider } from "./fake_provider.ts";
import { showTrace } from "./show_trace.ts";

const instrumentation = new OpenAIInstrumentation();
instrumentation.manuallyInstrument(OpenAI);
instrument({ serviceName: "support", instrumentations: [instrumentation] });

const provider = await startFakeProvider();
const client = new OpenAI({ apiKey: "none", baseURL: provider.baseURL });
const question = { role: "user" as const, content: "Where is my order?" };

const traceId = await getTracer("support").withSpan("answer", async (span) => {
  const whole = await client.chat.completions.create({ model: "gpt-test", messages: [question] });
  console.log(whole.choices[0]?.message.content);
  const stream = await client.chat.completions.create({
    model: "gpt-test",
    messages: [question],
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
  console.log(text);
  return span.spanContext().traceId;
});
provider.close();
await showTrace(traceId);
