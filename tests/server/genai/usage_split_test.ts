import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PriceTable } from "../../../server/genai/price_table.ts";
import {
  parseSplit,
  parseUsageOf,
  type Usage,
} from "../../../server/lake/traces/genai/usage_split.ts";
import { spanId, traceId } from "../traces/fixture.ts";
import { GenAiWorld, type SentSpan, type Value } from "./genai_world.ts";

/** 2026-01-05T08:00:00Z, a full hour. */
const T0 = 1_767_600_000_000_000;
const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;

let serial = 0;
const span = (
  trace: number,
  fromS: number,
  lengthS: number,
  attributes: { readonly [key: string]: Value },
  more: Partial<SentSpan> = {},
): SentSpan => ({
  traceId: traceId(trace),
  spanId: spanId(++serial),
  startUs: T0 + fromS * SECOND,
  endUs: T0 + (fromS + lengthS) * SECOND,
  attributes,
  ...more,
});
const agent = (name: string) => ({
  "gen_ai.operation.name": "invoke_agent",
  "gen_ai.agent.name": name,
  "gen_ai.usage.input_tokens": 999,
});
const chat = (model: string, input: number, output: number, more = {}) => ({
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "p",
  "gen_ai.request.model": model,
  "gen_ai.usage.input_tokens": input,
  "gen_ai.usage.output_tokens": output,
  ...more,
});
const tool = (name: string) => ({
  "gen_ai.operation.name": "execute_tool",
  "gen_ai.tool.name": name,
});

describe("usage split by one thing", () => {
  let world: GenAiWorld;
  const pricing = new PriceTable(
    [],
    ["dear", "cheap"].map((model, index) => ({
      model,
      providerName: null,
      effectiveFromUs: 0,
      inputPerMillion: index === 0 ? 10 : 1,
      outputPerMillion: index === 0 ? 20 : 2,
      cacheCreationPerMillion: null,
      cacheReadPerMillion: null,
    })),
  );

  before(async () => {
    world = await GenAiWorld.open();
    await world.send([
      // A planner that hands over to a writer; the writer's call is within both.
      span(1, 0, 100, agent("planner")),
      span(1, 1, 4, chat("dear", 100, 10, { team: "red" })),
      span(1, 10, 50, agent("writer")),
      span(
        1,
        20,
        10,
        chat("cheap", 1000, 100, {
          team: "blue",
          "gen_ai.response.finish_reasons": ["stop", "length"],
        }),
      ),
      span(1, 70, 2, tool("search"), { status: 2 }),
      // An hour later, outside of any agent, by a model nobody knows the price of.
      span(
        2,
        3700,
        2,
        chat("home", 5, 5, {
          "gen_ai.output.messages":
            '[{"role":"assistant","parts":[],"finish_reason":"stop"},{"role":"assistant"}]',
        }),
      ),
      span(2, 3710, 8, tool("shell")),
      span(2, 3720, 1, chat("home", 1, 1)),
    ]);
  });
  after(() => world.close());

  const ask = (split: string, of = "", maxGroups = 8) =>
    world.queries.usage(
      { startUs: T0, endUs: T0 + 2 * HOUR },
      {
        interval: { count: 1, unit: "hour" },
        split: parseSplit(split),
        of: parseUsageOf(of),
        maxGroups,
      },
      pricing,
    );
  const lines = (usage: Usage) =>
    usage.groups.map(({ kind, key, activity }) => [
      kind,
      key,
      activity.spanCount,
      activity.inputTokens + activity.outputTokens,
      activity.cost === null ? null : Math.round(activity.cost * 1e6),
      activity.unpricedSpanCount,
    ]);

  // Prices by hand, in millionths of a dollar: dear 100 × 10 + 10 × 20 = 1200; cheap 1000 × 1 + 100 × 2 = 1200.
  it("is the same in all, however it is split, and counts tokens of agents once", async () => {
    for (const split of ["", "model", "provider", "operation", "agent", "tool", "service"]) {
      const { total, groups, buckets } = await ask(split);
      assert.equal(total.spanCount, 8, split);
      assert.equal(total.inputTokens, 1106, split);
      assert.equal(total.outputTokens, 116, split);
      assert.equal(Math.round((total.cost ?? 0) * 1e6), 2400, split);
      assert.equal(total.unpricedSpanCount, 2, split);
      assert.equal(total.errorCount, 1, split);
      for (const parts of [groups, buckets]) {
        assert.equal(parts.reduce((sum, { activity }) => sum + activity.spanCount, 0), 8, split);
        assert.equal(
          parts.reduce((sum, { activity }) => sum + activity.inputTokens, 0),
          1106,
          split,
        );
        assert.equal(
          Math.round(parts.reduce((sum, { activity }) => sum + (activity.cost ?? 0), 0) * 1e6),
          2400,
          split,
        );
      }
    }
  });

  it("splits by model, most expensive first, then most tokens, unpriced last", async () => {
    assert.deepEqual(lines(await ask("model")), [
      ["value", "cheap", 1, 1100, 1200, 0],
      ["value", "dear", 1, 110, 1200, 0],
      ["value", "home", 2, 12, null, 2],
      ["none", "", 4, 0, null, 0],
    ]);
  });

  it("gives a call to the innermost agent that ran around it", async () => {
    assert.deepEqual(lines(await ask("agent")), [
      ["value", "writer", 2, 1100, 1200, 0],
      ["value", "planner", 3, 110, 1200, 0],
      ["none", "", 3, 12, null, 2],
    ]);
  });

  it("splits by an attribute", async () => {
    assert.deepEqual(lines(await ask("tag.team")), [
      ["value", "blue", 1, 1100, 1200, 0],
      ["value", "red", 1, 110, 1200, 0],
      ["none", "", 6, 12, null, 2],
    ]);
    assert.deepEqual(lines(await ask("tag.service.name")), [
      ["value", "svc", 8, 1222, 2400, 2],
    ]);
  });

  it("puts what is not told apart into the rest", async () => {
    const usage = await ask("model", "models", 1);
    assert.equal(usage.valueCount, 3);
    assert.deepEqual(lines(usage), [
      ["value", "cheap", 1, 1100, 1200, 0],
      ["rest", "", 3, 122, 1200, 2],
    ]);
  });

  it("looks at tools, agents or calls of models alone", async () => {
    const tools = await ask("tool", "tools");
    assert.deepEqual(
      tools.groups.map(({ key, activity }) => [key, activity.p50DurationMs, activity.errorCount]),
      [["search", 2000, 1], ["shell", 8000, 0]],
    );
    assert.equal((await ask("", "models")).total.p50DurationMs, 3000);
    assert.equal((await ask("", "agents")).total.spanCount, 2);
  });

  it("has a bucket for each hour that something happened in", async () => {
    const { buckets } = await ask("model", "models");
    assert.deepEqual(
      buckets.map(({ bucketStartUs, group, activity }) => [
        (bucketStartUs - T0) / HOUR,
        group,
        activity.spanCount,
        activity.p50DurationMs,
      ]),
      [[0, 0, 1, 10_000], [0, 1, 1, 4000], [1, 2, 2, 1500]],
    );
  });

  it("counts why models stopped, by attribute or message", async () => {
    assert.deepEqual(await world.queries.finishReasons({}), {
      reasons: [{ reason: "stop", count: 2 }, { reason: "length", count: 1 }],
      untoldCount: 2,
    });
  });

  it("refuses what it does not know", () => {
    assert.throws(() => parseSplit("colour"), /split_by is "colour"/);
    assert.throws(() => parseSplit("tag."), /split_by/);
    assert.throws(() => parseUsageOf("cats"), /of is "cats"/);
  });
});
