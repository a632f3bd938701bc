import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import {
  type AnswerSchema,
  EvalDataset,
  LlmJudge,
  llmJudgeTask,
  parseRecord,
  prompt,
  type PromptOptions,
  serialiseTask,
} from "../../../sdk/evaluate/mod.ts";
import { completion, fakeProvider } from "./fake_provider.ts";

const VERDICT = z.object({
  polite: z.boolean(),
  reasons: z.array(z.object({ text: z.string() })).default([]),
});

const made = (responseSchema: AnswerSchema, more: Partial<PromptOptions> = {}) =>
  prompt({ model: "m", provider: "openai", messages: "Judge", responseSchema, ...more });

/** A schema of a library without JSON Schema: even numbers, doubled, checked asynchronously. */
const EVEN: StandardSchemaV1<unknown, { n: number }> = {
  "~standard": {
    version: 1,
    vendor: "by-hand",
    validate: (value) => {
      const n = (value as { n?: unknown }).n;
      return Promise.resolve(
        typeof n === "number" && n % 2 === 0
          ? { value: { n: n * 2 } }
          : { issues: [{ message: "not even", path: [{ key: "n" }] }] },
      );
    },
  },
};
const EVEN_JSON = { type: "object", properties: { n: { type: "integer" } } };

async function asked(
  schema: ReturnType<typeof made>,
  answers: readonly string[],
  maxRetries = 3,
) {
  const provider = await fakeProvider((_request, index) =>
    completion(answers[Math.min(index, answers.length - 1)] ?? "")
  );
  try {
    const judge = new LlmJudge({
      providers: { openai: { baseUrl: provider.url, apiKey: "k" } },
      sleep: () => Promise.resolve(),
    });
    const answer = await judge.ask({ prompt: schema, maxRetries, repetition: 0 });
    return { answer, seen: provider.seen };
  } finally {
    await provider.close();
  }
}

describe("answers held against a Standard Schema", () => {
  it("send the JSON Schema of the schema's own library, closed for strict modes", () => {
    assert.deepEqual(made(VERDICT).responseSchema, {
      type: "object",
      properties: {
        polite: { type: "boolean" },
        reasons: {
          default: [],
          type: "array",
          items: {
            type: "object",
            properties: { text: { type: "string" } },
            required: ["text"],
            additionalProperties: false,
          },
        },
      },
      required: ["polite"],
      additionalProperties: false,
    });
  });

  it("leave objects open that say so, and do not close parts of an intersection", () => {
    const open = made(z.looseObject({ a: z.string() })).responseSchema;
    assert.deepEqual(open?.additionalProperties, {});
    const part = (name: string) => ({ type: "object", properties: { [name]: {} } });
    const both = { allOf: [part("a"), part("b")], properties: {} };
    const schema = {
      "~standard": {
        version: 1,
        vendor: "by-hand",
        validate: (value: unknown) => ({ value }),
        jsonSchema: { input: () => both, output: () => both },
      },
    } as const;
    assert.deepEqual(made(schema).responseSchema, both);
  });

  it("are asked again until they follow it, and come with defaults filled in", async () => {
    const { answer, seen } = await asked(made(VERDICT), ['{"polite":"yes"}', '{"polite":true}']);
    assert.equal(answer.attempts, 2);
    assert.deepEqual(answer.value, { polite: true, reasons: [] });
    const format = seen[0]?.body.response_format as { json_schema: { schema: unknown } };
    assert.deepEqual(format.json_schema.schema, made(VERDICT).responseSchema);
  });

  it("may be validated asynchronously and transformed, with a JSON Schema beside", async () => {
    const schema = made(EVEN, { responseJsonSchema: EVEN_JSON });
    assert.deepEqual((await asked(schema, ['{"n":4}'])).answer.value, { n: 8 });
    await assert.rejects(asked(schema, ['{"n":3}'], 0), {
      code: "JUDGE_FAILED",
      message: /does not follow the schema: n: not even/,
    });
  });

  it("name the way out where a library offers no JSON Schema or cannot express it", () => {
    assert.throws(() => made(EVEN), {
      code: "INVALID_TASK",
      message: /by-hand schema does not offer its JSON Schema.*responseJsonSchema/,
    });
    assert.throws(() => made(z.object({ at: z.date() })), {
      code: "INVALID_TASK",
      message: /zod cannot express this schema.*responseJsonSchema/,
    });
  });

  it("reach the task's assertion, and the file form keeps the JSON Schema", async () => {
    const task = llmJudgeTask({
      id: "even",
      prompt: made(EVEN, { responseJsonSchema: EVEN_JSON }),
      contextPath: "n",
      operator: "Equals",
      expectedValue: 20,
    });
    const provider = await fakeProvider(() => completion('{"n":10}'));
    try {
      const judge = new LlmJudge({ providers: { openai: { baseUrl: provider.url, apiKey: "k" } } });
      const dataset = new EvalDataset([parseRecord({ id: "r", context: {} })], [task]);
      assert.equal((await dataset.evaluate({ judge })).summary().passed, 1);
    } finally {
      await provider.close();
    }
    const file = serialiseTask(task) as { prompt: { response_format: unknown } };
    assert.deepEqual(file.prompt.response_format, EVEN_JSON);
  });
});
