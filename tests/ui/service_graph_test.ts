import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
  GetServiceGraphResponseSchema,
  GraphSource,
  ServiceStatsSchema,
} from "../../sdk/gen/scouter/v1/trace_pb.ts";
import { mapOf, neighbourhood, worstService } from "../../server/ui/app/services/graph.ts";
import { layoutMap, NODE_HEIGHT, NODE_WIDTH } from "../../server/ui/app/services/layout.ts";

const edge = (
  source: string,
  destination: string,
  operation: string,
  calls: bigint,
  more = {},
) => ({
  source,
  destination,
  operation,
  calls,
  errors: 0n,
  p95Ms: 10,
  ...more,
});

const MAP = mapOf(
  create(GetServiceGraphResponseSchema, {
    nodes: [
      { name: "web", sources: [GraphSource.SPANS] },
      { name: "shop", sources: [GraphSource.SPANS, GraphSource.MIDDLEWARE] },
      { name: "old", sources: [GraphSource.MIDDLEWARE], requestCount: 7n, requestErrorCount: 7n },
    ],
    edges: [
      edge("web", "shop", "GET /a", 3n, { errors: 1n, p95Ms: 25 }),
      edge("web", "shop", "GET /b", 5n, { sources: [GraphSource.SPANS, GraphSource.MIDDLEWARE] }),
      edge("shop", "old", "/legacy", 7n, { sources: [GraphSource.MIDDLEWARE], errors: 7n }),
      edge("shop", "redis", "GET", 4n, { external: true }),
    ],
  }),
  [create(ServiceStatsSchema, {
    name: "shop",
    requestCount: 8n,
    requestErrorCount: 1n,
    p95Ms: 30,
  })],
);

test("the operations between two services are one line of the map, with where it is known from", () => {
  assert.deepEqual(MAP.edges, [
    {
      source: "web",
      destination: "shop",
      external: false,
      calls: 8,
      errors: 1,
      p95Ms: 25,
      operations: ["GET /b", "GET /a"],
      sources: "both",
    },
    {
      source: "shop",
      destination: "old",
      external: false,
      calls: 7,
      errors: 7,
      p95Ms: 10,
      operations: ["/legacy"],
      sources: "middleware",
    },
    {
      source: "shop",
      destination: "redis",
      external: true,
      calls: 4,
      errors: 0,
      p95Ms: 10,
      operations: ["GET"],
      sources: "spans",
    },
  ]);
});

test("services that only others tell of are boxes too", () => {
  assert.deepEqual(
    MAP.nodes.map(({ name, external, requests, errors, middlewareOnly }) => [
      name,
      external,
      requests,
      errors,
      middlewareOnly,
    ]),
    [
      ["web", false, 0, 0, false],
      ["shop", false, 8, 1, false],
      ["old", false, 7, 7, true],
      ["redis", true, 4, 0, false],
    ],
  );
});

test("the worst service fails most, and its neighbours are those beside it", () => {
  assert.equal(worstService(MAP), "old");
  const near = neighbourhood(MAP, "old");
  assert.deepEqual(near.nodes.map(({ name }) => name), ["shop", "old"]);
  assert.equal(near.edges.length, 1);
});

test("a circle of calls is laid out too, and boxes lie apart", () => {
  const circle = mapOf(
    create(GetServiceGraphResponseSchema, {
      nodes: [{ name: "a" }, { name: "b" }, { name: "c" }],
      edges: [edge("a", "b", "x", 1n), edge("b", "c", "x", 1n), edge("c", "a", "x", 1n)],
    }),
    [],
  );
  for (const direction of ["right", "down"] as const) {
    const { nodes, edges } = layoutMap(circle, direction);
    for (const { path } of edges) assert.match(path, /^M[\d. ]+[LCQ]/);
    for (const [i, a] of nodes.entries()) {
      for (const b of nodes.slice(i + 1)) {
        assert.ok(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT);
      }
    }
  }
});
