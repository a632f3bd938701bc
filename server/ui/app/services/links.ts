/**
 * Searches behind the numbers of services.
 *
 * @module
 */

import { termOf } from "../search_text.ts";
import { sharedParams } from "../shared_params.ts";
import type { MapEdge } from "./graph.ts";

/** Operations beyond this many make a search nobody reads; then the services alone are searched for. */
const MAX_OPERATIONS = 4;

/** Parameters of the trace list for a search, in the same time range. */
export function searchParams(params: URLSearchParams, ...terms: string[]): URLSearchParams {
  return sharedParams(params, { q: terms.join(" ") });
}

/** Traces in which one service calls another. */
export function edgeTerms(edge: MapEdge): string[] {
  const operations = [...new Set(edge.operations)].map((name) => termOf("name", name));
  const named = operations.length > MAX_OPERATIONS
    ? []
    : operations.length === 1
    ? operations
    : [`(${operations.join(" or ")})`];
  return [
    termOf("service", edge.source),
    ...(edge.external ? [] : [termOf("service", edge.destination)]),
    ...named,
  ];
}
