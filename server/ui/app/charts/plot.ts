/**
 * Draws a chart on a canvas by uPlot.
 *
 * @module
 */

import uPlot from "uplot";
import { DASHES } from "./colors.ts";
import type { ChartData, ChartMark, ChartThreshold, ChartUnit } from "./series.ts";
import { stacked } from "./series.ts";

/** How a chart looks and whom it tells. */
export interface PlotOptions {
  readonly kind: "lines" | "bars";
  readonly unit: ChartUnit;
  readonly colors: readonly string[];
  readonly hidden: ReadonlySet<string>;
  readonly thresholds: readonly ChartThreshold[];
  readonly marks: readonly ChartMark[];
  readonly utc: boolean;
  readonly height: number;
  /** The bucket under the pointer; null when there is none. */
  readonly onHover: (at: number | null) => void;
  /** A part of the window was marked by dragging, µs. */
  readonly onSelect: (fromUs: number, toUs: number) => void;
}

const FONT = '11px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

/** A drawn chart. */
export interface Plot {
  /** Where bucket `at` begins and ends, CSS pixels from the left of the chart's element. */
  placeOf(at: number): { readonly left: number; readonly right: number } | null;
  readonly canvas: HTMLCanvasElement;
  resize(width: number): void;
  destroy(): void;
}

/** Draws into an element, which is emptied before. */
export function drawPlot(element: HTMLElement, data: ChartData, options: PlotOptions): Plot {
  const { kind, unit, colors, hidden, utc } = options;
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const { timesUs, series, window } = data;
  const x = timesUs.map((timeUs) => timeUs / 1e6);
  const values = kind === "bars"
    ? stacked(series, hidden)
    : series.map(({ name, values }) => hidden.has(name) ? values.map(() => null) : [...values]);
  const barred = kind === "bars" && uPlot.paths.bars?.({ size: [0.86, 48], align: 1 });
  // The tallest bar is drawn first, so that the lower parts of the stack lie over it.
  const order = kind === "bars"
    ? series.map((_, index) => series.length - 1 - index)
    : series.map((_, index) => index);
  const all = values.flat().filter((value) => value !== null);
  const top = Math.max(0, ...all, ...options.thresholds.map(({ value }) => value));
  const axis: uPlot.Axis = {
    stroke: color("--muted"),
    font: FONT,
    labelFont: FONT,
    grid: { stroke: color("--border"), width: 1 },
    ticks: { stroke: color("--border"), width: 1, size: 4 },
  };
  const plot = new uPlot(
    {
      width: Math.max(120, element.clientWidth),
      height: options.height,
      padding: [10, 22, 0, 0],
      legend: { show: false },
      ...(utc ? { tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC") } : {}),
      scales: {
        x: { time: true, range: () => [window.startUs / 1e6, window.endUs / 1e6] },
        y: { range: () => [0, top === 0 ? 1 : top * 1.08] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 34,
          space: 64,
          gap: 3,
          label: utc ? "Time (UTC)" : "Time",
          labelSize: 14,
          labelGap: 0,
          values: (_, splits, __, ___, stepSeconds) =>
            splits.map((seconds) => tickText(seconds, stepSeconds, utc)),
        },
        {
          ...axis,
          size: 58,
          space: 28,
          gap: 4,
          label: unit.name,
          labelSize: 16,
          labelGap: 0,
          values: (_, splits) => splits.map((value) => unit.tick(value)),
        },
      ],
      series: [
        {},
        ...order.map((index): uPlot.Series => ({
          stroke: colors[index] ?? "gray",
          ...(kind === "bars"
            ? { fill: colors[index] ?? "gray", width: 0, ...(barred ? { paths: barred } : {}) }
            : { width: 1.75, dash: [...DASHES[index % DASHES.length] ?? []] }),
          points: { show: kind === "lines" && isLonely(values[index] ?? []), size: 5 },
          spanGaps: false,
        })),
      ],
      cursor: {
        x: false,
        y: false,
        points: { show: kind === "lines" },
        drag: { x: true, y: false, setScale: false, dist: 6 },
        bind: { dblclick: () => null },
      },
      hooks: {
        setCursor: [(self) => {
          const { left } = self.cursor;
          if (left === undefined || left < 0) return options.onHover(null);
          const seconds = self.posToVal(left, "x");
          const at = Math.floor((seconds * 1e6 - (timesUs[0] ?? 0)) / data.bucketUs);
          options.onHover(Math.max(0, Math.min(timesUs.length - 1, at)));
        }],
        setSelect: [(self) => {
          const { left, width } = self.select;
          if (width < 6) return;
          options.onSelect(
            self.posToVal(left, "x") * 1e6,
            self.posToVal(left + width, "x") * 1e6,
          );
          self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        }],
        draw: [(self) => drawLines(self, options, color("--error"), color("--text"))],
      },
    },
    [x, ...order.map((index) => values[index] ?? [])] as uPlot.AlignedData,
    element,
  );
  return {
    canvas: plot.ctx.canvas,
    placeOf(at) {
      const timeUs = timesUs[at];
      if (timeUs === undefined) return null;
      const edge = plot.over.offsetLeft;
      const place = (us: number) =>
        edge + Math.max(0, Math.min(plot.over.clientWidth, plot.valToPos(us / 1e6, "x")));
      return { left: place(timeUs), right: place(timeUs + data.bucketUs) };
    },
    resize: (width) => plot.setSize({ width: Math.max(120, width), height: options.height }),
    destroy: () => plot.destroy(),
  };
}

/** Whether a value stands alone somewhere, where a line would not show it. */
function isLonely(values: readonly (number | null)[]): boolean {
  return values.some((value, at) =>
    value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null
  );
}

/** Thresholds across, marks from top to bottom. */
function drawLines(self: uPlot, options: PlotOptions, across: string, down: string): void {
  const { ctx, bbox } = self;
  const { thresholds, marks } = options;
  if (thresholds.length === 0 && marks.length === 0) return;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = FONT.replace("11px", `${11 * ratio}px`);
  ctx.lineWidth = ratio;
  ctx.setLineDash([5 * ratio, 4 * ratio]);
  for (const { value, label } of thresholds) {
    const y = self.valToPos(value, "y", true);
    ctx.strokeStyle = ctx.fillStyle = across;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.textAlign = "right";
    ctx.fillText(label, bbox.left + bbox.width - 4 * ratio, y - 4 * ratio);
  }
  for (const { timeUs, label } of marks) {
    const x = self.valToPos(timeUs / 1e6, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = ctx.fillStyle = down;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.textAlign = "left";
    ctx.fillText(label, x + 4 * ratio, bbox.top + 10 * ratio);
  }
  ctx.restore();
}

/** A time on the axis: dates where ticks are days apart or a day turns, seconds where they are close. */
function tickText(seconds: number, stepSeconds: number, utc: boolean): string {
  const date = new Date(seconds * 1000);
  const zone = utc ? { timeZone: "UTC" } : {};
  const time = date.toLocaleTimeString("en-GB", {
    ...zone,
    hour: "2-digit",
    minute: "2-digit",
    ...(stepSeconds < 60 ? { second: "2-digit" } : {}),
  });
  return stepSeconds >= 86_400 || time === "00:00"
    ? date.toLocaleDateString(undefined, { ...zone, day: "numeric", month: "short" })
    : time;
}
