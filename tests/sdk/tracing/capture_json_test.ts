import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { captureJson, flattenAttributes, toAttributeValue } from "../../../sdk/tracing/mod.ts";

describe("captureJson", () => {
  it("cuts every string leaf between characters and marks it", () => {
    assert.equal(
      captureJson({ a: "abcdef", b: ["👍👍👍👍"] }, { maxLength: 3 }),
      '{"a":"abc...[truncated]","b":["👍👍👍...[truncated]"]}',
    );
    assert.equal(captureJson("👍👍👍", { maxLength: 3 }), '"👍👍👍"');
  });

  it("writes bytes as base64, big integers as text, dates as RFC 3339, maps and sets as JSON", () => {
    assert.equal(captureJson(new Uint8Array([102, 111, 111])), '"Zm9v"');
    assert.equal(captureJson(2n ** 64n), '"18446744073709551616"');
    assert.equal(captureJson(new Date(0)), '"1970-01-01T00:00:00.000Z"');
    assert.equal(captureJson(new Map([["k", new Set([1])]])), '{"k":[1]}');
    assert.equal(captureJson([NaN, undefined, () => 1]), '["NaN",null,"function"]');
  });

  it("survives cycles and members that throw", () => {
    const cycle: Record<string, unknown> = { name: "x" };
    cycle["self"] = cycle;
    assert.equal(captureJson(cycle), '{"name":"x","self":"[circular]"}');
    const hostile = {
      get bad(): string {
        throw new Error("no");
      },
    };
    assert.equal(captureJson(hostile), '"[unreadable: no]"');
  });

  it("is valid JSON and bounded whatever it is given", () => {
    fc.assert(fc.property(fc.anything(), (value) => {
      const text = captureJson(value, { maxLength: 20, maxTotalLength: 100 });
      JSON.parse(text);
      // The total, marks and punctuation of at most 100 leaves; escapes take six characters each.
      assert.ok(text.length < 100 * 6 * 4 + 2_000, `${text.length}`);
    }));
    const wide = Array.from({ length: 100_000 }, (_, i) => ({ i, text: "x".repeat(100) }));
    assert.ok(captureJson(wide, { maxTotalLength: 1_000 }).length < 3_000);
  });
});

describe("attributes", () => {
  it("keep lists of one type and turn the rest into JSON", () => {
    assert.deepEqual(toAttributeValue([1, 2]), [1, 2]);
    assert.deepEqual(toAttributeValue([1, "a"]), ["1", '"a"']);
    assert.equal(toAttributeValue({ a: 1 }), '{"a":1}');
    assert.equal(toAttributeValue(null), "null");
  });

  it("of events have dotted keys", () => {
    assert.deepEqual(flattenAttributes({ a: { b: { c: 1 } }, d: [1, 2] }), {
      "a.b.c": 1,
      d: [1, 2],
    });
  });
});
