import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ScouterError } from "../../../server/errors.ts";
import {
  parseSearch,
  SearchSyntaxError,
} from "../../../server/lake/traces/queries/search_grammar.ts";
import type { SearchExpression } from "../../../server/lake/traces/queries/search_expression.ts";

/** A search as an S-expression, for comparing. */
function show(expression: SearchExpression | null): string {
  if (expression === null) return "()";
  switch (expression.kind) {
    case "not":
      return `(not ${show(expression.child)})`;
    case "atom": {
      const { atom } = expression;
      if (atom.kind === "text") return JSON.stringify(atom.text);
      const field = "key" in atom.field ? `${atom.field.kind}.${atom.field.key}` : atom.field.kind;
      return atom.kind === "present"
        ? `(has ${field})`
        : `(${atom.op} ${field} ${JSON.stringify(atom.value)})`;
    }
    default:
      return `(${expression.kind} ${expression.children.map(show).join(" ")})`;
  }
}

describe("search language", () => {
  const reads: [search: string, meaning: string][] = [
    ["", "()"],
    ["  ", "()"],
    ["timeout", '"timeout"'],
    ["time out", '(and "time" "out")'],
    ['"time out"', '"time out"'],
    ['"say \\"hi\\" \\\\"', '"say \\"hi\\" \\\\"'],
    ["service:checkout", '(= service "checkout")'],
    ["service=checkout", '(= service "checkout")'],
    ["name!=GET", '(!= name "GET")'],
    ["kind:server", '(= span-kind "SERVER")'],
    ["status:Error", '(= status "error")'],
    ["duration>1s", "(> duration 1000000)"],
    ["duration<=2.5ms", "(<= duration 2500)"],
    ["duration>=3m", "(>= duration 180000000)"],
    ["tokens>1000", "(> tokens 1000)"],
    ["model:gpt-4o agent:a tool:b", '(and (= model "gpt-4o") (= agent "a") (= tool "b"))'],
    ["conversation:c1 entity:e1", '(and (= conversation "c1") (= entity "e1"))'],
    ["tag.env:prod", '(= attribute.env "prod")'],
    ["resource.cloud.region:eu-1", '(= resource.cloud.region "eu-1")'],
    ["http.status_code>=500", "(>= attribute.http.status_code 500)"],
    ["url:http://x:80/y", '(= attribute.url "http://x:80/y")'],
    ["http://x", '"http://x"'],
    ["t:12:30", '(= attribute.t "12:30")'],
    ['user:"a b"', '(= attribute.user "a b")'],
    ['"my key":v', '(= attribute.my key "v")'],
    ["error.type:*", "(has attribute.error.type)"],
    ['error.type:"*"', '(= attribute.error.type "*")'],
    ["-x", '(not "x")'],
    ["-status:ok", '(not (= status "ok"))'],
    ["a-b", '"a-b"'],
    ["--x", '(not (not "x"))'],
    ["a or b", '(or "a" "b")'],
    ["a b or c d", '(or (and "a" "b") (and "c" "d"))'],
    ["a (b OR c)", '(and "a" (or "b" "c"))'],
    ["-(a or b)", '(not (or "a" "b"))'],
    ["a and b", '(and "a" "b")'],
    ["order", '"order"'],
    ["n>-1.5e3", "(> attribute.n -1500)"],
    [
      "constructor:x __proto__:y",
      '(and (= attribute.constructor "x") (= attribute.__proto__ "y"))',
    ],
  ];
  for (const [search, meaning] of reads) {
    it(`reads ${JSON.stringify(search)} as ${meaning}`, () => {
      assert.equal(show(parseSearch(search)), meaning);
    });
  }

  const fails: [search: string, position: number, length: number, expected: RegExp][] = [
    ["duration>fast", 9, 4, /number with ms, s or m after >/],
    ["duration>5", 9, 1, /number with ms, s or m after >/],
    ["status:bad", 7, 3, /ok, error or unset after :/],
    ["kind:big", 5, 3, /one of unspecified, internal/],
    ["tokens>many", 7, 4, /a number after >/],
    ["n>x", 2, 1, /a number after >/],
    ["service>x", 7, 1, /expected : or !=/],
    ["trace:12", 6, 2, /32 hexadecimal/],
    ["span:zz", 5, 2, /16 hexadecimal/],
    ["a (b", 2, 1, /\) to close/],
    ["a) b", 1, 1, /a term before \)/],
    ["()", 1, 0, /a term/],
    ["a or", 4, 0, /a term/],
    ["or a", 0, 2, /a term/],
    ['x "open', 2, 1, /" to close/],
    ["key:", 4, 0, /a value after :/],
    [":v", 0, 1, /a key before/],
    ["a - b", 2, 1, /right after -/],
    ["k!=*", 3, 1, /a value after !=/],
  ];
  for (const [search, position, length, expected] of fails) {
    it(`underlines what is wrong in ${JSON.stringify(search)}`, () => {
      assert.throws(() => parseSearch(search), (error) => {
        assert.ok(error instanceof SearchSyntaxError, String(error));
        assert.deepEqual([error.problem.position, error.problem.length], [position, length]);
        assert.match(error.problem.expected, expected);
        assert.equal(error.code, "BAD_REQUEST");
        return true;
      });
    });
  }

  it("refuses what is too long, too deep or too much", () => {
    assert.throws(() => parseSearch("x".repeat(5000)), SearchSyntaxError);
    assert.throws(() => parseSearch("(".repeat(2000)), SearchSyntaxError);
    assert.throws(() => parseSearch("-".repeat(2000) + "x"), SearchSyntaxError);
    assert.throws(() => parseSearch("x ".repeat(500)), SearchSyntaxError);
  });

  it("either reads a text or names a place inside it, whatever the text", () => {
    const piece = fc.constantFrom(
      "a",
      "service",
      ":",
      "=",
      "!=",
      ">",
      "<=",
      "(",
      ")",
      "-",
      '"',
      "\\",
      " ",
      "or",
      "*",
      "1s",
      "é",
      "\u0000",
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const text = pieces.join("");
      try {
        parseSearch(text);
      } catch (error) {
        assert.ok(error instanceof SearchSyntaxError && error instanceof ScouterError);
        const { position, length } = error.problem;
        assert.ok(position >= 0 && length >= 0 && position + length <= text.length);
      }
    }));
  });
});
