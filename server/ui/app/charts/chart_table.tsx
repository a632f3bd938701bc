/**
 * A chart as a table.
 *
 * @module
 */

import { exactTime } from "../format.ts";
import { visibleText } from "../text.ts";
import { bucketText } from "./describe.ts";
import { type ChartData, type ChartUnit, totalAt } from "./series.ts";

/** Buckets that have data, newest first, in a box of their own. */
export function ChartTable(
  { title, data, unit, hidden, utc }: {
    readonly title: string;
    readonly data: ChartData;
    readonly unit: ChartUnit;
    readonly hidden: ReadonlySet<string>;
    readonly utc: boolean;
  },
) {
  const series = data.series.filter(({ name }) => !hidden.has(name));
  const summed = unit.adds && series.length > 1;
  const rows = data.timesUs.map((_, at) => at)
    .filter((at) => series.some(({ values }) => (values[at] ?? null) !== null))
    .reverse();
  if (rows.length === 0) return <p class="muted">Nothing in this time range.</p>;
  return (
    <div class="chart-table" tabIndex={0} role="region" aria-label={`${title} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {series.map(({ name }) => (
              <th scope="col" class="number" key={name}>
                <bdi>{visibleText(name, 60)}</bdi>
              </th>
            ))}
            {summed && <th scope="col" class="number">In all</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((at) => {
            const total = totalAt(data.series, hidden, at);
            return (
              <tr key={at}>
                <th scope="row" title={exactTime(data.timesUs[at] ?? 0)}>
                  {bucketText(data, at, utc)}
                </th>
                {series.map(({ name, values }) => {
                  const value = values[at] ?? null;
                  return (
                    <td class="number" key={name}>
                      {value === null ? <span class="muted">no data</span> : unit.exact(value)}
                    </td>
                  );
                })}
                {summed && <td class="number">{total === null ? "" : unit.exact(total)}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
