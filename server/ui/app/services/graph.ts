/**
 * The graph of services as the map shows it: one edge from one service to another, whatever the operations.
 *
 * @module
 */

import {
  type GetServiceGraphResponse,
  GraphSource,
  type ServiceEdge,
  type ServiceStats,
} from "../../../../sdk/gen/scouter/v1/trace_pb.ts";

/** A service. */
export interface MapNode {
  readonly name: string;
  /** Sends no telemetry of its own. */
  readonly external: boolean;
  readonly requests: number;
  readonly errors: number;
  readonly p95Ms: number | null;
  /** Known only from middleware records. */
  readonly middlewareOnly: boolean;
}

/** Calls from one service to another. */
export interface MapEdge {
  readonly source: string;
  readonly destination: string;
  readonly external: boolean;
  readonly calls: number;
  readonly errors: number;
  /** The largest 95th percentile among its operations, milliseconds. */
  readonly p95Ms: number;
  /** Most calls first. */
  readonly operations: readonly string[];
  readonly sources: "spans" | "middleware" | "both";
}

/** All of it. */
export interface ServiceMap {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}

/**
 * Joins the operations between two services, and adds services that are only called.
 *
 * @param services What the services answered.
 */
export function mapOf(
  graph: GetServiceGraphResponse,
  services: readonly ServiceStats[],
): ServiceMap {
  const answered = new Map(services.map((service) => [service.name, service]));
  const between = new Map<string, ServiceEdge[]>();
  for (const edge of graph.edges) {
    const key = JSON.stringify([edge.source, edge.destination]);
    const known = between.get(key);
    if (known === undefined) between.set(key, [edge]);
    else known.push(edge);
  }
  const edges = [...between.values()].flatMap(joined);
  const nodes = new Map<string, MapNode>();
  for (const node of graph.nodes) {
    const stats = answered.get(node.name) ?? node;
    const seen = node.external ? seenByCallers(edges, node.name) : null;
    nodes.set(node.name, {
      name: node.name,
      external: node.external,
      requests: seen?.requests ?? Number(stats.requestCount),
      errors: seen?.errors ?? Number(stats.requestErrorCount),
      p95Ms: stats.p95Ms ?? null,
      middlewareOnly: isMiddlewareOnly(node.sources),
    });
  }
  for (const { source, destination, external } of edges) {
    for (const name of [source, destination]) {
      if (nodes.has(name)) continue;
      nodes.set(name, {
        name,
        external: external && name === destination,
        ...seenByCallers(edges, name),
        p95Ms: null,
        middlewareOnly: false,
      });
    }
  }
  return { nodes: [...nodes.values()], edges };
}

/** What is asked of a service that tells nothing itself. */
function seenByCallers(edges: readonly MapEdge[], name: string) {
  const incoming = edges.filter((edge) => edge.destination === name);
  return {
    requests: incoming.reduce((sum, edge) => sum + edge.calls, 0),
    errors: incoming.reduce((sum, edge) => sum + edge.errors, 0),
  };
}

function joined(edges: readonly ServiceEdge[]): MapEdge[] {
  const [first] = edges;
  if (first === undefined) return [];
  const sum = (of: (edge: ServiceEdge) => bigint) =>
    Number(edges.reduce((total, edge) => total + of(edge), 0n));
  const bySpans = edges.some(({ sources }) => !isMiddlewareOnly(sources));
  const byMiddleware = edges.some(({ sources }) => sources.includes(GraphSource.MIDDLEWARE));
  return [{
    source: first.source,
    destination: first.destination,
    external: edges.every(({ external }) => external),
    calls: sum(({ calls }) => calls),
    errors: sum(({ errors }) => errors),
    p95Ms: Math.max(...edges.map(({ p95Ms }) => p95Ms)),
    operations: edges.toSorted((a, b) => Number(b.calls - a.calls)).map(({ operation }) =>
      operation
    ),
    sources: bySpans ? byMiddleware ? "both" : "spans" : "middleware",
  }];
}

function isMiddlewareOnly(sources: readonly GraphSource[]): boolean {
  return sources.length > 0 && !sources.includes(GraphSource.SPANS);
}

/** A service and those it calls or that call it. */
export function neighbourhood(map: ServiceMap, focus: string): ServiceMap {
  const edges = map.edges.filter(({ source, destination }) =>
    source === focus || destination === focus
  );
  const names = new Set([
    focus,
    ...edges.flatMap(({ source, destination }) => [source, destination]),
  ]);
  return { nodes: map.nodes.filter(({ name }) => names.has(name)), edges };
}

/** The service to look at first: the one with most failed requests, else the busiest. */
export function worstService(map: ServiceMap): string | null {
  const own = map.nodes.filter(({ external }) => !external);
  const [worst] = own.toSorted((a, b) => b.errors - a.errors || b.requests - a.requests);
  return worst?.name ?? null;
}
