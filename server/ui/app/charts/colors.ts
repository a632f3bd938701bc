/**
 * Colours of series: one hue for a name wherever it is shown, moved apart where two of one chart would be alike.
 *
 * @module
 */

import { hueClass } from "../service_color.ts";
import type { ChartSeries } from "./series.ts";

/** Degrees of the classes `hue-0` … `hue-11`. */
const HUES = [210, 25, 150, 285, 50, 185, 330, 95, 245, 5, 170, 305];

/** A CSS colour for each series, for a canvas as for the page. */
export function seriesColors(
  series: readonly ChartSeries[],
  theme: "light" | "dark",
): readonly string[] {
  const light = theme === "light";
  const taken = new Set<number>();
  return series.map(({ name, tone }) => {
    if (tone === "muted") return light ? "#8a93a3" : "#76808f";
    if (tone === "error") return light ? "#d9544b" : "#e0635a";
    if (tone === "accent") return light ? "#1f5fc4" : "#82b1ff";
    let hue = Number(hueClass(name).slice("hue-".length));
    for (let tries = 0; taken.has(hue) && tries < HUES.length; tries++) {
      hue = (hue + 5) % HUES.length;
    }
    taken.add(hue);
    return `hsl(${HUES[hue] ?? 210} ${light ? "60% 46%" : "58% 62%"})`;
  });
}

/** Strokes of lines, so that they differ by more than colour. */
export const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3], [4, 2]];
