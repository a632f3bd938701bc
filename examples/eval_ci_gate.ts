/**
 * A CI gate: recorded responses of three vendors, the same questions to all of them, exit code 1
 * when the agent got worse. Runs offline: `deno run -A examples/eval_ci_gate.ts`.
 *
 * The same from the command line, with files instead of code:
 * `scouter eval run --records … --tasks … --junit report.xml`.
 */

import process from "node:process";
import {
  agentAssertion,
  agentAssertionTask,
  assertionTask,
  EvalDataset,
  parseRecord,
} from "../sdk/evaluate/mod.ts";

const question = "What is the weather in Bern?";

/** What each vendor's model answered to the question, as its API sent it. */
const records = [
  parseRecord({
    id: "openai",
    context: {
      question,
      response: {
        id: "chatcmpl-1",
        model: "gpt-4o",
        choices: [{
          index: 0,
          finish_reason: "tool_calls",
          message: {
            role: "assistant",
            content: null,
            tool_calls: [{
              id: "call_1",
              type: "function",
              function: { name: "get_weather", arguments: '{"city":"Bern","unit":"celsius"}' },
            }],
          },
        }],
        usage: { prompt_tokens: 82, completion_tokens: 17, total_tokens: 99 },
      },
    },
  }),
  parseRecord({
    id: "anthropic",
    context: {
      question,
      response: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "claude-sonnet-4-5",
        stop_reason: "tool_use",
        content: [
          { type: "text", text: "Let me look that up." },
          { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Bern" } },
        ],
        usage: { input_tokens: 390, output_tokens: 54 },
      },
    },
  }),
  parseRecord({
    id: "gemini",
    context: {
      question,
      response: {
        candidates: [{
          finishReason: "STOP",
          content: {
            role: "model",
            parts: [{ functionCall: { name: "get_weather", args: { city: "Bern" } } }],
          },
        }],
        usageMetadata: { promptTokenCount: 61, candidatesTokenCount: 12, totalTokenCount: 73 },
        modelVersion: "gemini-2.5-flash",
      },
    },
  }),
];

const tasks = [
  // A gate: without a question there is nothing to ask about the answer.
  assertionTask({ id: "asked", contextPath: "question", operator: "IsNotEmpty", condition: true }),
  agentAssertionTask({
    id: "looked-it-up",
    contextPath: "response",
    assertion: agentAssertion.toolCalledWithArgs("get_weather", { city: "Bern" }),
    operator: "Equals",
    expectedValue: true,
    dependsOn: ["asked"],
  }),
  agentAssertionTask({
    id: "frugal",
    contextPath: "response",
    assertion: agentAssertion.responseTotalTokens(),
    operator: "LessThan",
    expectedValue: 500,
    dependsOn: ["asked"],
  }),
];

const dataset = new EvalDataset(records, tasks);
console.log(dataset.planAsText());
const results = await dataset.evaluate({ compatibility: "strict" });
console.log(results.toTable({ showTasks: true }));

const { passed, failed, unmeasured } = results.summary();
console.log(`${passed} passed, ${failed} failed, ${unmeasured} unmeasured`);
process.exitCode = failed > 0 ? 1 : unmeasured > 0 ? 3 : 0;
