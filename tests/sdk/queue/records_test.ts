import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PsiDriftProfile, SpcDriftProfile } from "../../../sdk/drift/mod.ts";
import { EvalRecord, feature, features, metrics } from "../../../sdk/records/mod.ts";
import { agentProfile, customProfile, mockQueue, PSI, recordsOf, SPC } from "./support.ts";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;

describe("a queue for PSI", () => {
  it("counts values into bins and sends every bin of a feature that was seen, zeros too", async () => {
    const { queue, transport } = await mockQueue({ m: PsiDriftProfile.fromJSON(PSI) });
    const m = queue.get("m");
    // Upper limits belong to their bin.
    for (const x of [2, 2.5, 5, -1000]) m.insert(features([feature.float("x", x)]));
    for (const x of [1, 2, 3, 4, 5]) m.insert(features([feature.int("x", x)]));
    await queue.shutdown();
    const records = recordsOf(transport.messages).map((record) => {
      assert.ok("Psi" in record);
      assert.match(record.Psi.created_at, TIME);
      const { uid, feature, bin_id, bin_count, entity_id } = record.Psi;
      assert.deepEqual([uid, entity_id], ["psi-uid", 0]);
      return [feature, bin_id, bin_count];
    });
    assert.deepEqual(records, [["x", 1, 4], ["x", 2, 5], ["x", 3, 0]]);
  });

  it("leaves out single values, tells of them, and keeps the rest of the batch", async () => {
    const { queue, transport, problems } = await mockQueue({ m: PsiDriftProfile.fromJSON(PSI) });
    const m = queue.get("m");
    m.insert(features({ x: 1, k: "a", unwatched: 1 }));
    m.insert(features({ x: NaN, k: "never seen" }));
    m.insert(features({ y: 1, k: 1 }));
    m.insert(features([feature.string("x", "text"), feature.float("k", 0.9)]));
    const report = await queue.shutdown();
    const counts = recordsOf(transport.messages).map((record) =>
      "Psi" in record ? [record.Psi.feature, record.Psi.bin_id, record.Psi.bin_count] : null
    );
    assert.deepEqual(counts, [["x", 1, 1], ["x", 2, 0], ["x", 3, 0], ["k", 1, 1], ["k", 0, 2]]);
    assert.equal(report.stats.m?.skippedValues, 4);
    assert.equal(report.stats.m?.sent, 4);
    const told = problems.map((problem) => problem.message).join("\n");
    for (
      const why of [
        /"x" has no value/,
        /"k" has a category without/,
        /"y" is not in/,
        /"x" is a text/,
      ]
    ) {
      assert.match(told, why);
    }
    assert.ok(problems.every((problem) => problem.kind === "values_skipped"));
  });

  it("sends a batch of a thousand by itself, and no counter is lost between batches", async () => {
    const { queue, transport } = await mockQueue({ m: PsiDriftProfile.fromJSON(PSI) });
    for (let i = 0; i < 2_500; i++) queue.get("m").insert(features({ x: i % 7 }));
    assert.equal(queue.get("m").stats().buffered, 500);
    await queue.shutdown();
    assert.equal(transport.messages.length, 3);
    const totals = new Map<number, number>();
    for (const record of recordsOf(transport.messages)) {
      if ("Psi" in record) {
        const { bin_id, bin_count } = record.Psi;
        totals.set(bin_id, (totals.get(bin_id) ?? 0) + bin_count);
      }
    }
    // 2500 = 357·7 + 1: residues 0,1,2 fall into the first bin, 3,4,5 into the second, 6 into the third.
    assert.deepEqual([...totals], [[1, 3 * 357 + 1], [2, 3 * 357], [3, 357]]);
  });
});

describe("a queue for SPC", () => {
  it("sends the mean of each complete sample, each feature for itself", async () => {
    const { queue, transport } = await mockQueue({ m: SpcDriftProfile.fromJSON(SPC) });
    const m = queue.get("m");
    for (const values of [{ p: 1, q: 10 }, { p: 2 }, { p: 6, q: NaN }, { q: 20 }, { q: 60 }]) {
      m.insert(features(values));
    }
    await queue.flush();
    const means = () =>
      recordsOf(transport.messages).map((record) =>
        "Spc" in record ? [record.Spc.uid, record.Spc.feature, record.Spc.value] : null
      );
    // The sample of q is complete with the fifth item, which waits for its batch.
    assert.deepEqual(means(), [["spc-uid", "p", 3], ["spc-uid", "q", 30]]);
    m.insert(features({ p: 7 }));
    await queue.flush();
    assert.equal(means().length, 2);
    await queue.shutdown();
    assert.deepEqual(means().at(-1), ["spc-uid", "p", 7]);
  });
});

describe("a queue for custom metrics", () => {
  it("sends the mean of each metric over the batch", async () => {
    const { queue, transport, problems } = await mockQueue({ m: customProfile() });
    const m = queue.get("m");
    m.insert(metrics({ MAE: 1, mape: 5 }));
    m.insert(metrics({ mae: 2, mape: Infinity, other: 1 }));
    m.insert(metrics({ mae: 12 }));
    await queue.shutdown();
    const means = transport.messages.map((message) =>
      recordsOf([message]).map((record) =>
        "Custom" in record ? [record.Custom.metric, record.Custom.value] : null
      )
    );
    assert.deepEqual(means, [[["mae", 1.5], ["mape", 5]], [["mae", 12]]]);
    assert.equal(problems.length, 2);
  });
});

describe("a queue for agents", () => {
  it("sends records as they were when they were inserted, under the profile", async () => {
    const { queue, transport } = await mockQueue({ a: agentProfile() });
    const context = { messages: ["hi"] };
    const record = new EvalRecord({ id: "order-7", context });
    queue.get("a").insert(record);
    context.messages.push("changed after");
    await queue.shutdown();
    const [sent] = recordsOf(transport.messages);
    assert.ok(sent !== undefined && "AgentEval" in sent);
    const { uid, record_id, entity_uid, context: seen } = sent.AgentEval.record;
    assert.deepEqual([uid, record_id, entity_uid, seen], [
      record.uid,
      "order-7",
      "agent-uid",
      { messages: ["hi"] },
    ]);
  });

  it("sends the share that the profile asks for and captures all", async () => {
    const chances = [0.1, 0.3, 0.29, 0.9];
    const { queue, transport } = await mockQueue({ a: agentProfile(0.3) }, {
      random: () => chances.shift() ?? 1,
    });
    queue.enableCapture();
    const records = [1, 2, 3, 4].map((n) => new EvalRecord({ id: String(n) }));
    for (const record of records) queue.get("a").insert(record);
    assert.deepEqual(queue.drainAllRecords(), { a: records });
    assert.deepEqual(queue.drainAllRecords(), {});
    const { stats } = await queue.shutdown();
    const ids = recordsOf(transport.messages).map((record) =>
      "AgentEval" in record ? record.AgentEval.record.record_id : null
    );
    assert.deepEqual(ids, ["1", "3"]);
    assert.deepEqual([stats.a?.inserted, stats.a?.sampledOut, stats.a?.sent], [4, 2, 2]);
  });

  it("tells of a record that cannot be written, and of records beyond the capture", async () => {
    const { queue, problems } = await mockQueue({ a: agentProfile() }, { maxCaptured: 1 });
    queue.enableCapture();
    queue.get("a").insert(new EvalRecord({ context: { n: 1n } }));
    queue.get("a").insert(new EvalRecord());
    assert.deepEqual(problems.map((problem) => problem.kind), ["item_rejected", "capture_full"]);
    assert.equal(queue.drainRecords("a").length, 1);
    queue.disableCapture();
    queue.get("a").insert(new EvalRecord());
    assert.equal(queue.drainRecords("a").length, 0);
    await queue.shutdown();
  });
});
