import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  bindPrompt,
  EvalDataset,
  EvaluationError,
  type JudgeProvider,
  LlmJudge,
  type LlmJudgeOptions,
  llmJudgeTask,
  MemoryJudgeStore,
  parseRecord,
  prompt,
  promptParameters,
  SCORE_SCHEMA,
} from "../../../sdk/evaluate/mod.ts";
import { FileJudgeStore } from "../../../sdk/evaluate/node.ts";
import { completion, type FakeAnswer, fakeProvider, type SeenRequest } from "./fake_provider.ts";

const scored = (score: number): string => JSON.stringify({ score, reason: "because" });

function promptFor(provider: JudgeProvider, settings = {}) {
  return prompt({
    model: "m",
    provider,
    messages: "Rate ${answer}",
    systemInstructions: "You are fair",
    settings,
    responseSchema: SCORE_SCHEMA,
  });
}

/** Runs with a fake vendor and a judge that talks to it and never really waits. */
async function withJudge(
  answer: (request: SeenRequest, index: number) => FakeAnswer,
  run: (
    judge: LlmJudge,
    provider: Awaited<ReturnType<typeof fakeProvider>>,
    waits: number[],
  ) => Promise<void>,
  options: LlmJudgeOptions = {},
): Promise<void> {
  const provider = await fakeProvider(answer);
  const waits: number[] = [];
  const settings = { baseUrl: provider.url, apiKey: "secret-key" };
  let clockMs = 0;
  try {
    const judge = new LlmJudge({
      providers: {
        openai: settings,
        anthropic: settings,
        gemini: settings,
        vertex: settings,
        "openai-compatible": { baseUrl: provider.url },
      },
      now: () => clockMs,
      sleep: (delayMs) => {
        waits.push(delayMs);
        clockMs += delayMs;
        return Promise.resolve();
      },
      random: () => 0.5,
      ...options,
    });
    await run(judge, provider, waits);
  } finally {
    await provider.close();
  }
}

const ask = (judge: LlmJudge, provider: JudgeProvider = "openai", maxRetries = 3) =>
  judge.ask({
    prompt: bindPrompt(promptFor(provider), { answer: "42" }),
    maxRetries,
    repetition: 0,
  });

describe("prompts", () => {
  it("put strings in as they are, everything else as JSON, in system instructions too", () => {
    const bound = bindPrompt(
      prompt({
        model: "m",
        provider: "openai",
        messages: ["${a.b} ${list[1]} {plain} $x"],
        systemInstructions: "Be ${tone}",
      }),
      { a: { b: 'say "hi"' }, list: [1, { x: 2 }], tone: "kind" },
    );
    assert.deepEqual(bound.messages, ['say "hi" {"x":2} {plain} $x']);
    assert.deepEqual(bound.systemInstructions, ["Be kind"]);
  });

  it("fail when a value is missing, instead of asking about nothing", () => {
    const needy = prompt({ model: "m", provider: "openai", messages: "${gone}" });
    assert.deepEqual(promptParameters(needy), ["gone"]);
    assert.throws(() => bindPrompt(needy, {}), /\$\{gone\}.*not found/);
  });
});

describe("judges", () => {
  it("speak OpenAI's protocol", async () => {
    await withJudge(() => completion(scored(4)), async (judge, provider) => {
      const answer = await ask(judge);
      assert.deepEqual(answer.value, { score: 4, reason: "because" });
      const [seen] = provider.seen;
      assert.equal(seen?.url, "/chat/completions");
      assert.equal(seen?.headers.authorization, "Bearer secret-key");
      assert.deepEqual(seen?.body.messages, [
        { role: "developer", content: [{ type: "text", text: "You are fair" }] },
        { role: "user", content: [{ type: "text", text: "Rate 42" }] },
      ]);
      assert.deepEqual(seen?.body.response_format, {
        type: "json_schema",
        json_schema: { name: "Score", schema: SCORE_SCHEMA, strict: true },
      });
    });
  });

  it("speak Anthropic's protocol", async () => {
    const body = {
      type: "message",
      role: "assistant",
      model: "m",
      stop_reason: "end_turn",
      content: [{ type: "text", text: "```json\n" + scored(5) + "\n```" }],
      usage: { input_tokens: 3, output_tokens: 4 },
    };
    await withJudge(() => ({ body }), async (judge, provider) => {
      const answer = await ask(judge, "anthropic");
      assert.deepEqual(answer.value, { score: 5, reason: "because" });
      assert.deepEqual(answer.usage, { inputTokens: 3, outputTokens: 4, costUsd: null });
      const [seen] = provider.seen;
      assert.equal(seen?.url, "/messages");
      assert.equal(seen?.headers["x-api-key"], "secret-key");
      assert.equal(seen?.headers["anthropic-version"], "2023-06-01");
      assert.equal(seen?.body.max_tokens, 4096);
      assert.deepEqual(seen?.body.system, [{ type: "text", text: "You are fair" }]);
    });
  });

  it("speak Gemini's protocol, settings in either spelling", async () => {
    const body = {
      candidates: [{
        content: { role: "model", parts: [{ text: scored(3) }] },
        finishReason: "STOP",
      }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 },
    };
    await withJudge(() => ({ body }), async (judge, provider) => {
      const settings = { generation_config: { max_output_tokens: 9 }, temperature: 0 };
      const bound = bindPrompt(promptFor("gemini", settings), { answer: "x" });
      const answer = await judge.ask({ prompt: bound, maxRetries: 0, repetition: 0 });
      assert.deepEqual(answer.value, { score: 3, reason: "because" });
      const [seen] = provider.seen;
      assert.equal(seen?.url, "/m:generateContent");
      assert.equal(seen?.headers["x-goog-api-key"], "secret-key");
      assert.deepEqual(seen?.body.generationConfig, {
        maxOutputTokens: 9,
        temperature: 0,
        responseMimeType: "application/json",
        responseJsonSchema: SCORE_SCHEMA,
      });
      const wrong = bindPrompt(promptFor("gemini", { temprature: 0 }), { answer: "x" });
      await assert.rejects(
        judge.ask({ prompt: wrong, maxRetries: 0, repetition: 0 }),
        /no setting "temprature"/,
      );
    });
  });

  it("speak to compatible servers without a key", async () => {
    await withJudge(() => completion(scored(2)), async (judge, provider) => {
      await ask(judge, "openai-compatible");
      const [seen] = provider.seen;
      assert.equal(seen?.headers.authorization, undefined);
      assert.deepEqual((seen?.body.messages as unknown[])[0], {
        role: "system",
        content: "You are fair",
      });
    });
  });

  it("try again after passing failures, doubling waits with jitter", async () => {
    const answers: FakeAnswer[] = [
      { status: 500, body: "oops" },
      { status: 529, body: "overloaded" },
      completion("prose, not JSON"),
      completion(scored(4)),
    ];
    await withJudge((_r, i) => answers[i] ?? {}, async (judge, provider, waits) => {
      const answer = await ask(judge);
      assert.equal(answer.attempts, 4);
      assert.equal(provider.seen.length, 4);
      // Half of 500, 1000 and 2000 ms.
      assert.deepEqual(waits, [250, 500, 1000]);
      assert.equal(judge.totals.retries, 3);
      // Tokens of the unusable answer were paid for.
      assert.deepEqual(answer.usage, { inputTokens: 20, outputTokens: 10, costUsd: null });
    });
  });

  it("wait as long as the vendor asks, and hold back other calls too", async () => {
    const answers: FakeAnswer[] = [
      { status: 429, headers: { "retry-after": "7" } },
      completion(scored(4)),
    ];
    await withJudge((_r, i) => answers[i] ?? completion(scored(4)), async (judge, _p, waits) => {
      await ask(judge);
      assert.deepEqual(waits, [7250]);
    });
  });

  it("give up when the vendor asks for more than is allowed", async () => {
    const answer = { status: 429, headers: { "retry-after": "3600" }, body: "quota" };
    await withJudge(() => answer, async (judge, provider) => {
      await assert.rejects(ask(judge), /no usable answer in 1 attempt.*HTTP 429/s);
      assert.equal(provider.seen.length, 1);
    });
  });

  it("do not repeat what will fail again, and keep the key out of messages", async () => {
    await withJudge(() => ({ status: 401, body: "bad key" }), async (judge, provider) => {
      await assert.rejects(ask(judge), (error) => {
        assert.ok(error instanceof EvaluationError);
        assert.equal(error.code, "PROVIDER_ERROR");
        assert.ok(!error.message.includes("secret-key"));
        return true;
      });
      assert.equal(provider.seen.length, 1);
    });
  });

  it("take a silent vendor for a passing failure", async () => {
    await withJudge(
      (_r, i) => i === 0 ? { ...completion(scored(1)), delayMs: 2000 } : completion(scored(4)),
      async (judge) => {
        const answer = await ask(judge);
        assert.equal(answer.attempts, 2);
      },
      { timeoutMs: 200 },
    );
  });

  it("say which variable is missing", async () => {
    const judge = new LlmJudge({ env: {} });
    await assert.rejects(ask(judge), /OPENAI_API_KEY/);
    await assert.rejects(ask(judge, "anthropic"), /ANTHROPIC_API_KEY/);
    await assert.rejects(ask(judge, "gemini"), /GEMINI_API_KEY/);
    await assert.rejects(ask(judge, "vertex"), /GOOGLE_CLOUD_PROJECT/);
    await assert.rejects(ask(judge, "openai-compatible"), /OPENAI_COMPATIBLE_URL/);
  });

  it("count costs by model", async () => {
    await withJudge(() => completion(scored(4), 1_000_000, 100_000), async (judge) => {
      const answer = await ask(judge);
      assert.equal(answer.usage.costUsd, 2.5 + 1);
      assert.equal(judge.totals.usage.costUsd, 3.5);
    }, { prices: { m: { inputPerMillionUsd: 2.5, outputPerMillionUsd: 10 } } });
  });

  it("ask the same question once when answers are kept", async () => {
    await withJudge(() => completion(scored(4)), async (judge, provider) => {
      const answers = await Promise.all([ask(judge), ask(judge), ask(judge)]);
      assert.equal((await ask(judge)).cached, true);
      assert.equal(provider.seen.length, 1);
      assert.deepEqual(answers.map((answer) => answer.value), Array(3).fill(answers[0]?.value));
      assert.equal(answers.reduce((sum, answer) => sum + answer.usage.inputTokens, 0), 10);
    }, { store: new MemoryJudgeStore() });
  });

  it("record to a file and replay without a network", async () => {
    const folder = await mkdtemp(join(tmpdir(), "judge-"));
    const path = join(folder, "deep", "recording.jsonl");
    try {
      await withJudge(() => completion(scored(4)), async (judge) => {
        await ask(judge);
      }, { store: new FileJudgeStore(path), mode: "record" });
      const text = await readFile(path, "utf8");
      assert.equal(text.trim().split("\n").length, 1);
      assert.ok(!text.includes("secret-key"));
      const offline = new LlmJudge({
        store: new FileJudgeStore(path),
        mode: "replay",
        fetch: () => Promise.reject(new Error("no network here")),
      });
      assert.deepEqual((await ask(offline)).value, { score: 4, reason: "because" });
      await assert.rejects(
        offline.ask({ prompt: promptFor("openai"), maxRetries: 0, repetition: 0 }),
        /recording has no answer/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("bound how many calls are under way", async () => {
    await withJudge(() => ({ ...completion(scored(4)), delayMs: 20 }), async (judge, provider) => {
      await Promise.all(Array.from({ length: 12 }, () => ask(judge)));
      assert.equal(provider.seen.length, 12);
      assert.equal(provider.mostAtOnce(), 3);
    }, { concurrency: 3 });
  });

  it("space calls when a rate is given", async () => {
    await withJudge(() => completion(scored(4)), async (judge, _provider, waits) => {
      for (let i = 0; i < 3; i++) await ask(judge);
      assert.deepEqual(waits, [1000, 1000]);
    }, { requestsPerMinute: 60 });
  });

  it("stop when told to", async () => {
    await withJudge(() => ({ ...completion(scored(4)), delayMs: 1000 }), async (judge) => {
      const stop = new AbortController();
      const asking = judge.ask({
        prompt: promptFor("openai"),
        maxRetries: 3,
        repetition: 0,
        signal: stop.signal,
      });
      stop.abort(new Error("enough"));
      await assert.rejects(asking, /enough/);
    });
  });
});

describe("repeated judgements", () => {
  const task = (repeat: number) =>
    llmJudgeTask({
      id: "judge",
      prompt: promptFor("openai"),
      contextPath: "score",
      operator: "GreaterThanOrEqual",
      expectedValue: 4,
      repeat,
    });
  const evaluate = async (scores: readonly number[], repeat: number) => {
    let result: Awaited<ReturnType<EvalDataset["evaluate"]>> | undefined;
    await withJudge((_r, i) => completion(scored(scores[i] ?? 1)), async (judge) => {
      const record = parseRecord({ id: "r", context: { answer: "42" } });
      result = await new EvalDataset([record], [task(repeat)]).evaluate({ judge });
    }, { concurrency: 1 });
    assert.ok(result !== undefined);
    return result;
  };

  it("agree, with an interval", async () => {
    const results = await evaluate([4, 5, 4, 5, 4], 5);
    const [outcome] = results.get("r")?.outcomes ?? [];
    assert.equal(outcome?.stability?.agreement, 1);
    assert.equal(outcome?.stability?.verdict, "passed");
    assert.equal(results.summary().passed, 1);
    assert.equal(results.summary().usage.inputTokens, 50);
  });

  it("are unsure when they disagree, which is neither passed nor failed", async () => {
    const results = await evaluate([4, 1, 4], 3);
    assert.equal(results.get("r")?.unmeasured[0]?.reason, "unsure");
    assert.deepEqual(
      [results.summary().passed, results.summary().failed, results.summary().unmeasured],
      [0, 0, 1],
    );
  });
});
