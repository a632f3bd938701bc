import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { feature, featureOf, features, metrics } from "../../../sdk/records/mod.ts";

describe("features", () => {
  it("take whole numbers for integers and others for floats", () => {
    assert.deepEqual(features({ a: 1, b: 1.5, c: "x", d: true }).features, [
      { Int: { name: "a", value: 1 } },
      { Float: { name: "b", value: 1.5 } },
      { String: { name: "c", value: "x" } },
      { Int: { name: "d", value: 1 } },
    ]);
  });

  it("keep the sign of negative zero and turn what JSON cannot say into null", () => {
    assert.equal(JSON.stringify(featureOf("z", NaN)), '{"Float":{"name":"z","value":null}}');
    const zero = featureOf("z", -0);
    assert.ok("Float" in zero && Object.is(zero.Float.value, -0));
  });

  it("hold 64-bit integers exactly as bigint and refuse larger ones", () => {
    assert.deepEqual(feature.int("n", 2n ** 63n - 1n), {
      Int: { name: "n", value: 2n ** 63n - 1n },
    });
    assert.throws(() => feature.int("n", 2n ** 63n), /"n".*64-bit/);
    assert.throws(() => featureOf("n", 1e30), /"n".*64-bit/);
    assert.throws(() => feature.int("n", 0.5), /not an integer/);
  });

  it("name the feature whose type cannot be taken", () => {
    assert.throws(() => features({ ok: 1, bad: null }), /feature "bad".*null/);
    assert.throws(() => features({ bad: [1] }), /feature "bad".*an array/);
  });

  it("refuse metrics that are not numbers", () => {
    assert.deepEqual(metrics({ m: 2, b: false }).metrics, [{ name: "m", value: 2 }, {
      name: "b",
      value: 0,
    }]);
    assert.throws(() => metrics({ m: "1" }), /metric "m".*a string/);
  });
});
