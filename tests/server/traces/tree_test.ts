import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { buildTree, pathOf, type TreeSpan } from "../../../server/lake/traces/tree.ts";

const span = (spanId: string, parentSpanId: string | null, startTimeUs: number): TreeSpan => ({
  spanId,
  parentSpanId,
  startTimeUs,
});

describe("trace tree", () => {
  it("orders root, child and grandchild with depths 0, 1, 2 and paths of 1, 2, 3", () => {
    const tree = buildTree([span("c", "b", 3), span("a", null, 1), span("b", "a", 2)]);
    assert.deepEqual(tree.nodes.map((node) => [node.span.spanId, node.order, node.depth]), [
      ["a", 0, 0],
      ["b", 1, 1],
      ["c", 2, 2],
    ]);
    assert.deepEqual(tree.nodes.map((node) => pathOf(tree, node)), [["a"], ["a", "b"], [
      "a",
      "b",
      "c",
    ]]);
    assert.equal(tree.rootSpanId, "a");
  });

  it("puts a lone orphan at depth 0 and names its missing parent", () => {
    const tree = buildTree([span("x", "gone", 1)]);
    assert.equal(tree.nodes[0]?.depth, 0);
    assert.equal(tree.nodes[0]?.missingParentId, "gone");
    assert.deepEqual(tree.missingParentIds, ["gone"]);
    assert.equal(tree.rootSpanId, "x");
  });

  it("keeps an orphan's subtree together after the rooted spans", () => {
    const tree = buildTree([
      span("orphan", "gone", 0),
      span("below", "orphan", 1),
      span("root", null, 5),
      span("leaf", "root", 6),
    ]);
    assert.deepEqual(
      tree.nodes.map((node) => [node.span.spanId, node.depth, node.missingParentId]),
      [["root", 0, null], ["leaf", 1, null], ["orphan", 0, "gone"], ["below", 1, null]],
    );
    assert.equal(tree.rootSpanId, "root");
  });

  it("orders siblings by start time and then by id", () => {
    const tree = buildTree([
      span("r", null, 0),
      span("late", "r", 9),
      span("b", "r", 5),
      span("a", "r", 5),
    ]);
    assert.deepEqual(tree.nodes.map((node) => node.span.spanId), ["r", "a", "b", "late"]);
  });

  it("ends on two spans that are each other's parent", () => {
    const tree = buildTree([span("a", "b", 1), span("b", "a", 2)]);
    assert.deepEqual(tree.nodes.map((node) => [node.span.spanId, node.depth]), [["a", 0], [
      "b",
      1,
    ]]);
  });

  it("ends on a span that is its own parent", () => {
    assert.equal(buildTree([span("a", "a", 1)]).nodes.length, 1);
  });

  it("builds a chain of 50,000 spans and cuts its paths", () => {
    const chain = Array.from(
      { length: 50_000 },
      (_, i) => span(String(i), i === 0 ? null : String(i - 1), i),
    );
    const tree = buildTree(chain);
    const last = tree.nodes[49_999];
    assert.ok(last !== undefined);
    assert.equal(last.depth, 49_999);
    const path = pathOf(tree, last);
    assert.equal(path.length, 100);
    assert.deepEqual([path[0], path[1], path[99]], ["0", "49901", "49999"]);
  });

  it("returns every span once, children after parents, whatever the parents are", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            spanId: fc.constantFrom("a", "b", "c", "d", "e", "f", "g"),
            parentSpanId: fc.option(fc.constantFrom("a", "b", "c", "d", "x", "y")),
            startTimeUs: fc.integer({ min: 0, max: 9 }),
          }),
          { maxLength: 12 },
        ),
        (spans) => {
          const tree = buildTree(spans);
          assert.equal(new Set(tree.nodes.map((node) => node.span)).size, spans.length);
          tree.nodes.forEach((node, at) => {
            assert.equal(node.order, at);
            if (node.parentOrder === null) {
              assert.equal(node.depth, 0);
            } else {
              const parent = tree.nodes[node.parentOrder];
              assert.ok(parent !== undefined && node.parentOrder < at);
              assert.equal(parent.span.spanId, node.span.parentSpanId);
              assert.equal(node.depth, parent.depth + 1);
              assert.equal(node.headOrder, parent.headOrder);
            }
            assert.equal(pathOf(tree, node).length, node.depth + 1);
          });
        },
      ),
    );
  });
});
