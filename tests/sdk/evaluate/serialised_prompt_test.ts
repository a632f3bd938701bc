import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  bindPrompt,
  EvaluationError,
  parsePrompt,
  parseTask,
  promptParameters,
  SCORE_SCHEMA,
  serialiseTask,
} from "../../../sdk/evaluate/mod.ts";

/** What scouter-ml 0.25.0 writes for its `Score`. */
const SCORE = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  additionalProperties: false,
  properties: {
    reason: { type: "string" },
    score: { format: "int64", maximum: 5, minimum: 1, type: "integer" },
  },
  required: ["score", "reason"],
  title: "Score",
  type: "object",
};
const beside = { version: "0.19.0", parameters: ["text", "x"], response_type: "Score" };
const openAi = {
  request: {
    model: "gpt-4o-mini",
    messages: [
      { role: "developer", content: [{ text: "be fair", type: "text" }] },
      { role: "user", content: [{ text: "Rate ${text} as {x}, not {y}", type: "text" }] },
    ],
    max_completion_tokens: 77,
    temperature: 0.2,
    response_format: {
      json_schema: { name: "Score", schema: SCORE, strict: true },
      type: "json_schema",
    },
  },
  model: "gpt-4o-mini",
  provider: "OpenAI",
  ...beside,
};
const anthropic = {
  request: {
    model: "claude-sonnet-4-5",
    messages: [
      { content: [{ text: "Rate ${text}", type: "text" }], role: "user" },
      { content: [{ text: "b {x}", type: "text" }], role: "user" },
    ],
    system: [{ text: "be fair", type: "text" }, { text: "s2", type: "text" }],
    max_tokens: 4096,
    stream: false,
    output_format: { schema: SCORE, type: "json_schema" },
  },
  model: "claude-sonnet-4-5",
  provider: "Anthropic",
  ...beside,
};
const gemini = {
  request: {
    contents: [
      { role: "user", parts: [{ text: "Rate ${text}" }] },
      { role: "user", parts: [{ text: "b {x}" }] },
    ],
    systemInstruction: { role: "model", parts: [{ text: "be fair" }] },
    generation_config: {
      maxOutputTokens: 77,
      responseMimeType: "application/json",
      responseJsonSchema: SCORE,
    },
  },
  model: "gemini-2.5-flash",
  provider: "Gemini",
  ...beside,
};

const refuses = (data: unknown, message: RegExp) =>
  assert.throws(() => parsePrompt(data), (error) => {
    assert.ok(error instanceof EvaluationError, String(error));
    assert.equal(error.code, "INVALID_FILE");
    assert.match(error.message, message);
    return true;
  });

describe("prompts in their serialised form", () => {
  it("of OpenAI are read with system messages, schema and settings", () => {
    const read = parsePrompt(openAi);
    assert.deepEqual(read, {
      model: "gpt-4o-mini",
      provider: "openai",
      messages: ["Rate ${text} as ${x}, not {y}"],
      systemInstructions: ["be fair"],
      settings: { max_completion_tokens: 77, temperature: 0.2 },
      responseSchema: SCORE,
    });
    assert.deepEqual(promptParameters(read), ["text", "x"]);
    assert.deepEqual(bindPrompt(read, { text: "T", x: 1 }).messages, ["Rate T as 1, not {y}"]);
  });

  it("of Anthropic are read", () => {
    assert.deepEqual(parsePrompt(anthropic), {
      model: "claude-sonnet-4-5",
      provider: "anthropic",
      messages: ["Rate ${text}", "b ${x}"],
      systemInstructions: ["be fair", "s2"],
      settings: { max_tokens: 4096 },
      responseSchema: SCORE,
    });
  });

  it("of Gemini, Google and Vertex are read", () => {
    for (
      const [name, provider] of [["Gemini", "gemini"], ["Google", "gemini"], ["Vertex", "vertex"]]
    ) {
      assert.deepEqual(parsePrompt({ ...gemini, provider: name }), {
        model: "gemini-2.5-flash",
        provider,
        messages: ["Rate ${text}", "b ${x}"],
        systemInstructions: ["be fair"],
        settings: { generationConfig: { maxOutputTokens: 77 } },
        responseSchema: SCORE,
      });
    }
  });

  it("without a schema answer in free text, or with a score where they say so", () => {
    const request = { messages: [{ role: "user", content: "Rate ${text}" }] };
    const plain = { ...openAi, request, response_type: "Null" };
    assert.equal(parsePrompt(plain).responseSchema, null);
    assert.deepEqual(
      parsePrompt({ ...plain, response_type: "Score" }).responseSchema,
      SCORE_SCHEMA,
    );
  });

  it("are prompts of judge tasks, and stay the same through a writing and a reading", () => {
    const read = parseTask({
      id: "judge",
      task_type: "LLMJudge",
      operator: "GreaterThanOrEqual",
      expected_value: 4,
      context_path: "score",
      prompt: openAi,
    });
    assert.deepEqual(parseTask(serialiseTask(read)), read);
  });

  it("which a judge cannot be asked are refused, naming the member", () => {
    const [, user] = openAi.request.messages;
    const request = (changes: object) => ({
      ...openAi,
      request: { ...openAi.request, ...changes },
    });
    refuses(
      request({ messages: [user, { role: "assistant", content: "5" }] }),
      /prompt\.request\.messages\[1\]\.role: "assistant"/,
    );
    refuses(
      request({ messages: [{ role: "user", content: [{ type: "image_url" }] }] }),
      /messages\[0\]\.content\[0\]: a judge is asked in text/,
    );
    refuses(request({ messages: "Rate" }), /request\.messages: expected a list/);
    refuses(request({ stream: true }), /request\.stream/);
    refuses(request({ model: "gpt-5" }), /request\.model: "gpt-5"/);
    refuses(request({ response_format: { type: "json_object" } }), /response_format/);
    refuses({ ...openAi, provider: "GoogleAdk" }, /"GoogleAdk" cannot judge/);
  });

  it("with unknown members are refused by their names", () => {
    refuses({ ...openAi, weight: 2 }, /weight/);
    refuses({ ...openAi, response_type: "Number" }, /response_type/);
    assert.throws(
      () =>
        parseTask({
          id: "j",
          task_type: "LLMJudge",
          operator: "IsNumeric",
          prompt: { ...openAi, weight: 2 },
        }),
      /prompt.*weight/,
    );
  });
});

describe("the answer of a prompt file", () => {
  const file = { model: "m", provider: "openai", messages: "Rate ${text}" };

  it("is a score where the file does not say, and free text where it says null", () => {
    assert.deepEqual(parsePrompt(file).responseSchema, SCORE_SCHEMA);
    assert.equal(parsePrompt({ ...file, response_format: null }).responseSchema, null);
  });
});
