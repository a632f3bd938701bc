import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { spanId, traceId } from "../traces/fixture.ts";
import { type GenAiDoors, openGenAiDoors } from "./doors.ts";
import { GenAiWorld, type SentSpan, type Value } from "./genai_world.ts";

/** 2026-01-05T08:00:00Z */
const T0 = 1_767_600_000_000_000;
const WINDOW = { start_time: "2026-01-05T08:00:00Z", end_time: "2026-01-05T09:00:00Z" };

let serial = 0;
function span(
  attributes: { readonly [key: string]: Value },
  more: Partial<SentSpan> = {},
): SentSpan {
  serial++;
  return {
    traceId: traceId(serial),
    spanId: spanId(serial),
    startUs: T0 + serial * 1000,
    endUs: T0 + serial * 1000 + 2_000_000,
    attributes,
    ...more,
  };
}

describe("GenAI over REST", () => {
  let world: GenAiWorld;
  let doors: GenAiDoors;
  before(async () => {
    world = await GenAiWorld.open();
    doors = openGenAiDoors(world.queries);
  });
  after(async () => {
    await doors[Symbol.asyncDispose]();
    await world.close();
  });

  async function sent(...spans: SentSpan[]): Promise<void> {
    world.clear();
    await world.send(spans);
  }
  const post = async (path: string, body: unknown) => {
    const answer = await doors.ask("POST", `/scouter/genai${path}`, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };

  it("five calls of 100 tokens in and 200 out are one bucket of 500 and 1000", async () => {
    const call = {
      "gen_ai.operation.name": "chat",
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 200,
    };
    await sent(span(call), span(call), span(call), span(call), span(call));
    assert.deepEqual(await post("/metrics/tokens", WINDOW), {
      buckets: [{
        bucket_start: "2026-01-05T08:00:00Z",
        total_input_tokens: 500,
        total_output_tokens: 1000,
        total_cache_creation_tokens: 0,
        total_cache_read_tokens: 0,
        span_count: 5,
        error_rate: 0,
        error_type_rate: 0,
        status_error_rate: 0,
        total_cost: null,
        unpriced_span_count: 5,
      }],
    });
  });

  it("an agent that repeats the tokens of its two calls adds none, in time or by model", async () => {
    const used = (operation: string, input: number, output: number) => ({
      "gen_ai.operation.name": operation,
      "gen_ai.response.model": "m1",
      "gen_ai.usage.input_tokens": input,
      "gen_ai.usage.output_tokens": output,
    });
    const traceId = "ab".repeat(16);
    await sent(
      { ...span(used("invoke_agent", 30, 12)), traceId },
      { ...span(used("chat", 10, 5)), traceId },
      { ...span(used("chat", 20, 7)), traceId },
      // Of another trace, with nothing below that tells its tokens.
      span(used("invoke_agent", 1000, 100)),
    );
    const { buckets } = await post("/metrics/tokens", WINDOW) as { buckets: unknown[] };
    const { models } = await post("/metrics/models", WINDOW) as { models: unknown[] };
    for (const entries of [buckets, models]) {
      assert.equal(entries.length, 1);
      assert.partialDeepStrictEqual(entries[0], {
        span_count: 4,
        total_input_tokens: 1030,
        total_output_tokens: 112,
      });
    }
  });

  it("agents: three good calls, a failed one and a plain chat of no agent", async () => {
    const call = (input: number, output: number, more: { readonly [key: string]: Value } = {}) => ({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "planner",
      "gen_ai.response.model": "m1",
      "gen_ai.usage.input_tokens": input,
      "gen_ai.usage.output_tokens": output,
      ...more,
    });
    await sent(
      span(call(100, 200)),
      span(call(100, 200)),
      span(call(100, 200)),
      span(call(10, 20, { "error.type": "timeout" })),
      span({ "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 7 }),
    );
    assert.deepEqual(
      await post("/agent/metrics", {
        ...WINDOW,
        bucket_interval: "hour",
        model_pricing: {
          m1: {
            input_per_million: 1,
            output_per_million: 10,
            cache_creation_per_million: 0,
            cache_read_per_million: 0,
          },
        },
      }),
      {
        summary: {
          total_requests: 4,
          error_count: 1,
          overall_error_rate: 0.25,
          error_type_rate: 0.25,
          status_error_rate: 0,
          avg_duration_ms: 2000,
          p50_duration_ms: 2000,
          p95_duration_ms: 2000,
          p99_duration_ms: 2000,
          total_input_tokens: 310,
          total_output_tokens: 620,
          total_cache_creation_tokens: 0,
          total_cache_read_tokens: 0,
          // 310 × 1 / 1e6 + 620 × 10 / 1e6
          total_cost: 0.00651,
          unpriced_span_count: 0,
          unique_agent_count: 1,
          unique_conversation_count: 0,
          cost_by_model: [{
            model: "m1",
            total_input_tokens: 310,
            total_output_tokens: 620,
            total_cache_creation_tokens: 0,
            total_cache_read_tokens: 0,
            total_cost: 0.00651,
          }],
        },
        buckets: [{
          bucket_start: "2026-01-05T08:00:00Z",
          span_count: 4,
          error_count: 1,
          error_rate: 0.25,
          error_type_rate: 0.25,
          status_error_rate: 0,
          avg_duration_ms: 2000,
          p50_duration_ms: 2000,
          p95_duration_ms: 2000,
          p99_duration_ms: 2000,
          total_input_tokens: 310,
          total_output_tokens: 620,
          total_cache_creation_tokens: 0,
          total_cache_read_tokens: 0,
          total_cost: 0.00651,
          unpriced_span_count: 0,
        }],
      },
    );
  });

  it("a failure by status alone counts, and both kinds can be told apart", async () => {
    const call = { "gen_ai.operation.name": "chat" };
    await sent(
      span(call, { status: 2 }),
      span({ ...call, "error.type": "rate_limit" }),
      span({ ...call, "error.type": "rate_limit" }, { status: 2 }),
      span(call),
    );
    assert.deepEqual(await post("/metrics/operations", WINDOW), {
      operations: [{
        operation_name: "chat",
        provider_name: null,
        span_count: 4,
        avg_duration_ms: 2000,
        total_input_tokens: 0,
        total_output_tokens: 0,
        error_rate: 0.75,
        error_type_rate: 0.5,
        status_error_rate: 0.5,
      }],
    });
    assert.deepEqual(await post("/metrics/errors", WINDOW), {
      errors: [{ error_type: "rate_limit", count: 2 }, { error_type: "_OTHER", count: 1 }],
    });
  });

  it("the model filter finds the model asked for and the one that answered, in every metric", async () => {
    const call = (request: string, response: string) =>
      span({
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": request,
        "gen_ai.response.model": response,
      });
    await sent(call("m", "m-1"), call("m", "m-2"), call("other", "m"), call("other", "other"));
    const count = async (model: string) => {
      const { buckets } = await post("/metrics/tokens", { ...WINDOW, model }) as {
        buckets: { span_count: number }[];
      };
      return buckets.reduce((sum, bucket) => sum + bucket.span_count, 0);
    };
    assert.equal(await count("m"), 3);
    assert.equal(await count("m-1"), 1);
    assert.equal(await count("none"), 0);
    const { models } = await post("/metrics/models", { ...WINDOW, model: "m-1" }) as {
      models: { model: string }[];
    };
    assert.deepEqual(models.map((entry) => entry.model), ["m-1"]);
  });

  it("tools are counted in all and over time, agents by name with when they were last seen", async () => {
    const tool = {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "search",
      "gen_ai.tool.type": "function",
      "gen_ai.agent.name": "planner",
      "gen_ai.agent.id": "a-1",
      "gen_ai.conversation.id": "c-1",
    };
    await sent(
      span(tool, { startUs: T0, endUs: T0 + 1_000_000 }),
      span({ ...tool, "error.type": "timeout" }, {
        startUs: T0 + 600_000_000,
        endUs: T0 + 603_000_000,
      }),
    );
    const entry = { tool_name: "search", tool_type: "function" };
    assert.deepEqual(
      await post("/tool/metrics", { ...WINDOW, bucket_interval: "10 minutes" }),
      {
        aggregates: [{
          ...entry,
          call_count: 2,
          avg_duration_ms: 2000,
          error_rate: 0.5,
          error_type_rate: 0.5,
          status_error_rate: 0,
        }],
        time_series: [
          {
            bucket_start: "2026-01-05T08:00:00Z",
            ...entry,
            call_count: 1,
            avg_duration_ms: 1000,
            error_rate: 0,
            error_type_rate: 0,
            status_error_rate: 0,
          },
          {
            bucket_start: "2026-01-05T08:10:00Z",
            ...entry,
            call_count: 1,
            avg_duration_ms: 3000,
            error_rate: 1,
            error_type_rate: 1,
            status_error_rate: 0,
          },
        ],
      },
    );
    const agent = {
      agent_name: "planner",
      agent_id: "a-1",
      conversation_id: "c-1",
      span_count: 2,
      total_input_tokens: 0,
      total_output_tokens: 0,
      last_seen: "2026-01-05T08:10:00Z",
    };
    assert.deepEqual(await post("/metrics/agents?agent_name=planner", WINDOW), { agents: [agent] });
    assert.deepEqual(await post("/metrics/agents?agent_name=writer", WINDOW), { agents: [] });
  });

  it("spans come newest first with every field, a conversation oldest first", async () => {
    const said = (n: number) =>
      span({
        "gen_ai.operation.name": "chat",
        "gen_ai.conversation.id": "c/1",
        "gen_ai.request.seed": "9007199254740993",
      }, {
        traceId: traceId("c"),
        spanId: spanId(n),
        startUs: T0 + n * 1000,
        endUs: T0 + n * 1000,
      });
    await sent(said(1), said(3), said(2), span({ "gen_ai.operation.name": "chat" }));
    const ids = (body: unknown) =>
      (body as { spans: { span_id: string }[] }).spans.map((entry) => entry.span_id);
    assert.deepEqual(
      ids(await post("/spans", { conversation_id: "c/1", limit: 2 })),
      [spanId(3), spanId(2)],
    );
    const conversation = await doors.ask(
      "GET",
      "/scouter/genai/conversation/c%2F1?start_time=2026-01-05T08:00:00.002Z",
    );
    assert.deepEqual(ids(conversation.body), [spanId(2), spanId(3)]);
    const { spans: [first] } = await post("/spans", { limit: 1, conversation_id: "c/1" }) as {
      spans: Record<string, unknown>[];
    };
    // The 47 columns of the original's GenAI table without its partition date, and the cost.
    assert.equal(Object.keys(first ?? {}).length, 47);
    assert.equal(first?.["cost"], null);
    assert.deepEqual(first?.["finish_reasons"], []);
    assert.deepEqual(first?.["eval_results"], []);
    assert.equal(first?.["start_time"], "2026-01-05T08:00:00.003Z");
    const raw = await doors.text("/scouter/genai/conversation/c%2F1");
    assert.match(raw, /"request_seed":9007199254740993[,}]/);
  });

  it("what cannot be read is refused with the field's name", async () => {
    const refused = async (method: string, path: string, body: unknown, names: RegExp) => {
      const answer = await doors.ask(method, `/scouter/genai${path}`, body);
      assert.equal(answer.status, 400, path);
      assert.match(JSON.stringify(answer.body), names);
    };
    for (const route of ["tokens", "operations", "models", "agents", "tools", "errors"]) {
      await refused(
        "POST",
        `/metrics/${route}`,
        { ...WINDOW, bucket_interval: "fortnight" },
        /bucket_interval/,
      );
      await refused("POST", `/metrics/${route}`, {}, /start_time/);
    }
    await refused(
      "POST",
      "/tool/metrics",
      { ...WINDOW, bucket_interval: "0 hours" },
      /bucket_interval/,
    );
    await refused("POST", "/agent/metrics", { ...WINDOW, bucket_interval: "" }, /bucket_interval/);
    await refused("POST", "/spans", { limit: 10_001 }, /limit/);
    await refused("POST", "/spans", { limit: 0 }, /limit/);
    await refused("POST", "/spans", { start_time: "yesterday" }, /start_time/);
    await refused("GET", "/conversation/c?start_time=not-a-date", undefined, /start_time/);
    await refused("GET", `/conversation/${"é".repeat(129)}`, undefined, /256 bytes/);
  });

  it("readers may ask, senders of spans may not", async () => {
    const status = async (authorization: string) =>
      (await doors.ask("POST", "/scouter/genai/spans", {}, { authorization })).status;
    assert.equal(await status("reader"), 200);
    assert.equal(await status("ingester"), 403);
  });
});
