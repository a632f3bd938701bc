/**
 * Suites for dataset schemas and for what goes into a queue.
 *
 * @module
 */

import assert from "node:assert/strict";
import { datasetFields, type Json, schemaFingerprint } from "../../../sdk/bifrost/mod.ts";
import { EvalRecord, features, metrics } from "../../../sdk/records/mod.ts";
import { VOLATILE } from "../compare.ts";
import type { VectorFile, VectorReport, VectorSuite } from "../report.ts";

type Case = Readonly<Record<string, unknown>>;

async function datasetSchemas(file: VectorFile, report: VectorReport): Promise<void> {
  for (const vector of file.cases) {
    await report.check(String(vector.name), async () => {
      const schema = vector.json_schema as Json;
      if (vector.expected_error !== undefined) {
        assert.throws(() => datasetFields(schema));
        return;
      }
      const expected = vector.expected as { fingerprint_str: string };
      assert.equal(await schemaFingerprint(datasetFields(schema)), expected.fingerprint_str);
    });
  }
}

/** Puts what was answered where the expectation is volatile; a missing key still differs. */
function settle(expected: unknown, actual: unknown): unknown {
  const record = actual as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(expected as Record<string, unknown>).map(([key, value]) => [
      key,
      value === VOLATILE && key in record ? record[key] : value,
    ]),
  );
}

function answer(vector: Case): unknown {
  if (vector.kind === "Features") return features({ f: vector.value });
  if (vector.kind === "Metrics") return metrics({ m: vector.value });
  const record = new EvalRecord({ context: vector.context, id: "rid", sessionId: "sid" });
  record.addTag("k", "v");
  return record;
}

async function queueItems(file: VectorFile, report: VectorReport): Promise<void> {
  for (const vector of file.cases) {
    const name = `${vector.kind} ${JSON.stringify(vector.value ?? vector.context ?? null)}`;
    await report.check(`${name}${Number.isNaN(vector.value) ? " NaN" : ""}`, () => {
      if (vector.expected_error !== undefined) {
        assert.throws(() => answer(vector));
        return;
      }
      const actual = JSON.parse(JSON.stringify(answer(vector)));
      // JSON.stringify writes -0 as 0: signs are compared as numbers, so 0 equals -0 here.
      const expected = JSON.parse(JSON.stringify(vector.json));
      assert.deepEqual(actual, settle(expected, actual));
    });
  }
}

/** Suites by file name. */
export const RECORD_SUITES: Readonly<Record<string, VectorSuite>> = {
  "dataset_schema.json": datasetSchemas,
  "features.json": queueItems,
};
