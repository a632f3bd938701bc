// Sends five runs of a travel agent with the OpenTelemetry JS SDK, configured by the standard environment variables
// only. A tool of the fourth fails; the agent makes the best of it and says so. Prints that run's trace id.
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { detectResources, envDetector } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";

const provider = new NodeTracerProvider({
  resource: detectResources({ detectors: [envDetector] }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
const tracer = trace.getTracer("travel-agent", "1.0.0");
const pause = (ms) => new Promise((wake) => setTimeout(wake, ms));
const message = (role, content) => ({ role, parts: [{ type: "text", content }] });

/** The booking system: it knows trains, and for Bern it stands still. */
function findTrains({ to, date }) {
  if (to === "Bern") throw new TypeError(`no timetable for ${to} on ${date}: seats is undefined`);
  return [{ leaves: "08:02", arrives: "12:31", to }];
}

async function callModel(input, output, tokens) {
  const span = tracer.startSpan("chat gpt-4o-mini", {
    kind: SpanKind.CLIENT,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-4o-mini",
      "gen_ai.input.messages": JSON.stringify(input),
    },
  });
  await pause(12);
  span.setAttributes({
    "gen_ai.output.messages": JSON.stringify([output]),
    "gen_ai.usage.input_tokens": tokens,
    "gen_ai.usage.output_tokens": Math.round(tokens / 7),
  });
  span.end();
}

async function callTool(name, input, work) {
  const span = tracer.startSpan(`execute_tool ${name}`, {
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": name,
      "gen_ai.tool.call.arguments": JSON.stringify(input),
    },
  });
  await pause(8);
  try {
    const result = work(input);
    span.setAttribute("gen_ai.tool.call.result", JSON.stringify(result));
    return result;
  } catch (error) {
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    return `failed: ${error.message}`;
  } finally {
    span.end();
  }
}

function run(to) {
  return tracer.startActiveSpan("invoke_agent travel", async (root) => {
    root.setAttributes({ "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "travel" });
    const input = { to, date: "2026-12-24" };
    const question = message("user", `I want to be in ${to} for Christmas.`);
    const call = { type: "tool_call", id: "call_1", name: "find_trains", arguments: input };
    await callModel([question], { role: "assistant", parts: [call] }, 210);
    const trains = await callTool("find_trains", input, findTrains);
    const weather = await callTool("get_weather", { place: to }, () => ({ sky: "snow" }));
    const answer = typeof trains === "string" ? "I found no train." : `Take the one at ${trains[0].leaves}.`;
    await callModel(
      [question, message("tool", JSON.stringify({ trains, weather }))],
      message("assistant", answer),
      420,
    );
    root.end();
    return root.spanContext().traceId;
  });
}

const traceIds = [];
for (const to of ["Zürich", "Basel", "Genève", "Bern", "Lugano"]) traceIds.push(await run(to));
await provider.forceFlush();
await provider.shutdown();
console.log(traceIds[3]);
