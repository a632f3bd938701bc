/**
 * Answers questions about the service map from spans and middleware records together.
 *
 * @module
 */

import type { QueryOptions } from "../lake/query/contract.ts";
import type { TraceQueries } from "../lake/traces/trace_queries.ts";
import type { ConnectionQueries } from "./connection_edges.ts";
import { mergeServiceMap, type ServiceMap } from "./service_map.ts";

/** Asks both sources and merges their answers. */
export class ServiceMapQueries {
  readonly #traces: Pick<TraceQueries, "serviceGraph">;
  readonly #connections: Pick<ConnectionQueries, "edges"> | undefined;

  /** @param connections Absent where no records are taken. */
  constructor(
    traces: Pick<TraceQueries, "serviceGraph">,
    connections?: Pick<ConnectionQueries, "edges">,
  ) {
    this.#traces = traces;
    this.#connections = connections;
  }

  /** The graph of the calls that start in a window. */
  async map(
    window: { readonly startUs?: number; readonly endUs?: number },
    options: QueryOptions = {},
  ): Promise<ServiceMap> {
    const [graph, connections] = await Promise.all([
      this.#traces.serviceGraph(window, options),
      this.#connections?.edges(window, options) ?? [],
    ]);
    return mergeServiceMap(graph, connections);
  }
}
