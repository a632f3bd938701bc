/**
 * A chain of LangChain.js, watched by OpenLLMetry. A local server plays the model.
 *
 *     node examples/auto_instrumentation/langchain_openllmetry.ts
 *
 * @module
 */

import { LangChainInstrumentation } from "@traceloop/instrumentation-langchain";
import * as callbackManager from "@langchain/core/callbacks/manager";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { ChatOpenAI } from "@langchain/openai";
import { getTracer, instrument } from "../../sdk/tracing/mod.ts";
import { startFakeProvider } from "./fake_provider.ts";
import { showTrace } from "./show_trace.ts";

const instrumentation = new LangChainInstrumentation();
instrumentation.manuallyInstrument({ callbackManagerModule: callbackManager });
instrument({ serviceName: "support", instrumentations: [instrumentation] });

const provider = await startFakeProvider();
const model = new ChatOpenAI({
  model: "gpt-test",
  apiKey: "none",
  configuration: { baseURL: provider.baseURL },
});
const chain = ChatPromptTemplate.fromTemplate("Answer the customer: {question}")
  .pipe(model).pipe(new StringOutputParser());

const traceId = await getTracer("support").withSpan("answer", async (span) => {
  console.log(await chain.invoke({ question: "Where is my order?" }));
  return span.spanContext().traceId;
});
provider.close();
await showTrace(traceId);
