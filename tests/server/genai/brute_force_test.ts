import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { requestPricing } from "../../../server/genai/pricing.ts";
import type { GenAiFilter } from "../../../server/lake/traces/genai/genai_rows.ts";
import { spanId, traceId } from "../traces/fixture.ts";
import { GenAiWorld, type SentSpan } from "./genai_world.ts";

/** 2026-01-05T08:00:00Z, a full hour. */
const T0 = 1_767_600_000_000_000;
const MINUTE = 60_000_000;
const RUNS = 15;

interface Row {
  readonly service: string;
  readonly minute: number;
  readonly ms: number;
  readonly status: 0 | 1 | 2;
  readonly errorType: string | null;
  readonly operation: string | null;
  readonly provider: string | null;
  readonly requestModel: string | null;
  readonly responseModel: string | null;
  readonly agent: string | null;
  readonly tool: string | null;
  readonly conversation: string | null;
  readonly input: number | null;
  readonly output: number | null;
  readonly file: number;
}

const maybe = <T>(...values: T[]) => fc.option(fc.constantFrom(...values));
const rows = fc.array(
  fc.record<Row>({
    service: fc.constantFrom("a", "b"),
    minute: fc.nat(179),
    ms: fc.nat(5000),
    status: fc.constantFrom(0, 1, 2),
    errorType: maybe("timeout", "500"),
    operation: maybe("chat", "chat", "invoke_agent", "execute_tool"),
    provider: maybe("openai", "anthropic"),
    requestModel: maybe("m1", "m2"),
    responseModel: maybe("m1", "m3"),
    agent: maybe("planner", "writer"),
    tool: maybe("search", "shell"),
    conversation: maybe("c1", "c2"),
    input: fc.option(fc.nat(1000)),
    output: fc.option(fc.nat(1000)),
    file: fc.nat(2),
  }),
  { minLength: 1, maxLength: 40 },
);

const filters: fc.Arbitrary<GenAiFilter> = fc.record({
  startUs: fc.nat(100).map((minute) => T0 + minute * MINUTE),
  endUs: fc.integer({ min: 100, max: 180 }).map((minute) => T0 + minute * MINUTE),
  serviceName: fc.constantFrom("a", "b"),
  operationName: fc.constantFrom("chat", "invoke_agent"),
  providerName: fc.constantFrom("openai", "anthropic"),
  model: fc.constantFrom("m1", "m2", "m3"),
}, { requiredKeys: [] });

function sent(row: Row, at: number): SentSpan {
  const attributes: Record<string, string | number> = {};
  const set = (key: string, value: string | number | null) => {
    if (value !== null) attributes[key] = value;
  };
  set("gen_ai.operation.name", row.operation);
  set("gen_ai.provider.name", row.provider);
  set("gen_ai.request.model", row.requestModel);
  set("gen_ai.response.model", row.responseModel);
  set("gen_ai.agent.name", row.agent);
  set("gen_ai.tool.name", row.tool);
  set("gen_ai.conversation.id", row.conversation);
  set("gen_ai.usage.input_tokens", row.input);
  set("gen_ai.usage.output_tokens", row.output);
  set("error.type", row.errorType);
  const startUs = T0 + row.minute * MINUTE;
  return {
    traceId: traceId(at),
    spanId: spanId(at),
    service: row.service,
    startUs,
    endUs: startUs + row.ms * 1000,
    status: row.status,
    attributes,
  };
}

function matching(all: readonly Row[], filter: GenAiFilter): Row[] {
  return all.filter((row) => {
    const startUs = T0 + row.minute * MINUTE;
    return row.operation !== null && startUs >= (filter.startUs ?? 0) &&
      startUs < (filter.endUs ?? Infinity) &&
      (filter.serviceName ?? row.service) === row.service &&
      (filter.operationName ?? row.operation) === row.operation &&
      (filter.providerName ?? row.provider) === row.provider &&
      (filter.model === undefined || [row.requestModel, row.responseModel].includes(filter.model));
  });
}

const failed = (row: Row) => row.status === 2 || row.errorType !== null;
const sum = (all: readonly Row[], of: (row: Row) => number | null) =>
  all.reduce((total, row) => total + (of(row) ?? 0), 0);
const counts = (all: readonly Row[]) => ({
  spanCount: all.length,
  errorCount: all.filter(failed).length,
  typedErrorCount: all.filter((row) => row.errorType !== null).length,
  statusErrorCount: all.filter((row) => row.status === 2).length,
});
const tokens = (all: readonly Row[]) => ({
  inputTokens: sum(all, (row) => row.input),
  outputTokens: sum(all, (row) => row.output),
  cacheCreationTokens: 0,
  cacheReadTokens: 0,
});
const average = (all: readonly Row[]) => sum(all, (row) => row.ms) / all.length;

/** Linear interpolation between closest ranks (type 7 of Hyndman and Fan). */
function quantile(all: readonly Row[], q: number): number | null {
  const sorted = all.map((row) => row.ms).sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  return low === undefined || high === undefined
    ? null
    : low + (high - low) * (place - Math.floor(place));
}

const PRICING = requestPricing(
  new Map([["m1", {
    inputPerMillion: 2,
    outputPerMillion: 8,
    cacheCreationPerMillion: 0,
    cacheReadPerMillion: 0,
  }]]),
  { changesUs: [T0 + 30 * MINUTE], costOf: () => null },
);

/** What {@linkcode PRICING} asks for some rows. */
function costOf(members: readonly Row[]): number | null {
  const priced = members.filter((row) =>
    (row.responseModel ?? row.requestModel) === "m1" &&
    (row.input !== null || row.output !== null)
  );
  return priced.length === 0
    ? null
    : sum(priced, (row) => ((row.input ?? 0) * 2 + (row.output ?? 0) * 8) / 1e6);
}

const near = (actual: number | null, expected: number | null) =>
  assert.ok(
    actual === expected ||
      (actual !== null && expected !== null &&
        Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected))),
    `${actual} is not ${expected}`,
  );

describe("GenAI metrics against brute force", () => {
  let world: GenAiWorld;
  before(async () => {
    world = await GenAiWorld.open();
  });
  after(async () => {
    await world.close();
  });

  async function store(all: readonly Row[]): Promise<void> {
    world.clear();
    const spans = all.map((row, at) => ({ file: row.file, span: sent(row, at) }));
    for (const members of Map.groupBy(spans, ({ file }) => file).values()) {
      await world.send(members.map(({ span }) => span));
    }
  }

  const check = (holds: (all: readonly Row[], filter: GenAiFilter) => Promise<void>) =>
    fc.assert(
      fc.asyncProperty(rows, filters, async (all, filter) => {
        await store(all);
        await holds(all, filter);
      }),
      { numRuns: RUNS },
    );

  it("tokens by any interval", async () => {
    const widths = [["minute", 1], ["5 minutes", 5], ["hour", 60], ["2 hours", 120]] as const;
    await check(async (all, filter) => {
      for (const [name, minutes] of widths) {
        const [count = "1", unit = name] = name.includes(" ") ? name.split(" ") : [];
        const buckets = await world.queries.tokens(filter, {
          count: Number(count),
          unit: unit.startsWith("minute") ? "minute" : "hour",
        }, PRICING);
        const expected = [
          ...Map.groupBy(matching(all, filter), (row) => Math.floor(row.minute / minutes)),
        ].sort(([a], [b]) => a - b).map(([bucket, members]) => ({
          bucketStartUs: T0 + bucket * minutes * MINUTE,
          ...tokens(members),
          ...counts(members),
        }));
        assert.deepEqual(
          buckets.map(({ cost: _cost, unpricedSpanCount: _count, ...rest }) => rest),
          expected,
        );
        for (const { bucketStartUs, cost } of buckets) {
          near(
            cost,
            costOf(
              matching(all, filter).filter((row) =>
                Math.floor(row.minute / minutes) === (bucketStartUs - T0) / (minutes * MINUTE)
              ),
            ),
          );
        }
      }
    });
  });

  it("operations, models, tools and errors: every group, its counts, and the largest first", async () => {
    await check(async (all, filter) => {
      const found = matching(all, filter);
      const groups = (by: (row: Row) => unknown[], of = found) =>
        Map.groupBy(of, (row) => JSON.stringify(by(row)));
      const sorted = (list: readonly { readonly spanCount: number }[]) =>
        assert.deepEqual(
          list.map((entry) => entry.spanCount),
          list.map((entry) => entry.spanCount).sort((a, b) => b - a),
        );

      const operations = await world.queries.operations(filter);
      const byOperation = groups((row) => [row.operation, row.provider]);
      assert.equal(operations.length, byOperation.size);
      sorted(operations);
      for (const { operationName, providerName, avgDurationMs, ...rest } of operations) {
        const members = byOperation.get(JSON.stringify([operationName, providerName])) ?? [];
        assert.deepEqual(rest, { ...tokens(members), ...counts(members) });
        near(avgDurationMs, average(members));
      }

      const models = await world.queries.models(filter, PRICING);
      const byModel = groups((row) => [
        row.responseModel ?? row.requestModel ?? "unknown",
        row.provider,
      ]);
      assert.equal(models.length, byModel.size);
      sorted(models);
      for (const entry of models) {
        const { model, providerName, p50DurationMs, p95DurationMs, p99DurationMs, ...more } = entry;
        const { cost, unpricedSpanCount: _count, ...rest } = more;
        const members = byModel.get(JSON.stringify([model, providerName])) ?? [];
        assert.deepEqual(rest, { ...tokens(members), ...counts(members) });
        near(cost, costOf(members));
        near(p50DurationMs, quantile(members, 0.5));
        near(p95DurationMs, quantile(members, 0.95));
        near(p99DurationMs, quantile(members, 0.99));
      }

      const calls = found.filter((row) => row.tool !== null || row.operation === "execute_tool");
      const tools = await world.queries.tools(filter);
      const byTool = groups((row) => [row.tool, null], calls);
      assert.equal(tools.length, byTool.size);
      sorted(tools);
      for (const { toolName, toolType, avgDurationMs, ...rest } of tools) {
        const members = byTool.get(JSON.stringify([toolName, toolType])) ?? [];
        assert.deepEqual(rest, counts(members));
        near(avgDurationMs, average(members));
      }

      const byError = groups((row) => [row.errorType ?? "_OTHER"], found.filter(failed));
      assert.deepEqual(
        new Map((await world.queries.errors(filter)).map((e) => [e.errorType, e.count])),
        new Map(
          [...byError].map(([key, members]): [string, number] => [
            JSON.parse(key)[0],
            members.length,
          ]),
        ),
      );
    });
  });

  it("the agents' dashboard: percentiles over all rows, cost of priced models alone", async () => {
    await check(async (all, filter) => {
      const found = matching(all, filter).filter((row) =>
        row.agent !== null || row.operation === "invoke_agent"
      );
      const { summary, buckets } = await world.queries.agentDashboard(
        filter,
        { count: 1, unit: "hour" },
        PRICING,
      );
      const check = (
        entry: Omit<typeof summary, "agentCount" | "conversationCount" | "costByModel">,
        members: readonly Row[],
      ) => {
        assert.equal(entry.spanCount, members.length);
        assert.equal(entry.errorCount, members.filter(failed).length);
        assert.equal(entry.inputTokens, tokens(members).inputTokens);
        assert.equal(entry.outputTokens, tokens(members).outputTokens);
        near(entry.avgDurationMs, members.length === 0 ? 0 : average(members));
        near(entry.p50DurationMs, quantile(members, 0.5));
        near(entry.p95DurationMs, quantile(members, 0.95));
        near(entry.p99DurationMs, quantile(members, 0.99));
        near(entry.cost, costOf(members));
      };
      check(summary, found);
      assert.equal(summary.agentCount, new Set(found.flatMap((row) => row.agent ?? [])).size);
      assert.equal(
        summary.conversationCount,
        new Set(found.flatMap((row) => row.conversation ?? [])).size,
      );
      const byHour = Map.groupBy(found, (row) => Math.floor(row.minute / 60));
      assert.deepEqual(
        buckets.map((bucket) => bucket.bucketStartUs),
        [...byHour.keys()].sort().map((hour) => T0 + hour * 60 * MINUTE),
      );
      for (const bucket of buckets) {
        check(bucket, byHour.get((bucket.bucketStartUs - T0) / (60 * MINUTE)) ?? []);
      }
      for (const model of summary.costByModel) {
        assert.equal(model.cost !== null, model.model === "m1");
        assert.equal(model.unpricedSpanCount === 0, model.model === "m1");
      }
    });
  });
});
