import { createClient, createRouterTransport } from "@connectrpc/connect";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { GenAiService } from "../../../sdk/gen/scouter/v1/genai_pb.ts";
import { LOG_CODEC } from "../../../server/lake/logs/log_builder.ts";
import { LogQueries } from "../../../server/lake/logs/log_queries.ts";
import { LOG_TABLE } from "../../../server/lake/logs/schema.ts";
import { GenAiQueries } from "../../../server/lake/traces/genai/genai_queries.ts";
import { traceIdHash } from "../../../server/lake/traces/segment/mod.ts";
import type { DurableSpanStore } from "../../../server/lake/traces/store/mod.ts";
import { rpcInterceptor } from "../../../server/rpc/context.ts";
import { genAiService } from "../../../server/rpc/genai_service.ts";
import { INSTRUMENTATIONS } from "../../support/instrumentations.ts";
import { assertWeatherConversation } from "../../support/weather_conversation.ts";
import { World } from "../store/world.ts";
import { NO_METRICS } from "../traces/fixture.ts";
import { authority, memoryPrices } from "./doors.ts";

/** Requests as `tests/e2e/record_instrumentations.ts` recorded them from the real packages. */
async function recorded(name: string): Promise<{ path: string; body: Uint8Array }[]> {
  const file = new URL(`./recorded/${name}.json`, import.meta.url);
  const requests: { path: string; body: string }[] = JSON.parse(await readFile(file, "utf8"));
  return requests.map(({ path, body }) => ({
    path,
    body: new Uint8Array(Buffer.from(body, "base64")),
  }));
}

describe("what real instrumentations send", () => {
  let spanWorld: World;
  let logWorld: World;
  let spans: DurableSpanStore;
  let logs: DurableSpanStore;
  before(async () => {
    spanWorld = await World.make();
    spanWorld.codec = undefined;
    spans = await spanWorld.open();
    logWorld = await World.make();
    logWorld.codec = LOG_CODEC;
    logWorld.table = LOG_TABLE;
    logs = await logWorld.open();
  });
  after(async () => {
    await spanWorld.end();
    await logWorld.end();
  });

  function client() {
    const { engine } = spanWorld;
    const logQueries = new LogQueries({ store: logs, engine: logWorld.engine, traceIdHash });
    const queries = new GenAiQueries({ store: spans, engine, traceIdHash, logs: logQueries });
    return createClient(
      GenAiService,
      createRouterTransport((router) => {
        genAiService({ authority, queries, prices: memoryPrices() }).register(router);
      }, { router: { interceptors: [rpcInterceptor(authority, NO_METRICS)] } }),
    );
  }

  for (const runtime of ["node", "python"] as const) {
    for (const script of INSTRUMENTATIONS[runtime]) {
      const name = `${runtime}_${script}`;
      it(`reads right: ${name}`, async () => {
        for (const { path, body } of await recorded(name)) {
          const store = path === "/v1/logs" ? logs : spans;
          assert.equal((await store.ingest(body, "protobuf")).rejected, 0);
        }
        await assertWeatherConversation(client(), name);
      });
    }
  }
});
