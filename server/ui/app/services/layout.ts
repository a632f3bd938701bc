/**
 * Where boxes and lines of the service map lie: layers from callers to called.
 *
 * @module
 */

import { Graph, layout } from "@dagrejs/dagre";
import type { MapEdge, MapNode, ServiceMap } from "./graph.ts";

/** Width of a box, px. */
export const NODE_WIDTH = 176;
/** Height of a box, px. */
export const NODE_HEIGHT = 48;
const LABEL_WIDTH = 72;
const LABEL_HEIGHT = 18;

/** A service with the upper left corner of its box, px. */
export interface PlacedNode {
  readonly node: MapNode;
  readonly x: number;
  readonly y: number;
}

/** Calls with the path of their line and the middle of their label, px. */
export interface PlacedEdge {
  readonly edge: MapEdge;
  readonly path: string;
  readonly labelX: number;
  readonly labelY: number;
}

/** The whole picture. */
export interface PlacedMap {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/**
 * Lays a map out.
 *
 * @param direction Where calls go: to the right, or down on narrow screens.
 */
export function layoutMap(map: ServiceMap, direction: "right" | "down"): PlacedMap {
  const graph = new Graph();
  graph.setGraph({
    rankdir: direction === "right" ? "LR" : "TB",
    nodesep: 20,
    edgesep: 12,
    ranksep: direction === "right" ? 56 : 40,
    marginx: 16,
    marginy: 16,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of map.nodes) {
    graph.setNode(name, { width: NODE_WIDTH, height: NODE_HEIGHT });
  }
  for (const { source, destination } of map.edges) {
    graph.setEdge(source, destination, {
      width: LABEL_WIDTH,
      height: LABEL_HEIGHT,
      labelpos: "c",
    });
  }
  layout(graph);
  const whole = graph.graph();
  return {
    width: Math.ceil(whole.width ?? 0),
    height: Math.ceil(whole.height ?? 0),
    nodes: map.nodes.map((node) => {
      const { x, y } = graph.node(node.name);
      return { node, x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 };
    }),
    edges: map.edges.map((edge) => {
      const { points, x, y } = graph.edge(edge.source, edge.destination);
      const from = graph.node(edge.source);
      const to = graph.node(edge.destination);
      const inner = points.slice(1, -1);
      const path = direction === "right" && to.x - from.x >= NODE_WIDTH
        ? flowing(
          [{ x: from.x + NODE_WIDTH / 2, y: from.y }, ...inner, {
            x: to.x - NODE_WIDTH / 2,
            y: to.y,
          }],
          (a, b) => [{ x: (a.x + b.x) / 2, y: a.y }, { x: (a.x + b.x) / 2, y: b.y }],
        )
        : direction === "down" && to.y - from.y >= NODE_HEIGHT
        ? flowing(
          [{ x: from.x, y: from.y + NODE_HEIGHT / 2 }, ...inner, {
            x: to.x,
            y: to.y - NODE_HEIGHT / 2,
          }],
          (a, b) => [{ x: a.x, y: (a.y + b.y) / 2 }, { x: b.x, y: (a.y + b.y) / 2 }],
        )
        // Against the stream, in a circle of calls.
        : smooth(points);
      return { edge, path, labelX: x ?? 0, labelY: y ?? 0 };
    }),
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line that leaves and meets every point along the stream, so that it crosses layers between boxes only. */
function flowing(
  points: readonly Point[],
  controls: (a: Point, b: Point) => readonly [Point, Point],
): string {
  return points.map((point, i) => {
    const last = points[i - 1];
    if (last === undefined) return `M${round(point)}`;
    const [a, b] = controls(last, point);
    return `C${round(a)} ${round(b)} ${round(point)}`;
  }).join("");
}

/** A line that is round at its corners and straight at both ends. */
function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M${round(first)}`;
  rest.forEach((point, i) => {
    const next = rest[i + 1];
    if (next === undefined) path += `L${round(point)}`;
    else {
      const middle = { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
      path += i === 0 ? `L${round(halfway(first, point))}` : "";
      path += `Q${round(point)} ${round(middle)}`;
    }
  });
  return path;
}

const halfway = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const round = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
