import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { GenAiService } from "../../../sdk/gen/scouter/v1/genai_pb.ts";
import { rpcInterceptor } from "../../../server/rpc/context.ts";
import { genAiService } from "../../../server/rpc/genai_service.ts";
import { NO_METRICS, spanId, traceId } from "../traces/fixture.ts";
import { authority, memoryPrices } from "./doors.ts";
import { GenAiWorld } from "./genai_world.ts";

/** 2026-01-05T08:00:00Z */
const T0 = 1_767_600_000_000_000;

describe("GenAI over RPC", () => {
  let world: GenAiWorld;
  before(async () => {
    world = await GenAiWorld.open();
    const said = (n: number, model: string) => ({
      traceId: traceId(n),
      spanId: spanId(n),
      startUs: T0 + n * 1_000_000,
      endUs: T0 + n * 1_000_000 + 1_500_000,
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "planner",
        "gen_ai.tool.name": "search",
        "gen_ai.conversation.id": `c${n}`,
        "gen_ai.request.model": model,
        "gen_ai.request.seed": "9223372036854775807",
        "gen_ai.usage.input_tokens": 1_000_000,
        ...(n === 2 ? { "error.type": "timeout" } : {}),
      },
    });
    await world.send([said(1, "gpt-4o-mini"), said(2, "home-grown")]);
  });
  after(async () => {
    await world.close();
  });

  function client(authorization = "") {
    const transport = createRouterTransport((router) => {
      genAiService({ authority, queries: world.queries, prices: memoryPrices() }).register(router);
    }, { router: { interceptors: [rpcInterceptor(authority, NO_METRICS)] } });
    const asked = createClient(GenAiService, transport);
    return { asked, options: { headers: authorization === "" ? {} : { authorization } } };
  }

  it("answers every question about the same two spans alike", async () => {
    const { asked } = client();
    const filter = { startTimeUs: BigInt(T0), endTimeUs: BigInt(T0 + 3_600_000_000) };
    const { buckets } = await asked.getTokenMetrics({ filter, bucketInterval: "2 seconds" });
    assert.deepEqual(buckets.map((bucket) => [bucket.startTimeUs, bucket.tokens?.input]), [
      [BigInt(T0), 1_000_000n],
      [BigInt(T0 + 2_000_000), 1_000_000n],
    ]);
    assert.deepEqual(buckets.map((bucket) => bucket.cost?.usd), [0.15, undefined]);
    const { operations } = await asked.getOperationMetrics({ filter });
    assert.deepEqual(operations.map((entry) => [entry.operationName, entry.counts?.errorCount]), [
      ["invoke_agent", 1n],
    ]);
    const { models } = await asked.getModelMetrics({ filter });
    assert.deepEqual(
      models.map((entry) => [entry.model, entry.durations?.p50Ms, entry.cost?.usd]),
      [["gpt-4o-mini", 1500, 0.15], ["home-grown", 1500, undefined]],
    );
    const { agents } = await asked.getAgentMetrics({ filter });
    assert.deepEqual(agents.map((entry) => entry.conversationId), ["c2", "c1"]);
    const tools = await asked.getToolMetrics({ filter });
    assert.deepEqual(tools.tools.map((entry) => [entry.toolName, entry.counts?.spanCount]), [
      ["search", 2n],
    ]);
    assert.equal(tools.buckets.length, 1);
    const { errors } = await asked.getErrorMetrics({ filter });
    assert.deepEqual(errors.map((entry) => [entry.errorType, entry.count]), [["timeout", 1n]]);
    const dashboard = await asked.getAgentDashboard({ filter });
    assert.equal(dashboard.summary?.counts?.spanCount, 2n);
    assert.equal(dashboard.summary?.cost?.usd, 0.15);
    assert.equal(dashboard.summary?.cost?.unpricedSpanCount, 1n);
    assert.equal(dashboard.conversationCount, 2n);
    assert.equal(dashboard.buckets.length, 1);
    const { spans } = await asked.listGenAiSpans({ filter, limit: 1 });
    assert.equal(spans[0]?.requestSeed, 9223372036854775807n);
    assert.equal(spans[0]?.spanId, spanId(2));
    assert.equal(spans[0]?.costUsd, undefined);
  });

  it("pages through conversations and reads one", async () => {
    const { asked } = client();
    const first = await asked.listConversations({ limit: 1 });
    assert.deepEqual(first.conversations.map((entry) => entry.conversationId), ["c2"]);
    assert.ok(first.next !== undefined);
    const second = await asked.listConversations({ limit: 1, after: first.next });
    assert.deepEqual(second.conversations.map((entry) => entry.conversationId), ["c1"]);
    assert.equal(second.next, undefined);
    const { spans } = await asked.getConversation({ conversationId: "c1" });
    assert.deepEqual(spans.map((span) => [span.agentName, span.costUsd]), [["planner", 0.15]]);
  });

  it("prices are shown to readers and set by administrators", async () => {
    const local = client();
    const price = { model: "home-grown", inputPerMillion: 2, outputPerMillion: 1 };
    await local.asked.setPrice({ price });
    const listed = await local.asked.listPrices({});
    const own = listed.prices.filter((entry) => entry.id !== undefined);
    assert.deepEqual(own.map((entry) => [entry.model, entry.updatedBy]), [["home-grown", "local"]]);
    const { models } = await local.asked.getModelMetrics({ filter: { model: "home-grown" } });
    assert.equal(models[0]?.cost?.usd, 2);
    await local.asked.deletePrice({ id: own[0]?.id ?? "" });
    const code = (wanted: Code) => (error: unknown) =>
      error instanceof ConnectError && error.code === wanted;
    await assert.rejects(local.asked.deletePrice({ id: "x" }), code(Code.NotFound));
    await assert.rejects(
      local.asked.setPrice({ price: { ...price, inputPerMillion: NaN } }),
      code(Code.InvalidArgument),
    );
    const reader = client("reader");
    assert.ok((await reader.asked.listPrices({}, reader.options)).prices.length > 10);
    await assert.rejects(
      reader.asked.setPrice({ price }, reader.options),
      code(Code.PermissionDenied),
    );
  });

  it("refuses what it cannot read", async () => {
    const { asked } = client();
    const refused = (asking: Promise<unknown>, names: RegExp) =>
      assert.rejects(
        asking,
        (error: unknown) =>
          error instanceof ConnectError && error.code === Code.InvalidArgument &&
          names.test(error.message),
      );
    await refused(asked.getTokenMetrics({ bucketInterval: "moon" }), /bucket_interval/);
    await refused(asked.listGenAiSpans({ limit: 10_001 }), /limit/);
    await refused(asked.listConversations({ limit: -1 }), /limit/);
    await refused(asked.getConversation({ conversationId: "" }), /conversation_id/);
    await refused(
      asked.getErrorMetrics({ filter: { startTimeUs: 2n, endTimeUs: 1n } }),
      /start_time_us/,
    );
  });

  it("reads what was said in a trace, cutting long texts on demand only", async () => {
    const { asked } = client();
    const long = "\u{1F600}".repeat(10);
    await world.send([{
      traceId: traceId("m"),
      spanId: spanId("m"),
      startUs: T0,
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.usage.input_tokens": 1_000_000,
        "gen_ai.input.messages": JSON.stringify([{ role: "user", content: long }]),
        "gen_ai.output.messages": JSON.stringify([{
          role: "assistant",
          tool_calls: [{ id: "c", function: { name: "f", arguments: "{}" } }],
        }]),
      },
    }]);
    const of = { case: "traceId", value: traceId("m").toUpperCase() } as const;
    const { steps: [cut] } = await asked.getMessages({ of, maxTextChars: 5 });
    const text = cut?.input[0]?.parts[0]?.kind.value;
    assert.ok(text !== undefined && "fullLength" in text);
    // Two whole characters: the third would be half.
    assert.deepEqual([text.text, text.fullLength], [long.slice(0, 4), 20n]);
    assert.equal(cut?.costUsd, 0.15);
    assert.deepEqual(cut?.output[0]?.parts[0]?.kind.case, "toolCall");
    const { steps: [whole] } = await asked.getMessages({ of, spanId: spanId("m") });
    const all = whole?.input[0]?.parts[0]?.kind.value;
    assert.ok(all !== undefined && "fullLength" in all);
    assert.equal(all.text, long);
    assert.deepEqual((await asked.getMessages({ of, spanId: spanId("n") })).steps, []);
    await assert.rejects(
      asked.getMessages({}),
      (error) => error instanceof ConnectError && error.code === Code.InvalidArgument,
    );
  });
});
