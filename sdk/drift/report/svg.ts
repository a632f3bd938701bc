/**
 * Small plots as SVG text. Nothing in them comes from outside unescaped.
 *
 * @module
 */

import type { BinComparison, PsiWindow, SpcFeatureReport } from "./types.ts";

const WIDTH = 420;
const HEIGHT = 150;

/** Replaces the characters that mean something in HTML and in attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

const n = (value: number): string =>
  Number.isFinite(value) ? String(Math.round(value * 100) / 100) : "0";

function svg(label: string, content: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">` +
    `${content}</svg>`;
}

/** Bars of the baseline beside those of the new data. */
export function binPlot(feature: string, bins: readonly BinComparison[]): string {
  const top = Math.max(1e-9, ...bins.flatMap((bin) => [bin.expected, bin.observed]));
  const step = WIDTH / Math.max(1, bins.length);
  const bar = (x: number, share: number, style: string, title: string) => {
    const height = share / top * (HEIGHT - 10);
    return `<rect class="${style}" x="${n(x)}" y="${n(HEIGHT - height)}" width="${
      n(step * 0.42)
    }" ` +
      `height="${n(height)}"><title>${escapeHtml(title)}</title></rect>`;
  };
  const percent = (share: number) => `${n(share * 100)} %`;
  const bars = bins.map(({ label, expected, observed }, i) =>
    bar(i * step + step * 0.06, expected, "base", `${label}: baseline ${percent(expected)}`) +
    bar(i * step + step * 0.52, observed, "new", `${label}: new data ${percent(observed)}`)
  );
  return svg(`Share per bin of ${feature}, baseline and new data`, bars.join(""));
}

/** The PSI of each window with its threshold. */
export function windowPlot(feature: string, windows: readonly PsiWindow[]): string {
  const top = Math.max(1e-9, ...windows.flatMap((w) => [w.psi ?? 0, w.threshold ?? 0])) * 1.1;
  const step = WIDTH / Math.max(1, windows.length);
  const y = (value: number) => HEIGHT - value / top * HEIGHT;
  const marks = windows.map((window, i) => {
    if (window.psi === null || window.threshold === null) return "";
    const middle = i * step + step / 2;
    const style = window.psi > window.threshold ? "bad" : "good";
    const title = `${window.time ?? `rows ${window.row}…${window.endRow - 1}`}: ${n(window.psi)}`;
    return `<line class="limit" x1="${n(i * step)}" x2="${n((i + 1) * step)}" ` +
      `y1="${n(y(window.threshold))}" y2="${n(y(window.threshold))}"/>` +
      `<circle class="${style}" cx="${n(middle)}" cy="${n(y(window.psi))}" r="4">` +
      `<title>${escapeHtml(title)}</title></circle>`;
  });
  return svg(`PSI of ${feature} over time`, marks.join(""));
}

/** Samples plotted at most; more are thinned out, keeping the outermost of each run. */
const MAX_POINTS = 400;

/** A control chart. */
export function controlChart(report: SpcFeatureReport): string {
  const { limits, zones } = report;
  const every = Math.ceil(report.samples.length / MAX_POINTS);
  const shown = report.samples.map((value, i) => ({ value, zone: zones[i] ?? 0, i }))
    .filter((point) => Number.isFinite(point.value))
    .filter((point) => point.i % every === 0 || Math.abs(point.zone) === 4);
  const values = [...shown.map((point) => point.value), limits.threeLcl, limits.threeUcl];
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const y = (value: number) => HEIGHT - 5 - (value - low) / (high - low || 1) * (HEIGHT - 10);
  const x = (i: number) => (i + 0.5) / Math.max(1, report.samples.length) * WIDTH;
  const line = (value: number, style: string) =>
    `<line class="${style}" x1="0" x2="${WIDTH}" y1="${n(y(value))}" y2="${n(y(value))}"/>`;
  const lines = line(limits.center, "center") + line(limits.threeUcl, "limit") +
    line(limits.threeLcl, "limit") + line(limits.twoUcl, "inner") + line(limits.twoLcl, "inner");
  const path = shown.map((point) => `${n(x(point.i))},${n(y(point.value))}`).join(" ");
  const dots = shown.map(({ value, zone, i }) =>
    `<circle class="${Math.abs(zone) === 4 ? "bad" : "good"}" cx="${n(x(i))}" cy="${
      n(y(value))
    }" ` +
    `r="2.5"><title>sample ${i}: ${n(value)}, zone ${zone}</title></circle>`
  );
  return svg(
    `Control chart of ${report.feature}`,
    `${lines}<polyline class="path" points="${path}"/>${dots.join("")}`,
  );
}
