import assert from "node:assert/strict";
import { it } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { TraceService } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { openTraceDoors } from "./doors.ts";
import { spanId, traceId, TraceWorld } from "./fixture.ts";

it("a trace read with its events tells of evaluations their name, label and score, of other events nothing", async () => {
  const world = await TraceWorld.open();
  try {
    await using doors = await openTraceDoors(world.queries, () => Promise.resolve([]));
    const event = (name: string, values: Record<string, string | number>) => ({
      timestamp: "2026-01-05T08:00:00Z",
      name,
      attributes: Object.entries(values).map(([key, value]) => ({ key, value })),
    });
    await world.write([{
      traceId: traceId("judged"),
      spanId: spanId("judged"),
      startUs: 1_767_600_000_000_000,
      events: [
        event("cache miss", { key: "a long story" }),
        event("gen_ai.evaluation.result", {
          "gen_ai.evaluation.name": "tone",
          "gen_ai.evaluation.score.label": "fail",
          "gen_ai.evaluation.score.value": 0.25,
          "gen_ai.evaluation.explanation": "a long story",
        }),
      ],
    }]);
    const client = createClient(
      TraceService,
      createConnectTransport({ baseUrl: doors.url, httpVersion: "1.1" }),
    );
    const { spans: [span] } = await client.getTrace({
      traceId: traceId("judged"),
      includeEvents: true,
    });
    assert.deepEqual(
      span?.events.map(({ name, attributes }) => [
        name,
        attributes.map(({ key, valueJson }) => [key, valueJson]),
      ]),
      [
        ["cache miss", []],
        ["gen_ai.evaluation.result", [
          ["gen_ai.evaluation.name", '"tone"'],
          ["gen_ai.evaluation.score.label", '"fail"'],
          ["gen_ai.evaluation.score.value", "0.25"],
        ]],
      ],
    );
  } finally {
    await world.close();
  }
});
