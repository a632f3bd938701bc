/**
 * A bucket of a chart in words.
 *
 * @module
 */

import { formatTime } from "../format.ts";
import { visibleText } from "../text.ts";
import { type ChartData, type ChartUnit, totalAt } from "./series.ts";

/** Its start, to the second. */
export function bucketText(data: ChartData, at: number, utc: boolean): string {
  return formatTime(data.timesUs[at] ?? 0, utc).slice(0, -4);
}

/** What is known of a bucket, in one line. */
export function describe(
  data: ChartData,
  hidden: ReadonlySet<string>,
  unit: ChartUnit,
  at: number,
  utc: boolean,
): string {
  const known = data.series.flatMap(({ name, values }) => {
    const value = values[at] ?? null;
    return value === null || hidden.has(name)
      ? []
      : [`${visibleText(name, 60)} ${unit.exact(value)}`];
  });
  const total = totalAt(data.series, hidden, at);
  const sum = unit.adds && known.length > 1 && total !== null
    ? `, in all ${unit.exact(total)}`
    : "";
  return `${bucketText(data, at, utc)}: ${known.length === 0 ? "no data" : known.join(", ")}${sum}`;
}
