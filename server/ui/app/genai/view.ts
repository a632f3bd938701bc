/**
 * What the GenAI page is about, as it stands in the address.
 *
 * @module
 */

import { int64 } from "../api.ts";
import type { TimeWindow } from "../time_range.ts";

/** Things to split by, as the API names them. */
export const SPLITS: readonly (readonly [value: string, label: string])[] = [
  ["model", "Model"],
  ["provider", "Provider"],
  ["operation", "Operation"],
  ["agent", "Agent"],
  ["tool", "Tool"],
  ["service", "Service"],
  ["none", "Nothing"],
];

/** Operations to look at. */
export const KINDS: readonly (readonly [value: string, label: string])[] = [
  ["", "All operations"],
  ["models", "Calls of models"],
  ["agents", "Agents"],
  ["tools", "Tools"],
];

/** Filters of the page: parameter, word, and field of the API. */
export const FILTERS = [
  ["model", "Model", "model"],
  ["provider", "Provider", "providerName"],
  ["operation", "Operation", "operationName"],
  ["agent", "Agent", "agentName"],
  ["tool", "Tool", "toolName"],
  ["service", "Service", "serviceName"],
] as const;

/** The page's choices. */
export interface GenAiView {
  /** One of {@linkcode SPLITS}, or `tag.<key>`. */
  readonly split: string;
  readonly of: string;
  /** Parameter and value of each filter that is set. */
  readonly filters: readonly (readonly [name: string, label: string, value: string])[];
}

/** Reads the address. */
export function genAiView(params: URLSearchParams): GenAiView {
  const split = params.get("split") ?? "";
  const of = params.get("of") ?? "";
  return {
    split: split.startsWith("tag.") || SPLITS.some(([value]) => value === split) ? split : "model",
    of: KINDS.some(([value]) => value === of) ? of : "",
    filters: FILTERS.flatMap(([name, label]) => {
      const value = params.get(name);
      return value === null || value === "" ? [] : [[name, label, value] as const];
    }),
  };
}

/** The API's filter. */
export function genAiFilter(
  view: GenAiView,
  window: TimeWindow,
): Record<string, string | bigint> {
  const filter: Record<string, string | bigint> = {
    startTimeUs: int64(window.startUs),
    endTimeUs: int64(window.endUs),
  };
  for (const [name, , value] of view.filters) {
    const field = FILTERS.find(([param]) => param === name)?.[2];
    if (field !== undefined) filter[field] = value;
  }
  return filter;
}
