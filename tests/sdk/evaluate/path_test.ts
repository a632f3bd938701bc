import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compilePath, EvaluationError } from "../../../sdk/evaluate/mod.ts";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof EvaluationError) return error.code;
    throw error;
  }
  return "none";
}

describe("paths", () => {
  it("tokenises in the reference grammar and tells what it skipped", () => {
    assert.deepEqual(compilePath("items.0.name").segments, ["items", "name"]);
    assert.deepEqual(compilePath("a-b").segments, ["a", "b"]);
    assert.deepEqual(compilePath('["key"]').segments, ["key"]);
    assert.deepEqual(compilePath("x.2abc").segments, ["x", "abc"]);
    assert.equal(compilePath("items.0.name").ignored, "0");
    assert.equal(compilePath("items[0].name").ignored, "");
  });

  it("has limits and names them", () => {
    assert.equal(codeOf(() => compilePath("a".repeat(513))), "PATH_TOO_LONG");
    assert.equal(codeOf(() => compilePath("ü".repeat(300))), "PATH_TOO_LONG");
    assert.equal(
      codeOf(() => compilePath(Array(33).fill("a").join("."))),
      "TOO_MANY_PATH_SEGMENTS",
    );
    for (const text of ["", ".", "123"]) {
      assert.equal(codeOf(() => compilePath(text)), "EMPTY_PATH");
    }
  });

  it("says where the strict grammar stops understanding", () => {
    for (const text of ["a b", "a..b", "a[", "a[x]", "a.", ".a", "a.[0]", '["x"', "a[1]b"]) {
      assert.equal(codeOf(() => compilePath(text, "strict")), "INVALID_PATH", text);
    }
    assert.throws(() => compilePath("a b", "strict"), /position 1/);
  });

  it("finds any key by its quoted form", () => {
    fc.assert(fc.property(fc.string({ maxLength: 50 }), fc.jsonValue(), (key, value) => {
      const quoted = `["${key.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"]`;
      const object = Object.fromEntries([[key, value]]);
      assert.deepEqual(compilePath(quoted, "strict").get(object as never), value);
    }));
  });

  it("never throws while walking, whatever the value", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      compilePath("a[0].b").get(value as never);
    }));
  });
});
