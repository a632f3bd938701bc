import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readMessages } from "../../../server/genai/messages/any_message.ts";
import { findRepeats } from "../../../server/genai/messages/repeats.ts";
import { spanMessages } from "../../../server/genai/messages/span_messages.ts";

/** Names that readers look for, so that random objects reach into every branch. */
const names = fc.constantFrom(
  "role",
  "content",
  "parts",
  "type",
  "text",
  "tool_calls",
  "function",
  "arguments",
  "id",
  "kwargs",
  "output",
  "generations",
  "messages",
  "__proto__",
);
const { value: messageLike } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("tool", "text", "tool_call", "tool_result", "reasoning", "HumanMessage", ""),
    fc.constantFrom<unknown>(null, true, 5, "[1", "{}"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(names, tie("value")), { maxLength: 5 }).map(Object.fromEntries),
  ),
}));

const KEYS = [
  "gen_ai.input.messages",
  "gen_ai.output.messages",
  "gen_ai.system_instructions",
  "gen_ai.tool.definitions",
  "llm.input_messages.0.message",
  "llm.output_messages.0.message.tool_calls",
  "gen_ai.prompt.0.content",
  "ai.prompt",
  "ai.response.toolCalls",
  "input.value",
  "output.value",
];

describe("reading messages of any shape", () => {
  it("gives well-formed messages, whatever comes", () => {
    fc.assert(
      fc.property(messageLike, fc.boolean(), (value, asText) => {
        const sent = asText ? JSON.stringify(value) : value;
        for (const operationName of ["chat", "execute_tool"]) {
          const said = spanMessages({
            operationName,
            toolName: null,
            attributes: new Map(KEYS.map((key) => [key, sent])),
            events: [{
              name: "gen_ai.choice",
              timeUs: 0,
              attributes: new Map([["message", sent]]),
              body: sent,
            }],
          });
          for (const { role, parts } of [...said.input, ...said.output]) {
            assert.ok(role !== "");
            for (const part of parts) {
              for (const [name, field] of Object.entries(part)) {
                assert.ok(typeof field === "string" || field === null, `${part.kind}.${name}`);
              }
            }
          }
          assert.equal(findRepeats([{ ...said, parent: -1 }, { ...said, parent: 0 }]).length, 2);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("shows JSON that nests without end as the text it is", () => {
    for (const text of ["[".repeat(1_000_000), `{"content":`.repeat(100_000)]) {
      assert.deepEqual(readMessages(text, "user"), [
        { role: "user", name: null, parts: [{ kind: "text", text }], finishReason: null },
      ]);
    }
    const brackets = JSON.stringify([{ role: "user", content: "[".repeat(1000) }]);
    assert.equal(readMessages(brackets, "user").length, 1);
  });
});
