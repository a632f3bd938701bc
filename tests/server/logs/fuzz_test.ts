import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ScouterError } from "../../../server/errors.ts";
import { refuseMetrics } from "../../../server/ingest/otlp/metrics_refusal.ts";
import { createLogBuilder } from "../../../server/lake/logs/log_builder.ts";
import {
  admitAll,
  attributes,
  object,
  readDuckDb,
  spanId,
  text,
  traceId,
} from "../segment/support.ts";
import { NO_METRICS } from "../traces/fixture.ts";
import { logRequest, logRequestJson } from "./log_requests.ts";

const GOOD = {
  traceId: traceId(1),
  spanId: spanId(1),
  timeUnixNano: 1_767_607_200_000_000_000n,
  severityText: "INFO",
  eventName: "e",
  body: object({ a: text("ä"), b: object({ c: text("d") }) }),
  attributes: attributes({ k: text("v"), "event.name": text("n") }),
};
const protobuf = logRequest(GOOD, GOOD);
const json = logRequestJson(GOOD, GOOD);

/** A body with some bytes changed. */
const damaged = (body: Uint8Array) =>
  fc.array(fc.tuple(fc.nat(body.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    .map((changes) => {
      const copy = body.slice();
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });

test("damaged requests are refused or stored, and never spoil what comes after", async () => {
  const builder = createLogBuilder();
  let rows = 0;
  const take = (body: Uint8Array, encoding: "protobuf" | "json") => {
    try {
      rows += builder.append(body, encoding, admitAll).added;
    } catch (error) {
      assert.ok(error instanceof ScouterError && error.code === "BAD_REQUEST", String(error));
    }
    assert.equal(builder.rowCount, rows);
  };
  fc.assert(fc.property(damaged(protobuf), (body) => take(body, "protobuf")), { numRuns: 1500 });
  fc.assert(fc.property(damaged(json), (body) => take(body, "json")), { numRuns: 500 });
  fc.assert(fc.property(fc.uint8Array(), (body) => take(body, "protobuf")), { numRuns: 500 });
  take(protobuf, "protobuf");
  const stored = await readDuckDb(builder.encode(0, rows).bytes);
  assert.equal(stored.length, rows);
  const last = stored.at(-1);
  assert.equal(last?.["body"], '{"a":"ä","b":{"c":"d"}}');
  assert.deepEqual(last?.["attributes"], { k: '"v"', "event.name": '"n"' });
});

test("metrics of any bytes are counted or refused", async () => {
  const store = refuseMetrics(NO_METRICS);
  const take = async (body: Uint8Array, encoding: "protobuf" | "json") => {
    try {
      assert.ok((await store.ingest(body, encoding)).rejected >= 0);
    } catch (error) {
      assert.ok(error instanceof ScouterError && error.code === "BAD_REQUEST", String(error));
    }
  };
  await fc.assert(fc.asyncProperty(damaged(protobuf), (body) => take(body, "protobuf")));
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue(),
      (value) => take(new TextEncoder().encode(JSON.stringify({ resourceMetrics: value })), "json"),
    ),
  );
});
