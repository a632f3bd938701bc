/**
 * Spans added up by name: where the time of a trace went.
 *
 * @module
 */

import type { TraceSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { selfTimesUs } from "./self_time.ts";
import type { TraceModel } from "./trace_model.ts";

/** All spans of one name and service below the same chain of names. */
export interface FlameNode {
  /** The chain of names that leads here, as the key of an element. */
  readonly path: string;
  readonly name: string;
  readonly service: string;
  readonly depth: number;
  count: number;
  failed: number;
  /** Time of the spans themselves, µs. */
  selfUs: number;
  /** With all below, µs: parallel work counts as often as it was done. */
  totalUs: number;
  readonly children: FlameNode[];
}

/** Builds the tree. Its root stands for the trace; children with more time come first. */
export function flameTree(model: TraceModel): FlameNode {
  const self = new Map<TraceSpan, number>();
  selfTimesUs(model.spans).forEach((selfUs, i) => {
    const span = model.spans[i];
    if (span !== undefined) self.set(span, selfUs);
  });
  const root: FlameNode = {
    path: "",
    name: "trace",
    service: "",
    depth: 0,
    count: 1,
    failed: 0,
    selfUs: 0,
    totalUs: 0,
    children: [],
  };
  const byPath = new Map<string, FlameNode>();
  // The node of each row, so that a child finds its parent's.
  const nodes: FlameNode[] = [];
  for (const row of model.rows) {
    const parent = nodes[row.parent] ?? root;
    const name = row.kind === "span" ? row.span.spanName : "missing parent";
    const service = row.kind === "span" ? row.span.serviceName : "";
    const path = `${parent.path}/${JSON.stringify([service, name])}`;
    let node = byPath.get(path);
    if (node === undefined) {
      node = {
        path,
        name,
        service,
        depth: parent.depth + 1,
        count: 0,
        failed: 0,
        selfUs: 0,
        totalUs: 0,
        children: [],
      };
      byPath.set(path, node);
      parent.children.push(node);
    }
    nodes.push(node);
    if (row.kind !== "span") continue;
    node.count++;
    if (row.span.statusCode === 2) node.failed++;
    node.selfUs += self.get(row.span) ?? 0;
  }
  // Parents come before their children in the map, so going backwards adds up from the leaves.
  const all = [...byPath.values()];
  for (let i = all.length - 1; i >= 0; i--) {
    const node = all[i];
    if (node === undefined) continue;
    node.totalUs = node.selfUs + node.children.reduce((sum, child) => sum + child.totalUs, 0);
    node.children.sort((a, b) => b.totalUs - a.totalUs);
  }
  root.totalUs = root.children.reduce((sum, child) => sum + child.totalUs, 0);
  root.children.sort((a, b) => b.totalUs - a.totalUs);
  return root;
}
