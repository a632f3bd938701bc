/**
 * A nightly run with a judge that is asked three times per record, so that its own wavering shows
 * as "unsure" instead of as noise. The judge's answers come from a store: recorded once
 * (`--judge-mode record`), replayed ever after without network or key. Runs offline:
 * `deno run -A examples/eval_nightly.ts`.
 */

import {
  assertionTask,
  bindPrompt,
  EvalDataset,
  LlmJudge,
  llmJudgeTask,
  MemoryJudgeStore,
  parseRecord,
  prompt,
  SCORE_SCHEMA,
} from "../sdk/evaluate/mod.ts";

const records = [
  parseRecord({ id: "clear", context: { answer: "Bern is the seat of the government." } }),
  parseRecord({ id: "vague", context: { answer: "It depends on whom you ask." } }),
  parseRecord({ id: "empty", context: { answer: "" } }),
];

const judge = llmJudgeTask({
  id: "helpful",
  prompt: prompt({
    model: "gpt-4o-mini",
    provider: "openai",
    messages: "How helpful is this answer, from 1 to 5?\n\n${answer}",
    responseSchema: SCORE_SCHEMA,
  }),
  contextPath: "score",
  operator: "GreaterThanOrEqual",
  expectedValue: 4,
  repeat: 3,
  dependsOn: ["answered"],
});
const tasks = [
  // Nobody pays for judging an empty answer.
  assertionTask({
    id: "answered",
    contextPath: "answer",
    operator: "IsNotEmpty",
    condition: true,
  }),
  judge,
];

// What a model said when this was recorded; a real run keeps it in a FileJudgeStore.
const recorded: Readonly<Record<string, readonly number[]>> = {
  clear: [5, 4, 5],
  vague: [4, 2, 4],
};
const store = new MemoryJudgeStore();
const recorder = new LlmJudge({
  store,
  mode: "record",
  env: { OPENAI_API_KEY: "not needed here" },
  concurrency: 1,
  fetch: () => {
    const score = scores.shift() ?? 3;
    return Promise.resolve(Response.json({
      model: "gpt-4o-mini",
      choices: [{
        finish_reason: "stop",
        message: { role: "assistant", content: JSON.stringify({ score, reason: "recorded" }) },
      }],
      usage: { prompt_tokens: 40, completion_tokens: 12, total_tokens: 52 },
    }));
  },
});
const scores: number[] = [];
for (const record of records) {
  scores.push(...recorded[record.recordId] ?? []);
  for (let repetition = 0; scores.length > 0; repetition++) {
    const bound = bindPrompt(judge.prompt, record.context as { answer: string });
    await recorder.ask({ prompt: bound, maxRetries: 0, repetition });
  }
}

const offline = new LlmJudge({
  store,
  mode: "replay",
  fetch: () => Promise.reject(new Error("there is no network in CI")),
});
const results = await new EvalDataset(records, tasks).evaluate({ judge: offline });
console.log(results.toTable({ showTasks: true }));
for (const result of results.alignedResults) {
  for (const { task, stability } of result.outcomes) {
    if (stability === undefined) continue;
    const [low, high] = stability.interval.map((bound) => bound.toFixed(2));
    console.log(
      `${result.recordId}: ${task.id} ${stability.verdict}, ` +
        `${stability.passed} of ${stability.votes} votes, interval ${low} to ${high}`,
    );
  }
}
