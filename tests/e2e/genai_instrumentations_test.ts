import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { after, before, describe, it } from "node:test";
import { GenAiService } from "../../sdk/gen/scouter/v1/genai_pb.ts";
import { type FakeProvider, startFakeProvider } from "../support/fake_provider.ts";
import {
  installInstrumentations,
  INSTRUMENTATIONS,
  runInstrumentation,
  type Runtime,
} from "../support/instrumentations.ts";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { assertWeatherConversation } from "../support/weather_conversation.ts";

/** Python's packages take minutes to install: `GENAI_PYTHON=1` runs them too; their recordings run always. */
const RUNTIMES: readonly Runtime[] = Deno.env.get("GENAI_PYTHON") === "1"
  ? ["node", "python"]
  : ["node"];

describe("real GenAI instrumentations", () => {
  let server: ServerProcess;
  let provider: FakeProvider;
  before(async () => {
    [server, provider] = await Promise.all([startServerProcess(), startFakeProvider()]);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  for (const runtime of RUNTIMES) {
    it(`have their conversation read right, on ${runtime}`, async () => {
      const folder = await installInstrumentations(runtime);
      if (folder === null) return;
      const client = createClient(
        GenAiService,
        createConnectTransport({ baseUrl: server.httpUrl }),
      );
      for (const name of INSTRUMENTATIONS[runtime]) {
        const { otlpHttpUrl } = server;
        await runInstrumentation(runtime, folder, name, otlpHttpUrl, provider.baseUrl);
        await assertWeatherConversation(client, `${runtime}_${name}`);
      }
    });
  }
});
