import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ClientError, ScouterClient, spanByName } from "../../sdk/client/mod.ts";
import { ScouterTestServer } from "../../sdk/testing/mod.ts";

const ADMIN = { username: "root", password: "correct horse battery" };
const START = Date.now() - 60_000;
const FIRST = "0af7651916cd43dd8448eb211c80319c";
const SECOND = "0af7651916cd43dd8448eb211c80319d";

/** A trace of two services, each with one span. */
function traceMessage(traceId: string, startMs: number) {
  const nanoseconds = (ms: number) => `${ms}000000`;
  const resource = (name: string) => ({
    attributes: [{ key: "service.name", value: { stringValue: name } }],
  });
  const span = (spanId: string, parentSpanId: string, name: string, more: object = {}) => ({
    scope: { name: "test", version: "1" },
    spans: [{
      traceId,
      spanId,
      parentSpanId,
      name,
      kind: parentSpanId === "" ? 3 : 2,
      startTimeUnixNano: nanoseconds(startMs),
      endTimeUnixNano: nanoseconds(startMs + 250),
      ...more,
    }],
  });
  return {
    request: {
      resourceSpans: [
        {
          resource: resource("shop"),
          scopeSpans: [span("a1a1a1a1a1a1a1a1", "", "checkout", {
            attributes: [
              { key: "scouter.tracing.tag.env", value: { stringValue: "prod" } },
              { key: "baggage.tenant", value: { stringValue: "acme" } },
            ],
          })],
        },
        {
          resource: resource("bank"),
          scopeSpans: [span("b2b2b2b2b2b2b2b2", "a1a1a1a1a1a1a1a1", "charge", {
            status: { code: 2, message: "declined" },
          })],
        },
      ],
    },
  };
}

describe("the client against a real server that asks for a login", () => {
  let server: ScouterTestServer;
  let client: ScouterClient;
  before(async () => {
    server = await ScouterTestServer.start({
      env: {
        SCOUTER_AUTH: "required",
        SCOUTER_DEFAULT_USERNAME: ADMIN.username,
        SCOUTER_DEFAULT_PASSWORD: ADMIN.password,
      },
    });
    client = await ScouterClient.connect({ ...server.httpConfig, ...ADMIN });
  });
  after(() => server[Symbol.asyncDispose]());

  it("is refused without a login, and with a wrong password", async () => {
    for (const login of [{}, { ...ADMIN, password: "wrong" }]) {
      await assert.rejects(
        ScouterClient.connect({ ...server.httpConfig, ...login }),
        (error) => error instanceof ClientError && error.code === "UNAUTHORIZED",
      );
    }
  });

  it("reads back the traces it sent", async () => {
    for (const [at, traceId] of [FIRST, SECOND].entries()) {
      const answer = await client.sendMessage(traceMessage(traceId, START + at * 1_000));
      assert.equal(answer.status, "success");
    }
    const ids: string[] = [];
    for await (const item of client.traces({ limit: 1 })) ids.push(item.traceId);
    assert.deepEqual(ids, [SECOND, FIRST]);
    const { items } = await client.getPaginatedTraces({ serviceName: "shop", hasErrors: true });
    assert.equal(items.length, 2);
    assert.deepEqual(
      [items[0]?.rootOperation, items[0]?.spanCount, items[0]?.errorCount, items[0]?.durationMs],
      ["checkout", 2, 1, 250],
    );
    assert.equal((await client.recentTraces()).items.length, 2);
    assert.equal((await client.getPaginatedTraces({ query: "name:nothing" })).items.length, 0);

    const spans = await client.getTraceSpans(FIRST);
    assert.deepEqual(spans.map((span) => [span.spanName, span.depth]), [
      ["checkout", 0],
      ["charge", 1],
    ]);
    const charge = spanByName(spans, "charge");
    assert.deepEqual(
      [charge.serviceName, charge.statusCode, charge.statusMessage, charge.spanKind],
      ["bank", 2, "declined", "SERVER"],
    );
    assert.deepEqual(charge.path, ["a1a1a1a1a1a1a1a1", "b2b2b2b2b2b2b2b2"]);
    const newest = await client.getTraceSpansFromFilters({ serviceName: "shop" });
    assert.equal(newest[0]?.traceId, SECOND);

    const buckets = await client.getTraceMetrics({
      startTime: new Date(START - 60_000),
      endTime: new Date(START + 120_000),
      bucketInterval: "hour",
    });
    assert.equal(buckets.reduce((sum, bucket) => sum + bucket.traceCount, 0), 2);
    assert.equal(buckets[0]?.errorRate, 1);

    const { edges } = await client.getServiceGraph({ since: new Date(START - 1_000) });
    assert.deepEqual(
      edges.map((edge) => [edge.sourceService, edge.destinationService, edge.totalCalls]),
      [["shop", "bank", 2]],
    );
  });

  it("finds traces by tags and baggage", async () => {
    const tags = [{ key: "env", value: "prod" }];
    const spans = await client.getTraceSpansFromTags({ entityType: "trace", tags });
    assert.deepEqual(new Set(spans.map((span) => span.traceId)), new Set([FIRST, SECOND]));
    const [baggage] = await client.getTraceBaggage(FIRST);
    assert.deepEqual([baggage?.key, baggage?.value], ["tenant", "acme"]);

    const tag = { entity_type: "model", entity_id: "m1", key: "stage", value: "live" };
    assert.equal(await client.addTags([tag]), 1);
    assert.deepEqual(await client.getTags("model", "m1"), [tag]);
    assert.deepEqual(
      await client.findTaggedEntities({ entityType: "model", tags: [tag] }),
      ["m1"],
    );
  });

  it("keeps users and API keys, and calls as one of them", async () => {
    const password = "another long password";
    const created = await client.users.create({
      username: "eve",
      password,
      permissions: ["read:all"],
    });
    assert.equal(created.recoveryCodes.length, 4);
    assert.deepEqual((await client.users.list()).map((user) => user.username).sort(), [
      "eve",
      "root",
    ]);
    const eve = await ScouterClient.connect({ ...server.httpConfig, username: "eve", password });
    assert.equal((await eve.users.get("eve")).active, true);
    await assert.rejects(
      eve.users.list(),
      (error) =>
        error instanceof ClientError && error.status === 403 && error.code === "ADMIN_REQUIRED",
    );
    const changed = await eve.users.update("eve", { favoriteSpaces: ["shop"] });
    assert.deepEqual(changed.favoriteSpaces, ["shop"]);

    const { key, apiKey } = await client.apiKeys.create({ name: "ci", scopes: ["read"] });
    const reader = await ScouterClient.connect({ ...server.httpConfig, apiKey: key });
    assert.deepEqual(await reader.getTags("model", "none"), []);
    assert.ok((await client.apiKeys.list()).some((one) => one.id === apiKey.id));
    await client.apiKeys.revoke(apiKey.id);
    await assert.rejects(
      reader.getTags("model", "none"),
      (error) => error instanceof ClientError && error.status === 401,
    );
    await client.users.delete("eve");
  });

  it("logs out, and in again by itself", async () => {
    const other = await ScouterClient.connect({ ...server.httpConfig, ...ADMIN });
    await other.logout();
    assert.equal(await other.validate(), true);
    const { features } = await other.capabilities();
    assert.equal(features.traces, true);
  });
});
