/**
 * Asks a real model when a key is set (OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY), and
 * says so when none is: `deno run -A examples/eval_live_judge.ts`.
 */

import process from "node:process";
import {
  EvalDataset,
  type JudgeProvider,
  LlmJudge,
  llmJudgeTask,
  parseRecord,
  prompt,
  SCORE_SCHEMA,
} from "../sdk/evaluate/mod.ts";

const vendors: readonly [key: string, provider: JudgeProvider, model: string][] = [
  ["OPENAI_API_KEY", "openai", "gpt-4o-mini"],
  ["ANTHROPIC_API_KEY", "anthropic", "claude-haiku-4-5"],
  ["GEMINI_API_KEY", "gemini", "gemini-2.5-flash"],
];
const vendor = vendors.find(([key]) => process.env[key]);

if (vendor === undefined) {
  console.log(`Set ${vendors.map(([key]) => key).join(", ")} to ask a real judge.`);
} else {
  const [, provider, model] = vendor;
  const task = llmJudgeTask({
    id: "helpful",
    prompt: prompt({
      provider,
      model,
      messages: "Question: ${question}\nAnswer: ${answer}\nHow helpful is the answer, 1 to 5?",
      responseSchema: SCORE_SCHEMA,
    }),
    contextPath: "score",
    operator: "GreaterThanOrEqual",
    expectedValue: 4,
  });
  const record = parseRecord({
    id: "capital",
    context: { question: "What is the capital of France?", answer: "Paris." },
  });
  const judge = new LlmJudge({ env: process.env, timeoutMs: 60_000 });
  const results = await new EvalDataset([record], [task]).evaluate({ judge });
  console.log(results.toTable({ showTasks: true }));
  console.log(judge.totals);
}
