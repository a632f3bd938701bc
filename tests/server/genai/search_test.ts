import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import { GenAiService } from "../../../sdk/gen/scouter/v1/genai_pb.ts";
import { PriceTable } from "../../../server/genai/price_table.ts";
import { parseSearch } from "../../../server/lake/traces/queries/search_grammar.ts";
import { rpcInterceptor } from "../../../server/rpc/context.ts";
import { genAiService } from "../../../server/rpc/genai_service.ts";
import { NO_METRICS, spanId, traceId } from "../traces/fixture.ts";
import { authority, memoryPrices, openGenAiDoors } from "./doors.ts";
import { GenAiWorld, type SentSpan } from "./genai_world.ts";

/** 2026-01-05T08:00:00Z, a full hour. */
const T0 = 1_767_600_000_000_000;
const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const ENTITY = "0190a1b2-0000-7000-8000-00000000e001";

const price = (model: string, input: number, output: number, fromUs = 0) => ({
  model,
  providerName: null,
  effectiveFromUs: fromUs,
  inputPerMillion: input,
  outputPerMillion: output,
  cacheCreationPerMillion: null,
  cacheReadPerMillion: null,
});
/** The dear model halves its price five seconds before the last call of it. */
const TABLE = new PriceTable([], [
  price("dear", 10, 20),
  price("dear", 5, 10, T0 + 7195 * SECOND),
  price("cheap", 1, 2),
]);

const between = (fromS: number, toS: number) => ({
  startUs: T0 + fromS * SECOND,
  endUs: T0 + toS * SECOND,
});

/**
 * A: an agent, which repeats tokens of its call B and has the tool C. D: a priced call. E: a call without a price.
 * F: a call by another convention, after the price changed.
 */
const SPANS: { readonly [letter: string]: Omit<SentSpan, "spanId"> } = {
  A: {
    traceId: traceId(1),
    ...between(0, 100),
    service: "shop",
    name: "invoke_agent planner",
    attributes: {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "planner",
      "gen_ai.conversation.id": "c1",
      "gen_ai.usage.input_tokens": 999,
    },
  },
  B: {
    traceId: traceId(1),
    ...between(1, 5),
    service: "shop",
    kind: 3,
    name: "chat dear",
    resource: { "cloud.region": "eu-1" },
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "p",
      "gen_ai.request.model": "dear",
      "gen_ai.conversation.id": "c1",
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 10,
      "gen_ai.response.finish_reasons": ["stop"],
      team: "red",
    },
  },
  C: {
    traceId: traceId(1),
    ...between(10, 12),
    service: "shop",
    name: "execute_tool search",
    status: 2,
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "search",
      "error.type": "timeout",
    },
  },
  D: {
    traceId: traceId(2),
    ...between(3700, 3702.5),
    service: "desk",
    kind: 3,
    name: "chat cheap",
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "p",
      "gen_ai.request.model": "cheap-latest",
      "gen_ai.response.model": "cheap",
      "gen_ai.conversation.id": "c2",
      "gen_ai.usage.input_tokens": 1000,
      "gen_ai.usage.output_tokens": 200,
      "gen_ai.output.messages":
        '[{"role":"assistant","parts":[{"type":"text","content":"The parcel is late"}]}]',
      "scouter.entity": ENTITY,
      retries: 3,
    },
  },
  E: {
    traceId: traceId(2),
    ...between(3710, 3711),
    service: "desk",
    status: 1,
    name: "chat home",
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "home",
      "gen_ai.conversation.id": "c2",
      "gen_ai.usage.input_tokens": 5,
      "gen_ai.usage.output_tokens": 5,
      "gen_ai.response.finish_reasons": ["length"],
      team: "blue",
    },
  },
  F: {
    traceId: traceId(3),
    ...between(7200, 7200.5),
    service: "lab",
    name: "ChatOpenAI",
    attributes: {
      "openinference.span.kind": "LLM",
      "llm.provider": "acme",
      "llm.model_name": "dear",
      "llm.token_count.prompt": 10,
      "llm.token_count.completion": 1,
    },
  },
};
const LETTERS = Object.keys(SPANS);

describe("searching GenAI operations", () => {
  let world: GenAiWorld;
  before(async () => {
    world = await GenAiWorld.open({ table: () => Promise.resolve(TABLE) });
    const spans = LETTERS.map((letter, at): SentSpan => {
      const span = SPANS[letter];
      assert.ok(span);
      return { ...span, spanId: spanId(at) };
    });
    // Two files, so that one can be left out.
    await world.send(spans.slice(0, 3));
    await world.send([
      ...spans.slice(3),
      // No operation, though it matches much.
      { traceId: traceId(2), spanId: spanId(90), startUs: T0, service: "shop", attributes: {} },
    ]);
  });
  after(() => world.close());

  const WINDOW = { startUs: T0, endUs: T0 + 3 * HOUR };
  const filterOf = (text: string) => ({ ...WINDOW, search: parseSearch(text) });
  const lettersOf = async (text: string) => {
    const { spans } = await world.queries.spans(filterOf(text), "oldest", 100);
    return LETTERS.filter((_, at) => spans.some((span) => span.spanId === spanId(at))).join("") +
      spans.filter((span) => LETTERS.every((_, at) => span.spanId !== spanId(at))).map(() => "?");
  };

  const finds: readonly (readonly [search: string, letters: string])[] = [
    ["", "ABCDEF"],
    ["service:shop", "ABC"],
    ["service!=shop", "DEF"],
    ['name:"chat dear"', "B"],
    ["kind:client", "BD"],
    ["status:error", "C"],
    ["status:ok", "E"],
    ["duration>=2s duration<=4s", "BCD"],
    ["duration<1s", "F"],
    // The model asked for, and the one that answered.
    ["model:cheap-latest", "D"],
    ["model:cheap", "D"],
    ["model:dear", "BF"],
    ["-model:*", "AC"],
    // What ran within an agent counts for it.
    ["agent:planner", "ABC"],
    ["-agent:*", "DEF"],
    ["agent!=planner", ""],
    ["tool:search", "C"],
    ["-tool:*", "ABDEF"],
    ["tokens>=110", "ABD"],
    ["tokens:*", "ABDEF"],
    // By hand: B 100 × $10 + 10 × $20 = 1200 millionths; D 1000 × $1 + 200 × $2 = 1400; F 10 × $5 + 1 × $10 = 60.
    ["cost>0.0013", "D"],
    ["cost<=0.0012", "BF"],
    ["cost<0.0001", "F"],
    ["cost:*", "BDF"],
    ["tokens:* -cost:*", "AE"],
    ["conversation:c1", "AB"],
    [`trace:${traceId(2)}`, "DE"],
    [`span:${spanId(4)}`, "E"],
    [`entity:${ENTITY}`, "D"],
    ["tag.team:red", "B"],
    ["team:*", "BE"],
    ["retries>2", "D"],
    ["retries:3", "D"],
    ["resource.cloud.region:eu-1", "B"],
    ["error.type:timeout", "C"],
    // Said by another convention under another name.
    ["gen_ai.provider.name:acme", "F"],
    ["gen_ai.provider.name!=p", "F"],
    ["gen_ai.operation.name:chat", "BDEF"],
    ["parcel", "D"],
    ['"parcel is late"', "D"],
    ["CHEAP", "D"],
    ["service:shop or model:home", "ABCE"],
    ["service:shop status:error or model:home", "CE"],
    ["-(service:shop or model:home)", "DF"],
    ["(model:dear or model:cheap) -service:lab", "BD"],
    ["service:shop model:cheap", ""],
  ];
  for (const [search, letters] of finds) {
    it(`${search === "" ? "nothing" : search} keeps ${letters === "" ? "none" : letters}`, async () => {
      assert.equal(await lettersOf(search), letters);
    });
  }

  const QUESTION = {
    interval: { count: 1, unit: "hour" },
    split: "model",
    of: "all",
    maxGroups: 8,
  } as const;

  it("totals, groups and buckets are those of what is found", async () => {
    const { total, groups, buckets, valueCount } = await world.queries.usage(
      filterOf("model:* -model:home"),
      QUESTION,
      TABLE,
    );
    assert.equal(total.spanCount, 3);
    assert.equal(total.inputTokens, 100 + 1000 + 10);
    assert.equal(total.outputTokens, 10 + 200 + 1);
    assert.equal(Math.round((total.cost ?? 0) * 1e6), 1200 + 1400 + 60);
    assert.equal(total.unpricedSpanCount, 0);
    assert.deepEqual(
      groups.map(({ key, activity }) => [key, activity.spanCount, activity.inputTokens]),
      [["cheap", 1, 1000], ["dear", 2, 110]],
    );
    assert.deepEqual(
      buckets.map(({ bucketStartUs, activity }) => [
        (bucketStartUs - T0) / HOUR,
        activity.inputTokens,
      ]),
      [[0, 100], [1, 1000], [2, 10]],
    );
    assert.equal(valueCount, 2);
  });

  it("a search and its negation add up to the whole, tokens and cost too", async () => {
    const of = async (text: string) =>
      (await world.queries.usage(filterOf(text), QUESTION, TABLE)).total;
    const whole = await of("");
    // Input tokens by hand: all but the agent's own, which its call told already.
    assert.equal(whole.inputTokens, 100 + 1000 + 5 + 10);
    for (
      const text of ["kind:client", "agent:planner", 'name:"chat dear"', "tokens>500", "cost:*"]
    ) {
      const [kept, left] = [await of(text), await of(`-(${text})`)];
      assert.equal(kept.spanCount + left.spanCount, whole.spanCount, text);
      assert.equal(kept.inputTokens + left.inputTokens, whole.inputTokens, text);
      assert.equal(
        Math.round(((kept.cost ?? 0) + (left.cost ?? 0)) * 1e6),
        1200 + 1400 + 60,
        text,
      );
    }
    // The agent's span alone: its call pays.
    const agent = await of('name:"invoke_agent planner"');
    assert.deepEqual([agent.spanCount, agent.inputTokens, agent.cost], [1, 0, null]);
  });

  it("an agent's group and a search for the agent show the same", async () => {
    const split = { ...QUESTION, split: "agent" } as const;
    const all = await world.queries.usage(filterOf(""), split, TABLE);
    const searched = await world.queries.usage(filterOf("agent:planner"), split, TABLE);
    assert.deepEqual(searched.groups, all.groups.filter(({ key }) => key === "planner"));
    assert.equal(searched.total.inputTokens, 100);
  });

  it("finish reasons, tools, models, errors and conversations follow", async () => {
    const { queries } = world;
    assert.deepEqual(await queries.finishReasons(filterOf("service:desk")), {
      reasons: [{ reason: "length", count: 1 }],
      untoldCount: 1,
    });
    const tools = await queries.tools(filterOf("-service:desk"));
    assert.deepEqual(tools.map(({ toolName }) => toolName), ["search"]);
    assert.deepEqual(await queries.tools(filterOf("service:desk")), []);
    const models = await queries.models(filterOf("kind:client"), TABLE);
    assert.deepEqual(models.map(({ model }) => model).sort(), ["cheap", "dear"]);
    const errors = await queries.errors(filterOf("tool:*"));
    assert.deepEqual(errors, [{ errorType: "timeout", count: 1 }]);
    const { conversations } = await queries.conversations(
      filterOf("model:home or model:dear"),
      { limit: 10 },
      TABLE,
    );
    assert.deepEqual(
      conversations.map((one) => [one.conversationId, one.spanCount, one.inputTokens]),
      [["c2", 1, 5], ["c1", 1, 100]],
    );
    const dashboard = await queries.agentDashboard(
      filterOf("agent:planner"),
      { count: 1, unit: "hour" },
      TABLE,
    );
    assert.equal(dashboard.summary.spanCount, 1);
  });

  it("traces are found by an attribute that has a column of its own", async () => {
    const { traces } = await world.traces.queries.list(filterOf("error.type:timeout"), {
      direction: "older",
      limit: 10,
    });
    assert.deepEqual(traces.map((trace) => trace.traceId), [traceId(1)]);
  });

  it("traces, and spans of a trace, are found by cost too", async () => {
    const { traces } = await world.pricedTraces(TABLE).list(filterOf("cost>0.0013"), {
      direction: "older",
      limit: 10,
    });
    assert.deepEqual(traces.map((trace) => trace.traceId), [traceId(2)]);
    const search = parseSearch("cost>0.0013");
    assert.ok(search !== null);
    const found = await world.pricedTraces(TABLE).find(traceId(2), search);
    assert.deepEqual(found.spanIds, [spanId(3)]);
  });

  function client() {
    const transport = createRouterTransport((router) => {
      genAiService({ authority, queries: world.queries, prices: memoryPrices() }).register(router);
    }, { router: { interceptors: [rpcInterceptor(authority, NO_METRICS)] } });
    return createClient(GenAiService, transport);
  }
  const TIMES = { startTimeUs: BigInt(WINDOW.startUs), endTimeUs: BigInt(WINDOW.endUs) };

  it("is read at both doors, and what cannot be read is refused with its place", async () => {
    const asked = client();
    const { total } = await asked.getUsage({ filter: { ...TIMES, query: "status:error" } });
    assert.equal(total?.counts?.spanCount, 1n);
    await assert.rejects(
      asked.getUsage({ filter: { ...TIMES, query: "model:dear duration>fast" } }),
      /expected a number with ms, s or m after > at character 21, found "fast"/,
    );
    await using doors = openGenAiDoors(world.queries);
    const body = {
      start_time: "2026-01-05T08:00:00Z",
      end_time: "2026-01-05T11:00:00Z",
      query: "tool:*",
    };
    const answer = await doors.ask("POST", "/scouter/genai/metrics/operations", body);
    assert.deepEqual(
      (answer.body as { operations: { operation_name: string }[] }).operations
        .map((one) => one.operation_name),
      ["execute_tool"],
    );
    const refused = await doors.ask("POST", "/scouter/genai/metrics/operations", {
      ...body,
      query: "cost>much",
    });
    assert.equal(refused.status, 400);
    assert.match(
      JSON.stringify(refused.body),
      /expected a number of US dollars after > at character 6/,
    );
  });

  it("completion offers keys, then values, with the operations that have them", async () => {
    const asked = client();
    const offers = async (query: string, filter: typeof TIMES | undefined = TIMES) => {
      const { from, to, suggestions } = await asked.completeGenAiSearch({
        query,
        position: query.length,
        limit: 5,
        ...(filter === undefined ? {} : { filter }),
      });
      return [from, to, suggestions.map(({ text, spanCount }) => `${text} ${spanCount}`)];
    };
    assert.deepEqual(await offers("te"), [0, 2, ["team: 2"]]);
    assert.deepEqual(await offers("-t"), [1, 2, [
      "tool: 0",
      "tokens: 0",
      "trace: 0",
      "team: 2",
    ]]);
    assert.deepEqual(await offers("tag.te"), [0, 6, ["tag.team: 2"]]);
    assert.deepEqual(await offers("resource.cl"), [0, 11, ["resource.cloud.region: 1"]]);
    assert.deepEqual(await offers("status:ok agent:"), [16, 16, ["planner 3"]]);
    assert.deepEqual(await offers("model:"), [6, 6, [
      "dear 2",
      "cheap 1",
      "cheap-latest 1",
      "home 1",
    ]]);
    assert.deepEqual(await offers("name:ch"), [5, 7, [
      "ChatOpenAI 1",
      '"chat cheap" 1',
      '"chat dear" 1',
      '"chat home" 1',
    ]]);
    assert.deepEqual(await offers("status:"), [7, 7, ["unset 4", "error 1", "ok 1"]]);
    assert.deepEqual(await offers("tag.team:b"), [9, 10, ["blue 1"]]);
    assert.deepEqual(await offers("retries:"), [8, 8, ["3 1"]]);
    assert.deepEqual(await offers("entity:"), [7, 7, [`${ENTITY} 1`]]);
    assert.deepEqual(await offers("gen_ai.provider.name:"), [21, 21, ["p 2", "acme 1"]]);
    assert.deepEqual(await offers("resource.cloud.region:"), [22, 22, ["eu-1 1"]]);
    assert.deepEqual(await offers("conv", undefined), [0, 4, ["conversation: 0"]]);
  });
});
