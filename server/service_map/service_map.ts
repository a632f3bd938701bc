/**
 * One graph from spans and from records of the middleware. Pure.
 *
 * @module
 */

import type {
  ServiceEdge,
  ServiceGraph,
  ServiceNode,
} from "../lake/traces/queries/service_graph.ts";
import type { ConnectionEdge } from "./connection_edges.ts";

/** Where an edge or node is known from. */
export type GraphSource = "spans" | "middleware";

/** An edge with where it is known from. One known from both is counted by spans. */
export interface MapEdge extends ServiceEdge {
  readonly sources: readonly GraphSource[];
  /** Calls and errors the records tell of. */
  readonly middlewareCalls: number;
  readonly middlewareErrors: number;
}

/** A service with where it is known from. */
export interface MapNode extends ServiceNode {
  readonly sources: readonly GraphSource[];
  /** Whether it sends no telemetry itself. */
  readonly external: boolean;
}

/** The merged graph. */
export interface ServiceMap {
  /** By name. */
  readonly nodes: readonly MapNode[];
  /** Most calls first. */
  readonly edges: readonly MapEdge[];
}

const pairKey = (source: string, destination: string, operation: string) =>
  JSON.stringify([source, destination, operation]);

/**
 * Merges the two views. A record's edge is the same as a span's when source and destination agree and the span is
 * named for the endpoint: `GET /orders/{id}`, `/orders/{id}`, or `GET` alone.
 */
export function mergeServiceMap(
  graph: ServiceGraph,
  connections: readonly ConnectionEdge[],
): ServiceMap {
  const edges = new Map<string, MapEdge>();
  for (const edge of graph.edges) {
    const key = pairKey(edge.source, edge.destination, edge.operation);
    edges.set(key, { ...edge, sources: ["spans"], middlewareCalls: 0, middlewareErrors: 0 });
  }
  for (const connection of connections) {
    const { source, destination, endpoint } = connection;
    const names = [
      ...connection.methods.map((method) => `${method} ${endpoint}`),
      endpoint,
      ...connection.methods,
    ];
    const key = names.map((name) => pairKey(source, destination, name))
      .find((key) => edges.has(key));
    const known = key === undefined ? undefined : edges.get(key);
    if (key !== undefined && known !== undefined) {
      edges.set(key, {
        ...known,
        sources: [...new Set([...known.sources, "middleware" as const])],
        middlewareCalls: known.middlewareCalls + connection.calls,
        middlewareErrors: known.middlewareErrors + connection.errors,
        firstSeenUs: Math.min(known.firstSeenUs, connection.firstSeenUs),
        lastSeenUs: Math.max(known.lastSeenUs, connection.lastSeenUs),
      });
      continue;
    }
    edges.set(pairKey(source, destination, endpoint), {
      source,
      destination,
      operation: endpoint,
      external: false,
      calls: connection.calls,
      errors: connection.errors,
      avgMs: connection.avgMs,
      p50Ms: connection.p50Ms,
      p95Ms: connection.p95Ms,
      p99Ms: connection.p99Ms,
      firstSeenUs: connection.firstSeenUs,
      lastSeenUs: connection.lastSeenUs,
      sources: ["middleware"],
      middlewareCalls: connection.calls,
      middlewareErrors: connection.errors,
    });
  }
  const sorted = [...edges.values()].sort((a, b) =>
    b.calls - a.calls || compare(a.source, b.source) || compare(a.destination, b.destination) ||
    compare(a.operation, b.operation)
  );
  return { nodes: mergeNodes(graph, connections, sorted), edges: sorted };
}

function mergeNodes(
  graph: ServiceGraph,
  connections: readonly ConnectionEdge[],
  edges: readonly MapEdge[],
): MapNode[] {
  const nodes = new Map<string, MapNode>();
  for (const node of graph.nodes) {
    nodes.set(node.name, { ...node, sources: ["spans"], external: false });
  }
  const answered = Map.groupBy(connections, ({ destination }) => destination);
  for (const name of connections.flatMap(({ source, destination }) => [source, destination])) {
    const known = nodes.get(name);
    if (known !== undefined) {
      if (!known.sources.includes("middleware")) {
        nodes.set(name, { ...known, sources: [...known.sources, "middleware"] });
      }
      continue;
    }
    const own = answered.get(name) ?? [];
    nodes.set(name, {
      name,
      spanCount: 0,
      errorCount: 0,
      requestCount: own.reduce((sum, { calls }) => sum + calls, 0),
      requestErrorCount: own.reduce((sum, { errors }) => sum + errors, 0),
      ...percentilesOf(own),
      sources: ["middleware"],
      external: false,
    });
  }
  for (const { destination, external, sources } of edges) {
    if (!external || nodes.has(destination)) continue;
    nodes.set(destination, {
      name: destination,
      spanCount: 0,
      errorCount: 0,
      requestCount: 0,
      requestErrorCount: 0,
      p50Ms: null,
      p95Ms: null,
      p99Ms: null,
      sources,
      external: true,
    });
  }
  return [...nodes.values()].sort((a, b) => compare(a.name, b.name));
}

/** Percentiles cannot be joined exactly; with several endpoints none are told. */
function percentilesOf(own: readonly ConnectionEdge[]) {
  const [only] = own;
  return own.length === 1 && only !== undefined
    ? { p50Ms: only.p50Ms, p95Ms: only.p95Ms, p99Ms: only.p99Ms }
    : { p50Ms: null, p95Ms: null, p99Ms: null };
}

const compare = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0;
