import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  flushTracer,
  getCurrentActiveSpan,
  getFunctionType,
  getTracer,
  initTracer,
  shutdownTracer,
  type SpanRecord,
  TestSpanExporter,
  traced,
} from "../../../sdk/tracing/mod.ts";

let exporter: TestSpanExporter;

async function spans(): Promise<readonly SpanRecord[]> {
  await flushTracer();
  return exporter.spans;
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, 1));
}

describe("traced", () => {
  beforeEach(() => {
    exporter = new TestSpanExporter();
    initTracer({ serviceName: "test", transport: exporter });
  });
  afterEach(async () => {
    await shutdownTracer();
  });

  it("records arguments and result of a function", async () => {
    const add = traced(function add(a: number, b: number) {
      return a + b;
    }, { argNames: ["a", "b"] });
    assert.equal(add(2, 3), 5);
    const [span] = await spans();
    assert.equal(span?.span_name, "add");
    assert.deepEqual(span?.input, { a: 2, b: 3 });
    assert.equal(span?.output, 5);
    assert.equal(span?.status_code, 0);
  });

  it("keeps `this`, and lists arguments that have no names", async () => {
    const counter = {
      value: 40,
      plus: traced(function plus(this: { value: number }, n: number): number {
        return this.value + n;
      }),
    };
    assert.equal(counter.plus(2), 42);
    assert.deepEqual((await spans())[0]?.input, [2]);
  });

  it("ends the span of an asynchronous function when its promise is settled", async () => {
    const load = traced(async function load(id: number) {
      await pause();
      getCurrentActiveSpan()?.setTag("inside", "yes");
      return { id };
    });
    const pending = load(7);
    await flushTracer();
    assert.equal(exporter.spans.length, 0);
    assert.deepEqual(await pending, { id: 7 });
    const [span] = await spans();
    assert.deepEqual(span?.output, { id: 7 });
    assert.deepEqual(exporter.tags.map((tag) => [tag.key, tag.value]), [["inside", "yes"]]);
  });

  it("records what is thrown with its stack and throws it again", async () => {
    const problem = new TypeError("no such cart");
    const sync = traced(function sync() {
      throw problem;
    });
    const later = traced(async function later() {
      await pause();
      throw problem;
    });
    assert.throws(() => sync(), (error) => error === problem);
    await assert.rejects(() => later(), (error) => error === problem);
    const all = await spans();
    assert.deepEqual(all.map((span) => span.span_name), ["sync", "later"]);
    for (const span of all) {
      assert.equal(span.status_code, 2);
      assert.equal(span.status_message, "TypeError: no such cart");
      assert.equal(span.output, null);
      const attributes = Object.fromEntries(
        (span.events[0]?.attributes ?? []).map(({ key, value }) => [key, value]),
      );
      assert.equal(span.events[0]?.name, "exception");
      assert.equal(attributes["exception.type"], "TypeError");
      assert.equal(attributes["exception.message"], "no such cart");
      assert.match(String(attributes["exception.stacktrace"]), /traced_test/);
    }
  });

  it("records the items of a generator and of an asynchronous one", async () => {
    const count = traced(function* count(to: number) {
      for (let i = 1; i <= to; i++) yield i;
    });
    const stream = traced(async function* stream() {
      yield "Hel";
      await pause();
      yield "lo";
    });
    assert.deepEqual([...count(3)], [1, 2, 3]);
    const got: string[] = [];
    for await (const item of stream()) got.push(item);
    assert.deepEqual(got, ["Hel", "lo"]);
    assert.deepEqual((await spans()).map((span) => [span.span_name, span.output]), [
      ["count", [1, 2, 3]],
      ["stream", ["Hel", "lo"]],
    ]);
  });

  it("joins the items of a stream, or keeps the last, or the first few", async () => {
    function* words() {
      yield "a";
      yield "b";
      yield "c";
    }
    const joined = traced(words, { name: "joined", joinStreamItems: true });
    const last = traced(words, { name: "last", captureLastStreamItem: true });
    const few = traced(words, { name: "few", maxStreamItems: 2 });
    for (const fn of [joined, last, few]) assert.deepEqual([...fn()], ["a", "b", "c"]);
    assert.deepEqual((await spans()).map((span) => span.output), [
      "abc",
      "c",
      ["a", "b", "...[1 more items]"],
    ]);
  });

  it("ends a generator's span without output when it is left early or throws", async () => {
    const endless = traced(function* endless() {
      for (let i = 0;; i++) yield i;
    });
    for (const item of endless()) if (item === 2) break;
    const broken = traced(async function* broken() {
      yield 1;
      throw new RangeError("stream broke");
    });
    await assert.rejects(async () => {
      for await (const _ of broken());
    }, RangeError);
    const [left, failed] = await spans();
    assert.equal(left?.output, null);
    assert.equal(left?.status_code, 0);
    assert.equal(failed?.output, null);
    assert.equal(failed?.status_message, "RangeError: stream broke");
  });

  it("makes the generator's span active in its body and not in its consumer", async () => {
    const inner = traced(function inner() {}, {});
    const gen = traced(function* gen() {
      inner();
      yield 1;
    });
    getTracer("t").withSpan("consumer", () => {
      for (const _ of gen()) assert.equal(getCurrentActiveSpan()?.isRecording(), true);
    });
    const byName = new Map((await spans()).map((span) => [span.span_name, span]));
    assert.equal(byName.get("inner")?.parent_span_id, byName.get("gen")?.span_id);
    assert.equal(byName.get("gen")?.parent_span_id, byName.get("consumer")?.span_id);
  });

  it("lets the span of a function that answers with a stream last as long as the stream", async () => {
    async function* words(): AsyncGenerator<string> {
      await pause();
      yield "a";
      yield "b";
    }
    const ask = traced(async (_question: string) => {
      await pause();
      return words();
    }, { name: "ask", joinStreamItems: true });
    const stream = await ask("?");
    assert.equal((await spans()).length, 0);
    let text = "";
    for await (const word of stream) text += word;
    assert.equal(text, "ab");
    const left = await ask("?");
    for await (const _ of left) break;
    const [read, abandoned] = await spans();
    assert.deepEqual([read?.input, read?.output], [["?"], "ab"]);
    assert.deepEqual([abandoned?.output, abandoned?.status_code], [null, 0]);
  });

  it("makes no span of a generator that is never stepped", async () => {
    traced(function* unused() {
      yield 1;
    })();
    assert.deepEqual(await spans(), []);
  });

  it("exports inner calls first, each the child of the one around it", async () => {
    const inner = traced(async function inner() {
      await pause();
    });
    const outer = traced(async function outer() {
      await pause();
      await inner();
    });
    await Promise.all([outer(), outer()]);
    const all = await spans();
    assert.equal(new Set(all.map((span) => span.trace_id)).size, 2);
    for (const span of all.filter((span) => span.span_name === "inner")) {
      const parent = all.find((other) => other.span_id === span.parent_span_id);
      assert.equal(parent?.span_name, "outer");
      assert.equal(parent?.trace_id, span.trace_id);
    }
  });

  it("tells the four kinds of functions apart", () => {
    assert.equal(getFunctionType(() => 1), "Sync");
    assert.equal(getFunctionType(async () => await Promise.resolve()), "Async");
    assert.equal(getFunctionType(function* () {}), "SyncGenerator");
    assert.equal(getFunctionType(async function* () {}), "AsyncGenerator");
  });
});
