import assert from "node:assert/strict";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { context, propagation, trace } from "@opentelemetry/api";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fakeServer } from "../client/fake_server.ts";
import {
  HttpTransport,
  MockTransport,
  QueueError,
  ScouterQueue,
  TransportError,
} from "../../../sdk/queue/mod.ts";
import type { SpanQueue } from "../../../sdk/tracing/mod.ts";
import { EvalRecord, features, metrics } from "../../../sdk/records/mod.ts";
import { agentProfile, CUSTOM, customProfile, mockQueue, PSI, recordsOf, SPC } from "./support.ts";

const FAST = { firstBackoffMs: 1, maxBackoffMs: 2 };
const mae = (value: number) => metrics({ mae: value });

/** A transport whose sends wait until they are let through. */
function gate(): { transport: MockTransport; open: () => void; attempts: () => number } {
  let open = () => {};
  let attempts = 0;
  const opened = new Promise<void>((resolve) => open = resolve);
  const transport = new MockTransport({
    onSend: (_, signal) => {
      attempts++;
      return new Promise<void>((resolve, reject) => {
        opened.then(resolve);
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    },
  });
  return { transport, open, attempts: () => attempts };
}

const means = (transport: MockTransport) =>
  recordsOf(transport.messages).map((record) => "Custom" in record ? record.Custom.value : null);

describe("sending", () => {
  it("tries again until the other side takes the batch, and sends each once and in order", async () => {
    let refusals = 3;
    const transport = new MockTransport({
      onSend: () => {
        if (refusals-- > 0) throw new TransportError("busy", { retryAfterMs: 1 });
      },
    });
    const { queue, problems } = await mockQueue({ m: customProfile() }, { transport, retry: FAST });
    for (const value of [1, 1, 2, 2, 3, 3]) queue.get("m").insert(mae(value));
    await queue.flush();
    assert.deepEqual(means(transport), [1, 2, 3]);
    const { retries, sent, sentRecords, failed, pending } = queue.get("m").stats();
    assert.deepEqual({ retries, sent, sentRecords, failed, pending }, {
      retries: 3,
      sent: 6,
      sentRecords: 3,
      failed: 0,
      pending: 0,
    });
    assert.deepEqual(problems.map((problem) => problem.kind), Array(3).fill("attempt_failed"));
    assert.equal((await queue.shutdown()).complete, true);
  });

  it("gives up what is refused for good, and goes on with the next", async () => {
    let first = true;
    const transport = new MockTransport({
      onSend: () => {
        if (first) {
          first = false;
          throw new TransportError("too large", { retry: false });
        }
      },
    });
    const { queue, problems } = await mockQueue({ m: customProfile() }, { transport });
    for (const value of [1, 1, 2, 2]) queue.get("m").insert(mae(value));
    const report = await queue.shutdown();
    assert.deepEqual(means(transport), [2]);
    assert.deepEqual([report.complete, report.unsent], [false, []]);
    assert.deepEqual([report.stats.m?.failed, report.stats.m?.sent], [2, 2]);
    assert.match(problems[0]?.message ?? "", /2 items could not be sent: too large/);
  });

  it("gives up after the attempts it was allowed", async () => {
    let attempts = 0;
    const transport = new MockTransport({
      onSend: () => {
        attempts++;
        throw new TransportError("down");
      },
    });
    const retry = { ...FAST, maxAttempts: 3 };
    const { queue } = await mockQueue({ m: customProfile() }, { transport, retry });
    queue.get("m").insert(mae(1));
    const { stats } = await queue.shutdown();
    assert.deepEqual([attempts, stats.m?.failed, stats.m?.retries], [3, 1, 2]);
  });

  it("publishes with time what does not make a batch", async () => {
    const { queue, transport } = await mockQueue({ m: customProfile() }, { publishIntervalMs: 5 });
    queue.get("m").insert(mae(1));
    while (transport.messages.length === 0) await new Promise((wake) => setTimeout(wake, 2));
    assert.deepEqual(means(transport), [1]);
    await queue.shutdown();
  });
});

describe("too many batches", () => {
  it("drop the oldest that is not being sent, and tell", async () => {
    const { transport, open } = gate();
    const { queue, problems } = await mockQueue({ m: customProfile() }, {
      transport,
      maxPendingBatches: 2,
    });
    queue.get("m").insert(mae(1));
    queue.get("m").insert(mae(1));
    // Let the first be under way.
    await new Promise((wake) => setTimeout(wake, 1));
    for (const value of [2, 2, 3, 3, 4, 4]) queue.get("m").insert(mae(value));
    open();
    const report = await queue.shutdown();
    assert.deepEqual(means(transport), [1, 4]);
    assert.equal(report.stats.m?.dropped, 4);
    assert.deepEqual(problems.map((problem) => problem.kind), ["batch_dropped", "batch_dropped"]);
    assert.equal(report.complete, false);
  });

  it("drop the newest, when that is wanted", async () => {
    const { transport, open } = gate();
    const { queue } = await mockQueue({ m: customProfile() }, {
      transport,
      maxPendingBatches: 2,
      overflow: "dropNewest",
    });
    for (const value of [1, 1, 2, 2, 3, 3]) queue.get("m").insert(mae(value));
    open();
    const { stats } = await queue.shutdown();
    assert.deepEqual(means(transport), [1, 2]);
    assert.equal(stats.m?.dropped, 2);
  });

  it("make inserting wait, when that is wanted, and lose nothing", async () => {
    const { transport, open } = gate();
    const { queue } = await mockQueue({ m: customProfile() }, {
      transport,
      maxPendingBatches: 1,
      overflow: "wait",
    });
    const m = queue.get("m");
    assert.equal(m.insert(mae(1)), undefined);
    assert.equal(m.insert(mae(1)), undefined);
    let inserted = 0;
    const waiting = [2, 2, 3, 3, 4].map((value) => m.insert(mae(value))?.then(() => inserted++));
    assert.ok(waiting.every((promise) => promise instanceof Promise));
    await new Promise((wake) => setTimeout(wake, 1));
    assert.equal(inserted, 0);
    open();
    await Promise.all(waiting);
    const { stats } = await queue.shutdown();
    assert.deepEqual(means(transport), [1, 2, 3, 4]);
    assert.deepEqual([stats.m?.dropped, stats.m?.sent], [0, 7]);
  });
});

describe("a program that waits for space, with nothing else to do", () => {
  it("does not end before the next attempt", async () => {
    let attempts = 0;
    const transport = new MockTransport({
      onSend: () => {
        if (++attempts < 3) throw new TransportError("busy");
      },
    });
    const { queue } = await mockQueue({ m: customProfile() }, {
      transport,
      maxPendingBatches: 1,
      overflow: "wait",
      retry: { firstBackoffMs: 20, maxBackoffMs: 40 },
    });
    const m = queue.get("m");
    for (const value of [1, 1]) m.insert(mae(value));
    await m.insert(mae(2));
    assert.equal(attempts, 3);
    assert.equal((await queue.shutdown()).complete, true);
  });
});

describe("shutting down", () => {
  it("reports what could not be sent within the time", async () => {
    const { transport, attempts } = gate();
    const { queue } = await mockQueue({ m: customProfile(), a: agentProfile() }, { transport });
    for (const value of [1, 1, 2]) queue.get("m").insert(mae(value));
    const report = await queue.shutdown({ deadlineMs: 20 });
    assert.equal(attempts(), 1);
    assert.deepEqual(report.unsent, [{ alias: "m", batches: 2, items: 3, kept: false }]);
    assert.deepEqual([report.complete, report.stats.m?.dropped], [false, 3]);
    assert.deepEqual(await queue.shutdown(), report);
    assert.throws(() => queue.get("m"), { code: "UNKNOWN_ALIAS" });
    assert.equal(queue.isEmpty(), true);
  });

  it("cuts the pause before the next attempt short", async () => {
    let up = false;
    const transport = new MockTransport({
      onSend: () => {
        if (!up) throw new TransportError("down");
      },
    });
    const retry = { firstBackoffMs: 3_600_000, maxBackoffMs: 3_600_000 };
    const { queue } = await mockQueue({ m: customProfile() }, { transport, retry });
    for (const value of [1, 1]) queue.get("m").insert(mae(value));
    await new Promise((wake) => setTimeout(wake, 1));
    up = true;
    assert.equal((await queue.shutdown()).complete, true);
  });

  it("rejects and counts what comes after", async () => {
    const { queue, problems } = await mockQueue({ m: customProfile() });
    const m = queue.get("m");
    await queue.shutdown();
    m.insert(mae(1));
    assert.equal(m.stats().rejected, 1);
    assert.match(problems[0]?.message ?? "", /shut down/);
  });

  it("closes the transport once", async () => {
    let closed = 0;
    const transport = {
      name: "x",
      send: () => Promise.resolve(),
      close: () => Promise.resolve(void closed++),
    };
    const queue = await ScouterQueue.fromProfile({ m: customProfile() }, { transport });
    await queue[Symbol.asyncDispose]();
    await queue.shutdown();
    assert.equal(closed, 1);
  });
});

describe("items", () => {
  it("of another kind are rejected and told, and inserting does not throw", async () => {
    const { queue, problems } = await mockQueue({ m: customProfile() });
    queue.get("m").insert(features({ x: 1 }));
    queue.get("m").insert(new EvalRecord());
    assert.deepEqual(problems.map(({ alias, kind, count }) => ({ alias, kind, count })), [
      { alias: "m", kind: "item_rejected", count: 1 },
      { alias: "m", kind: "item_rejected", count: 1 },
    ]);
    assert.equal((await queue.shutdown()).stats.m?.rejected, 2);
  });

  it("survive a callback that throws", async () => {
    const { queue } = await mockQueue({ m: customProfile() }, {
      onProblem: () => {
        throw new Error("a mistake of the user's");
      },
    });
    const { warn } = console;
    const warnings: string[] = [];
    console.warn = (text: string) => void warnings.push(text);
    try {
      queue.get("m").insert(features({ x: 1 }));
    } finally {
      console.warn = warn;
    }
    assert.match(warnings.join(), /onProblem threw a mistake/);
    await queue.shutdown();
  });

  it("carry the trace and the evaluation scenario they come from", async () => {
    const { queue } = await mockQueue({ a: agentProfile() });
    const manager = new AsyncLocalStorageContextManager().enable();
    const hadManager = !context.setGlobalContextManager(manager);
    const spanContext = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1 };
    const baggage = propagation.createBaggage({ "scouter.eval.scenario_id": { value: "s1" } });
    const active = propagation.setBaggage(
      trace.setSpanContext(context.active(), spanContext),
      baggage,
    );
    const stamped = new EvalRecord();
    const own = new EvalRecord({ traceId: "c".repeat(32) });
    try {
      context.with(active, () => {
        // As tracing sees it.
        const ofSpans: SpanQueue = queue;
        ofSpans.get("a")?.insert(stamped);
        queue.get("a").insert(own);
      });
    } finally {
      if (!hadManager) context.disable();
    }
    assert.equal(stamped.traceId, "a".repeat(32));
    assert.deepEqual(stamped.tags, ["scouter.eval.scenario_id=s1"]);
    assert.equal(own.traceId, "c".repeat(32));
    await queue.shutdown();
  });
});

describe("making queues", () => {
  it("reads profile files, bare or wrapped in their kind", async () => {
    const folder = await mkdtemp(join(tmpdir(), "scouter-profiles-"));
    try {
      const agent = {
        tasks: { assertion: [], judge: [], trace: [], agent: [] },
        config: { uid: "agent-uid", sample_ratio: 0.5, drift_type: "Agent" },
        alias: "triage",
      };
      const files = { psi: { Psi: PSI }, spc: SPC, custom: CUSTOM, agent: { Agent: agent } };
      const paths: Record<string, string> = {};
      for (const [name, content] of Object.entries(files)) {
        paths[name] = join(folder, `${name}.json`);
        await writeFile(paths[name], JSON.stringify(content));
      }
      const queue = await ScouterQueue.fromPath(paths, { transport: new MockTransport() });
      assert.deepEqual(
        queue.aliases.map((alias) => queue.get(alias).entityUid),
        ["psi-uid", "spc-uid", "custom-uid", "agent-uid"],
      );
      assert.equal(queue.agentProfiles().agent?.config.sampleRatio, 0.5);
      await queue.shutdown();

      const bad = join(folder, "bad.json");
      await writeFile(bad, '{"config":{"drift_type":"Other"}}');
      for (const path of [bad, join(folder, "none.json")]) {
        await assert.rejects(
          ScouterQueue.fromPath({ m: path }, { transport: new MockTransport() }),
          (error) =>
            error instanceof QueueError && error.code === "INVALID_PROFILE" &&
            error.message.includes(path),
        );
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("takes the aliases of agents' profiles, and asks for those of others", async () => {
    const transport = new MockTransport();
    const one = await ScouterQueue.fromProfile(agentProfile(1, "triage"), { transport });
    assert.equal(one.get("triage").entityUid, "agent-uid");
    await one.shutdown();
    for (
      const profiles of [customProfile(), [agentProfile(1, null)], [agentProfile(), agentProfile()]]
    ) {
      await assert.rejects(ScouterQueue.fromProfile(profiles, { transport }), {
        code: "INVALID_ARGUMENT",
        message: /alias/,
      });
    }
  });

  it("lists the aliases there are when one is asked for that there is not", async () => {
    const { queue } = await mockQueue({ m: customProfile() });
    assert.throws(() => queue.get("x"), /no queue with alias "x"; there are: m/);
    await queue.shutdown();
  });
});

describe("sending over HTTP", () => {
  const ok = { json: { status: "success", message: "" } };

  it("posts the envelope with the login, and again when the server was busy", async () => {
    let busy = true;
    const server = await fakeServer(({ path }) => {
      if (path === "/scouter/auth/login") return { json: { token: "t1" } };
      if (path === "/scouter/auth/validate") return { json: { is_authenticated: true } };
      if (!busy) return ok;
      busy = false;
      return { status: 429, json: { error: "full", code: "RESOURCE_EXHAUSTED", retry: true } };
    });
    try {
      const login = { username: "ada", password: "a long password" };
      const transport = new HttpTransport({ serverUri: server.url, ...login });
      const queue = await ScouterQueue.fromProfile({ m: customProfile() }, {
        transport,
        waitForStartup: true,
        retry: FAST,
        onProblem: () => {},
      });
      queue.get("m").insert(mae(12));
      const report = await queue.shutdown();
      assert.equal(report.complete, true);
      const posts = server.received.filter((request) => request.path === "/scouter/message");
      assert.deepEqual(posts.map((post) => post.authorization), ["Bearer t1", "Bearer t1"]);
      const [first, second] = posts.map((post) => post.body);
      assert.deepEqual(first, second);
      const records: unknown = Reflect.get(Object(first), "records");
      assert.ok(Array.isArray(records));
      assert.deepEqual(Object.keys(records[0]), ["Custom"]);
    } finally {
      await server[Symbol.asyncDispose]();
    }
  });

  it("does not repeat what the server will never take", async () => {
    const server = await fakeServer(() => ({
      status: 501,
      json: { error: "no drift store", code: "NOT_IMPLEMENTED", suggested_action: "Update it." },
    }));
    try {
      const problems: string[] = [];
      const queue = await ScouterQueue.fromProfile({ m: customProfile() }, {
        transport: new HttpTransport({ serverUri: server.url }),
        onProblem: (problem) => problems.push(problem.message),
      });
      queue.get("m").insert(mae(1));
      const { stats } = await queue.shutdown();
      assert.deepEqual([stats.m?.failed, server.received.length], [1, 1]);
      assert.match(problems.join(), /no drift store \(Update it\.\)/);
    } finally {
      await server[Symbol.asyncDispose]();
    }
  });

  it("keeps what it has while the server is away, and sends it when it is back", async () => {
    let up = false;
    const server = await fakeServer(() => up ? ok : { status: 503, text: "" });
    try {
      const queue = await ScouterQueue.fromProfile({ m: customProfile() }, {
        transport: new HttpTransport({ serverUri: server.url }),
        retry: FAST,
        onProblem: () => {},
      });
      queue.get("m").insert(mae(1));
      const sent = queue.flush();
      while (server.received.length < 3) await new Promise((wake) => setTimeout(wake, 2));
      up = true;
      await sent;
      assert.equal(queue.get("m").stats().sent, 1);
      await queue.shutdown();
    } finally {
      await server[Symbol.asyncDispose]();
    }
  });

  it("says at the start that nothing can be sent, when that is asked for", async () => {
    const server = await fakeServer(() => ({ status: 401, json: { error: "wrong", code: "X" } }));
    try {
      await assert.rejects(
        ScouterQueue.fromProfile({ m: customProfile() }, {
          transport: new HttpTransport({ serverUri: server.url, apiKey: "sk_1" }),
          waitForStartup: true,
        }),
        { code: "STARTUP_FAILED", message: /wrong/ },
      );
    } finally {
      await server[Symbol.asyncDispose]();
    }
  });
});
