import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { spanId, traceId } from "../traces/fixture.ts";
import { type GenAiDoors, openGenAiDoors } from "./doors.ts";
import { GenAiWorld, type SentSpan, type Value } from "./genai_world.ts";

/** 2026-01-05T08:00:00Z */
const T0 = 1_767_600_000_000_000;

let serial = 0;
/** A span `second` seconds after the start, in a trace of its own unless told. */
function span(
  second: number,
  attributes: { readonly [key: string]: Value },
  trace?: string,
): SentSpan {
  serial++;
  return {
    traceId: traceId(trace ?? serial),
    spanId: spanId(serial),
    startUs: T0 + second * 1_000_000,
    endUs: T0 + second * 1_000_000 + 500_000,
    attributes: { "gen_ai.operation.name": "chat", ...attributes },
  };
}

const said = (conversation: string, model: string, input: number, output: number) => ({
  "gen_ai.conversation.id": conversation,
  "gen_ai.response.model": model,
  "gen_ai.usage.input_tokens": input,
  "gen_ai.usage.output_tokens": output,
});

interface Listed {
  readonly conversations: readonly { readonly [key: string]: unknown }[];
  readonly has_next: boolean;
  readonly next_cursor: { readonly last_seen: string; readonly conversation_id: string } | null;
}

describe("conversations and what they cost", () => {
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

  async function listed(body: unknown): Promise<Listed> {
    const answer = await doors.ask("POST", "/scouter/genai/conversations", body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body as Listed;
  }

  it("are listed with their people, tokens and cost, the one heard from last first", async () => {
    world.clear();
    await world.send([
      span(0, { ...said("a", "gpt-4o-mini", 1000, 100), "gen_ai.agent.name": "planner" }, "a"),
      span(1, {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.conversation.id": "a",
        "error.type": "timeout",
      }, "a"),
      span(2, said("b", "home-grown", 10, 1)),
      span(5, said("a", "home-grown", 10, 1)),
      span(9, { "gen_ai.usage.input_tokens": 5 }),
    ]);
    assert.deepEqual(await listed({}), {
      conversations: [
        {
          conversation_id: "a",
          start_time: "2026-01-05T08:00:00Z",
          end_time: "2026-01-05T08:00:05.500Z",
          last_seen: "2026-01-05T08:00:05Z",
          span_count: 3,
          error_count: 1,
          trace_count: 2,
          tool_call_count: 1,
          services: ["svc"],
          agents: ["planner"],
          models: ["gpt-4o-mini", "home-grown"],
          total_input_tokens: 1010,
          total_output_tokens: 101,
          total_cache_creation_tokens: 0,
          total_cache_read_tokens: 0,
          // 1000 × 0.15 / 1e6 + 100 × 0.6 / 1e6
          total_cost: 0.00021,
          unpriced_span_count: 1,
        },
        {
          conversation_id: "b",
          start_time: "2026-01-05T08:00:02Z",
          end_time: "2026-01-05T08:00:02.500Z",
          last_seen: "2026-01-05T08:00:02Z",
          span_count: 1,
          error_count: 0,
          trace_count: 1,
          tool_call_count: 0,
          services: ["svc"],
          agents: [],
          models: ["home-grown"],
          total_input_tokens: 10,
          total_output_tokens: 1,
          total_cache_creation_tokens: 0,
          total_cache_read_tokens: 0,
          total_cost: null,
          unpriced_span_count: 1,
        },
      ],
      has_next: false,
      next_cursor: null,
    });
  });

  it("are paged without gaps or repeats, also where several were heard from at once", async () => {
    world.clear();
    const ids = ["a", "b", "c", "d", "e"];
    await world.send(ids.map((id, at) => span(Math.floor(at / 2), said(id, "m", 1, 1))));
    const seen: unknown[] = [];
    let cursor: Listed["next_cursor"] = null;
    do {
      const page: Listed = await listed({
        limit: 2,
        ...(cursor === null ? {} : {
          cursor_last_seen: cursor.last_seen,
          cursor_conversation_id: cursor.conversation_id,
        }),
      });
      seen.push(...page.conversations.map((entry) => entry["conversation_id"]));
      assert.equal(page.has_next, page.next_cursor !== null);
      cursor = page.next_cursor;
    } while (cursor !== null && seen.length < 20);
    assert.deepEqual(seen, ["e", "d", "c", "b", "a"]);
    const half = await doors.ask("POST", "/scouter/genai/conversations", {
      cursor_conversation_id: "a",
    });
    assert.equal(half.status, 400);
  });

  it("an agent's summed-up tokens are not paid again beside those of its calls", async () => {
    world.clear();
    const agent = { ...said("a", "gpt-4o-mini", 300, 30), "gen_ai.operation.name": "invoke_agent" };
    await world.send([
      span(0, agent, "both"),
      span(1, said("a", "gpt-4o-mini", 100, 10), "both"),
      span(2, said("a", "gpt-4o-mini", 200, 20), "both"),
      // Here nobody but the agent tells.
      span(3, agent, "agent alone"),
    ]);
    const { conversations: [found] } = await listed({});
    assert.equal(found?.["total_input_tokens"], 600);
    assert.equal(found?.["total_output_tokens"], 60);
    // 600 × 0.15 / 1e6 + 60 × 0.6 / 1e6
    assert.equal(Number(found?.["total_cost"]).toFixed(9), "0.000126000");
  });

  it("cost follows the prices of the day, and an administrator's from the next question on", async () => {
    world.clear();
    await world.send([
      span(0, said("a", "home-grown", 1_000_000, 0)),
      span(60, said("a", "home-grown", 1_000_000, 0)),
      span(60, {
        ...said("a", "home-grown", 1_000_000, 0),
        "gen_ai.usage.cache_read.input_tokens": 500_000,
      }),
    ]);
    const cost = async () => (await listed({})).conversations[0]?.["total_cost"];
    const put = (body: unknown, headers = {}) =>
      doors.ask("PUT", "/scouter/genai/prices", body, headers);
    const price = { model: "Home-Grown", input_per_million: 2, output_per_million: 4 };
    assert.equal(await cost(), null);
    assert.equal((await put(price, { authorization: "reader" })).status, 403);
    assert.equal((await put(price)).status, 200);
    assert.equal(await cost(), 6);
    await put({
      ...price,
      input_per_million: 3,
      cache_read_per_million: 1,
      effective_from: "2026-01-05T08:00:30Z",
    });
    // 1 × 2, then 1 × 3, then 0.5 × 3 + 0.5 × 1
    assert.equal(await cost(), 7);

    const list = (await doors.ask("GET", "/scouter/genai/prices")).body as {
      prices: { model: string; source: string; id?: string; effective_from: string }[];
    };
    const own = list.prices.filter((entry) => entry.source === "override");
    assert.deepEqual(own.map((entry) => [entry.model, entry.effective_from]), [
      ["home-grown", "1970-01-01T00:00:00Z"],
      ["home-grown", "2026-01-05T08:00:30Z"],
    ]);
    assert.ok(list.prices.some((entry) => entry.model === "gpt-4o" && entry.source === "default"));
    const [first, second] = own;
    await doors.ask("DELETE", `/scouter/genai/prices/${first?.id}`);
    // Only calls after the date have a price now.
    assert.equal(await cost(), 5);
    await doors.ask("DELETE", `/scouter/genai/prices/${second?.id}`);
    assert.equal(await cost(), null);
    const gone = await doors.ask("DELETE", `/scouter/genai/prices/${first?.id}`);
    assert.equal(gone.status, 404);
    assert.equal((await put({ ...price, input_per_million: -1 })).status, 400);
    assert.equal((await put({ ...price, effective_from: "soon" })).status, 400);
  });

  it("each span of a conversation tells its own cost", async () => {
    world.clear();
    await world.send([
      span(0, said("a", "gpt-4o-mini", 1_000_000, 1_000_000)),
      span(1, said("a", "home-grown", 1, 1)),
      span(2, { "gen_ai.conversation.id": "a", "gen_ai.response.model": "gpt-4o-mini" }),
    ]);
    const { body } = await doors.ask("GET", "/scouter/genai/conversation/a");
    const { spans } = body as { spans: { cost: number | null }[] };
    assert.deepEqual(spans.map((entry) => entry.cost), [0.75, null, null]);
  });
});
