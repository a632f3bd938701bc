import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ComparisonOperator,
  type Compatibility,
  compileAssertion,
  EvaluationError,
  type JsonValue,
  type TaskCheck,
} from "../../../sdk/evaluate/mod.ts";

function ask(
  value: JsonValue,
  operator: ComparisonOperator,
  expectedValue: JsonValue,
  options: { path?: string | null; item?: string; compatibility?: Compatibility } = {},
): TaskCheck {
  const { path = "v", item = null, compatibility = "reference" } = options;
  return compileAssertion(
    { id: "t", contextPath: path, itemContextPath: item, operator, expectedValue },
    compatibility,
  ).evaluate(value);
}

/** P passed, F failed, E could not be answered, 0 nothing to look at. */
function letter(check: TaskCheck): string {
  if (check.status === "unmeasured") return check.reason === "empty" ? "0" : "E";
  return check.passed ? "P" : "F";
}

describe("assertions, reference rules", () => {
  const cases: readonly [JsonValue, ComparisonOperator, JsonValue, string][] = [
    [300, "Equals", 300.0, "P"],
    ["5", "Equals", 5, "P"],
    [" 5", "Equals", 5, "F"],
    ["", "Equals", 0, "F"],
    ["0x10", "Equals", 16, "F"],
    ["5.", "Equals", 5, "P"],
    [".5e1", "Equals", 5, "P"],
    [true, "Equals", 1, "F"],
    [null, "Equals", null, "P"],
    [[], "Equals", "x", "P"],
    [[1, 2], "Equals", [1, 2], "F"],
    [[1, 2], "SequenceMatches", [1, 2], "P"],
    [true, "SequenceMatches", true, "E"],
    [["backend"], "Contains", "back", "F"],
    [["backend"], "NotContains", "back", "F"],
    [[1], "NotContains", "a", "E"],
    [{ a: 1 }, "Contains", "a", "E"],
    ["a b", "ContainsAll", ["a"], "E"],
    ["a b", "ContainsAny", [1, "b"], "P"],
    [5, "GreaterThan", "4", "E"],
    ["not_a_number", "GreaterThan", 10, "F"],
    [5, "IsEmpty", null, "E"],
    [5, "IsString", null, "F"],
    ["123", "IsLowerCase", null, "E"],
    ["http://localhost:8080/x", "IsUrl", null, "F"],
    ["2024-99-99", "IsIso8601", null, "P"],
    [5, "ApproximatelyEquals", 5, "E"],
    [100.5, "ApproximatelyEquals", [100, 1], "P"],
    ["👍", "HasLengthEqual", 1, "P"],
    ["The quickly brown fox", "ContainsWord", "quick", "F"],
    ["größe zählt", "ContainsWord", "größe", "P"],
    ["größen", "ContainsWord", "größe", "F"],
    [[1, 2, 2, 3], "HasUniqueItems", null, "F"],
    [[1, "1"], "HasUniqueItems", null, "P"],
    [[8, 9, 7], "GreaterThan", 5, "P"],
    [[120, 600, 450], "LessThan", 500, "F"],
    ["42", "IsJson", null, "P"],
    ["{", "IsJson", null, "F"],
  ];
  for (const [value, operator, expected, outcome] of cases) {
    it(`${JSON.stringify(value)} ${operator} ${JSON.stringify(expected)} is ${outcome}`, () => {
      assert.equal(letter(ask({ v: value }, operator, expected)), outcome);
    });
  }

  it("shows the transformed value, and says what was expected", () => {
    const check = ask({ v: "test" }, "HasLengthEqual", 5);
    assert.equal(check.actual, 4);
    assert.equal(check.message, "✗ Assertion 't' failed: expected 5, got 4");
  });

  it("names the item that failed", () => {
    const check = ask({ v: [10, 3, 30] }, "GreaterThan", 5);
    assert.equal(check.message, "✗ Assertion 't' failed at item[1]: expected 5, got 3");
  });

  it("asks a root array item by item, whatever the operator", () => {
    const options = { path: "text" };
    assert.equal(letter(ask([{ text: "a" }, { text: "b" }], "IsNotEmpty", null, options)), "P");
    assert.equal(letter(ask([], "IsNotEmpty", null, { path: null })), "F");
    assert.equal(letter(ask([{ k: 10 }, { o: 3 }], "GreaterThanOrEqual", 5, { path: "k" })), "F");
  });

  it("takes expectations from the record when the whole value is a template", () => {
    const context = { v: "x", g: { t: "x" }, list: ["x"] };
    assert.equal(letter(ask(context, "Equals", "${g.t}")), "P");
    assert.equal(letter(ask(context, "Equals", "${zz}")), "E");
    assert.equal(letter(ask(context, "Equals", "a ${g.t}")), "F");
  });

  it("takes missing fields for unanswerable and null for a value", () => {
    assert.equal(letter(ask({ v: null }, "IsNull", null)), "P");
    assert.equal(letter(ask({}, "IsNull", null)), "E");
    assert.match(ask({}, "IsNull", null).message, /Field 'v' not found/);
  });

  it("does not take inherited members for fields", () => {
    assert.equal(letter(ask({}, "IsObject", null, { path: "constructor" })), "E");
    assert.equal(letter(ask({}, "IsObject", null, { path: "__proto__" })), "E");
  });
});

describe("assertions, strict rules", () => {
  const strict = { compatibility: "strict" } as const;

  it("does not let an empty array pass", () => {
    assert.equal(letter(ask({ v: [] }, "IsEmail", null, strict)), "0");
    assert.equal(letter(ask({ v: [] }, "IsEmpty", null, strict)), "P");
  });

  it("compares arrays as a whole when an array is expected", () => {
    assert.equal(letter(ask({ v: [1, 2] }, "Equals", [1, 2], strict)), "P");
    assert.equal(letter(ask({ v: [1, 2] }, "NotEqual", [1, 2], strict)), "F");
    assert.equal(letter(ask({ v: [1, 1] }, "Equals", 1, strict)), "P");
  });

  it("makes NotContains the opposite of Contains on arrays", () => {
    assert.equal(letter(ask({ v: ["backend"] }, "NotContains", "back", strict)), "P");
    assert.equal(letter(ask({ v: ["backend"] }, "NotContains", "backend", strict)), "F");
  });

  it("resolves templates inside texts, lists and items", () => {
    const context = { v: "Hello Ada", name: "Ada", list: ["Ada", "Ada"] };
    assert.equal(letter(ask(context, "Equals", "Hello ${name}", strict)), "P");
    assert.equal(letter(ask({ ...context, v: ["Ada"] }, "ContainsAny", ["${name}"], strict)), "P");
    assert.equal(letter(ask(context, "Equals", "${name}", { ...strict, path: "list" })), "P");
  });

  it("refuses a path it does not understand when the task is compiled", () => {
    assert.throws(
      () => ask({}, "IsNull", null, { ...strict, path: "a b" }),
      (error) => error instanceof EvaluationError && error.code === "INVALID_PATH",
    );
  });

  it("reads quoted keys and counts negative indexes from the end", () => {
    const context = { "content-type": { "a.b": [1, 2, 3] } };
    const path = '["content-type"]["a.b"][-1]';
    assert.equal(letter(ask(context, "Equals", 3, { ...strict, path })), "P");
  });
});
