/**
 * The values of one bucket beside the pointer.
 *
 * @module
 */

import { visibleText } from "../text.ts";
import { bucketText } from "./describe.ts";
import { type ChartData, type ChartUnit, totalAt } from "./series.ts";

/** Most series a tooltip lists. */
const MAX_LINES = 12;

/** The tooltip and the band that marks its bucket. What it says is announced elsewhere. */
export function ChartTooltip(
  { data, unit, hidden, colors, at, utc, pinned, place, width }: {
    readonly data: ChartData;
    readonly unit: ChartUnit;
    readonly hidden: ReadonlySet<string>;
    readonly colors: readonly string[];
    readonly at: number;
    readonly utc: boolean;
    readonly pinned: boolean;
    readonly place: { readonly left: number; readonly right: number } | null;
    readonly width: number;
  },
) {
  if (place === null) return null;
  const lines = data.series.flatMap(({ name, values }, index) => {
    const value = values[at] ?? null;
    return value === null || hidden.has(name) ? [] : [{ name, value, color: colors[index] ?? "" }];
  });
  if (unit.adds) lines.sort((a, b) => b.value - a.value);
  const total = totalAt(data.series, hidden, at);
  const onLeft = place.right > width * 0.6;
  return (
    <>
      <div
        class="chart-band"
        style={{ left: `${place.left}px`, width: `${Math.max(1, place.right - place.left)}px` }}
      />
      <div
        class={`chart-tip${pinned ? " pinned" : ""}`}
        aria-hidden="true"
        style={onLeft
          ? { right: `${width - place.left + 8}px`, left: "auto" }
          : { left: `${place.right + 8}px`, right: "auto" }}
      >
        <p class="muted">{bucketText(data, at, utc)}{pinned ? " · pinned" : ""}</p>
        {lines.length === 0 ? <p class="muted">No data</p> : (
          <dl>
            {lines.slice(0, MAX_LINES).map(({ name, value, color }) => (
              <div key={name}>
                <dt>
                  <span class="swatch" style={{ background: color }} />
                  <bdi>{visibleText(name, 40)}</bdi>
                </dt>
                <dd>{unit.exact(value)}</dd>
              </div>
            ))}
            {unit.adds && lines.length > 1 && total !== null && (
              <div class="total">
                <dt>In all</dt>
                <dd>{unit.exact(total)}</dd>
              </div>
            )}
          </dl>
        )}
        {lines.length > MAX_LINES && <p class="muted">and {lines.length - MAX_LINES} more</p>}
      </div>
    </>
  );
}
