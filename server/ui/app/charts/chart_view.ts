/**
 * How a chart is looked at, as it stands in the address.
 *
 * @module
 */

import { useMemo } from "preact/hooks";
import { setParams, usePlace } from "../place.ts";

/** What a person chose of one chart. */
export interface ChartView {
  readonly table: boolean;
  /** Names of series that are not shown. */
  readonly hidden: ReadonlySet<string>;
}

/** Chooses. */
export function chartView(id: string, { table, hidden }: ChartView): void {
  setParams({
    [`${id}.table`]: table ? "1" : null,
    [`${id}.hide`]: hidden.size === 0 ? null : JSON.stringify([...hidden].sort()),
  }, true);
}

/** The view of the chart, followed; `key` changes with the hidden series. */
export function useChartView(id: string): ChartView & { readonly key: string } {
  const { params } = usePlace();
  const key = params.get(`${id}.hide`) ?? "";
  const hidden = useMemo(() => namesOf(key), [key]);
  return { table: params.get(`${id}.table`) === "1", hidden, key };
}

function namesOf(text: string): ReadonlySet<string> {
  try {
    const names: unknown = JSON.parse(text === "" ? "[]" : text);
    return new Set(Array.isArray(names) ? names.map(String) : []);
  } catch {
    // An address that somebody mistyped hides nothing.
    return new Set();
  }
}
