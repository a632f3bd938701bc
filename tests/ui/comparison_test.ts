import assert from "node:assert/strict";
import { test } from "node:test";
import { changeOf, dense } from "../../server/ui/app/overview/comparison.ts";
import { pastedTrace } from "../../server/ui/app/shell/pasted.ts";

test("a change says which way, how much, and nothing where there was nothing", () => {
  assert.equal(changeOf(5, null), null);
  assert.equal(changeOf(5, 0), null);
  assert.deepEqual(changeOf(100, 100), { mark: "=", text: "as", direction: 0, notable: false });
  assert.deepEqual(changeOf(90, 100), { mark: "▼", text: "10 %", direction: -1, notable: false });
  assert.deepEqual(changeOf(150, 100), { mark: "▲", text: "50 %", direction: 1, notable: true });
  assert.equal(changeOf(720, 100)?.text, "7.2 ×");
  assert.equal(changeOf(0, 4)?.text, "100 %");
});

test("counts stand in their buckets, with gaps for those that are missing", () => {
  const window = { startUs: 1000, endUs: 1050 };
  const buckets = [{ at: 990, n: 4 }, { at: 1020, n: 1 }, { at: 1049, n: 2 }];
  const of = (missing: number | null) =>
    dense(window, 10, buckets, (b) => b.at, (b) => b.n, missing);
  assert.deepEqual(of(0), [4, 0, 1, 0, 2]);
  assert.deepEqual(of(null), [4, null, 1, null, 2]);
});

test("a trace id is found in what people paste, and nowhere else", () => {
  const id = "5b8efff798038103d269b633813fc60c";
  const span = "eee19b7ec3c1b174";
  const bare = { traceId: id, spanId: null };
  assert.deepEqual(pastedTrace(` ${id.toUpperCase()}\n`), bare);
  assert.deepEqual(pastedTrace("5b8efff7-9803-8103-d269-b633813fc60c"), bare);
  assert.deepEqual(pastedTrace(`00-${id}-${span}-01`), { traceId: id, spanId: span });
  assert.deepEqual(pastedTrace(`https://a.b/c/traces/${id}?span=${span}&x=1`), {
    traceId: id,
    spanId: span,
  });
  assert.deepEqual(pastedTrace(`/traces/${id}`), bare);
  assert.equal(pastedTrace("0".repeat(32)), null);
  assert.equal(pastedTrace(id.slice(1)), null);
  assert.equal(pastedTrace("service:shop"), null);
  assert.equal(pastedTrace(""), null);
});
