import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileAssertion, compilePattern, EvaluationError } from "../../../sdk/evaluate/mod.ts";

describe("patterns from task files", () => {
  // With a backtracking engine each of these takes longer than the age of the universe.
  const evil: readonly [string, string][] = [
    ["(a+)+$", "a".repeat(5000) + "!"],
    ["^(a|a)*$", "a".repeat(5000) + "!"],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a".repeat(5000)],
    ["(.*a){20}$", "a".repeat(2000) + "!"],
    ["^(\\w+\\s?)*$", "word ".repeat(1000) + "!"],
    ["(x+x+)+y", "x".repeat(5000)],
  ];
  for (const [pattern, text] of evil) {
    it(`answers ${pattern} on ${text.length} characters`, () => {
      assert.equal(compilePattern(pattern).test(text), false);
    });
  }

  it("checks formats without backtracking too", () => {
    const hostile: readonly ["IsEmail" | "IsUrl" | "IsIso8601" | "Equals", string][] = [
      ["IsEmail", "a".repeat(50_000) + "@" + "a.".repeat(50_000) + "!"],
      ["IsUrl", "http://" + "a-".repeat(50_000) + "!"],
      ["IsIso8601", "2024-01-01T00:00:00." + "1".repeat(100_000) + "x"],
      ["Equals", "1".repeat(100_000) + "x"],
    ];
    for (const [operator, value] of hostile) {
      const check = compileAssertion({ id: "t", operator, expectedValue: 1 }).evaluate(value);
      assert.equal(check.status, "failed");
    }
  });

  it("searches anywhere, knows inline flags, and takes classes for Unicode", () => {
    assert.equal(compilePattern("(?i)ABC").test("xxabcxx"), true);
    assert.equal(compilePattern("^\\w+$").test("größe"), true);
    assert.equal(compilePattern("^\\d+$").test("٣٤"), true);
    assert.equal(compilePattern("^[\\w-]+$").test("naïve-größe"), true);
    assert.equal(compilePattern("^\\S+$").test("a\u00a0b"), false);
    assert.equal(compilePattern("(?x) a b # two letters\n c").test("abc"), true);
    assert.equal(compilePattern("^\\u00e9\\{2\\}a{2}$").test("é{2}aa"), true);
    assert.equal(compilePattern("(?i-u)^\\w+$").test("größe"), false);
    assert.equal(compilePattern("^[[:alpha:]]+$").test("abc"), true);
  });

  it("refuses look-around, back-references and broken patterns with a reason", () => {
    for (
      const pattern of [
        "(?=a)b",
        "(a)\\1",
        "(unclosed",
        "[a&&b]",
        "[a-z--b]",
        "[a[bc]]",
        "x".repeat(5000),
      ]
    ) {
      assert.throws(
        () => compilePattern(pattern),
        (error) => error instanceof EvaluationError && error.code === "INVALID_PATTERN",
      );
    }
  });

  it("takes an invalid pattern for an unanswerable question, not a crash", () => {
    const check = compileAssertion({ id: "t", operator: "Matches", expectedValue: "[invalid(" })
      .evaluate("text");
    assert.equal(check.reason, "error");
    assert.match(check.message, /RE2/);
  });
});
