import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  datasetFields,
  type Json,
  SchemaError,
  schemaFingerprint,
} from "../../../sdk/bifrost/mod.ts";

const object = (properties: { [key: string]: Json }, more: { [key: string]: Json } = {}): Json => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  ...more,
});

function throwsAt(schema: Json, code: string, path: string) {
  assert.throws(
    () => datasetFields(schema),
    (error: unknown) => error instanceof SchemaError && error.code === code && error.path === path,
  );
}

describe("dataset schema", () => {
  it("sorts columns by UTF-8 bytes, not by UTF-16 units", () => {
    // U+FF5E sorts before U+1F600 in UTF-8 but after its surrogate pair in UTF-16.
    const fields = datasetFields(
      object({ "\u{1f600}": { type: "integer" }, "\uff5e": { type: "integer" } }),
    );
    assert.deepEqual(fields.slice(0, 2).map((field) => field.name), ["\uff5e", "\u{1f600}"]);
  });

  it("takes a type list with null as the same column as anyOf with null", async () => {
    const list = datasetFields(object({ a: { type: ["number", "null"] } }));
    const any = datasetFields(object({ a: { anyOf: [{ type: "number" }, { type: "null" }] } }));
    assert.equal(await schemaFingerprint(list), await schemaFingerprint(any));
    assert.equal(list[0]?.nullable, true);
  });

  it("keeps the members' type of an enum that is not of strings", () => {
    assert.deepEqual(datasetFields(object({ a: { type: "number", enum: [1, 2] } }))[0]?.type, {
      kind: "int64",
    });
    assert.deepEqual(datasetFields(object({ a: { enum: [1.5, 2] } }))[0]?.type, {
      kind: "float64",
    });
  });

  it("makes an enum with null a nullable dictionary", () => {
    assert.deepEqual(datasetFields(object({ a: { enum: ["x", null] } }))[0], {
      name: "a",
      type: { kind: "dictionary", index: "int16", values: ["x"] },
      nullable: true,
    });
  });

  it("names the field that has no column type", () => {
    throwsAt(object({ a: object({ b: { type: "object" } }) }), "UNSUPPORTED", "$.a.b");
    throwsAt(object({ a: { type: "array", items: {} } }), "UNSUPPORTED", "$.a[]");
    throwsAt(object({ a: { type: "array" } }), "SCHEMA_PARSE", "$.a");
    throwsAt(object({ a: { $ref: "#/$defs/Missing" } }), "REF_RESOLUTION", "$.a");
    throwsAt(object({ a: { $ref: "#" } }), "REF_RESOLUTION", "$.a");
    throwsAt("{", "SCHEMA_PARSE", "$");
    throwsAt([], "SCHEMA_PARSE", "$");
  });

  it("stops at recursion instead of running for ever", () => {
    const node = object({ next: { $ref: "#/$defs/Node" } });
    assert.throws(
      () => datasetFields(object({ n: { $ref: "#/$defs/Node" } }, { $defs: { Node: node } })),
      /maximum depth of 32/,
    );
  });

  it("does not take inherited names for definitions", () => {
    throwsAt(object({ a: { $ref: "#/$defs/toString" } }), "REF_RESOLUTION", "$.a");
  });

  it("accepts 31 inline objects deep and refuses 32", () => {
    const nested = (levels: number): Json =>
      levels === 0 ? { type: "integer" } : object({ a: nested(levels - 1) });
    assert.doesNotThrow(() => datasetFields(object({ a: nested(31) })));
    assert.throws(() => datasetFields(object({ a: nested(32) })), /maximum depth/);
  });
});
