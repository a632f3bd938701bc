/**
 * Charts as files.
 *
 * @module
 */

import { visibleText } from "../text.ts";
import { csvOf } from "../trace/download.ts";
import type { ChartData, ChartUnit } from "./series.ts";

/** One line per bucket, RFC 4180; an unknown value is an empty field. */
export function chartCsv(data: ChartData, unit: ChartUnit): string {
  return csvOf(
    ["start", ...data.series.map(({ name }) => `${name} (${unit.name})`)],
    data.timesUs.map((timeUs, at) => [
      new Date(timeUs / 1000).toISOString(),
      ...data.series.map(({ values }) => String(values[at] ?? "")),
    ]),
  );
}

/** What a picture needs beside the canvas. */
export interface PictureLabels {
  readonly title: string;
  readonly background: string;
  readonly text: string;
  /** Names and colours of the series shown. */
  readonly legend: readonly (readonly [name: string, color: string])[];
}

/** The chart with its title and legend as a picture. */
export function chartPng(canvas: HTMLCanvasElement, labels: PictureLabels): Promise<Blob> {
  const ratio = devicePixelRatio;
  const head = 28 * ratio;
  const row = 18 * ratio;
  const picture = document.createElement("canvas");
  const context = picture.getContext("2d");
  if (context === null) return Promise.reject(new Error("The browser has no canvas."));
  const font = (size: number, weight = "") =>
    `${weight} ${size * ratio}px system-ui, "DejaVu Sans", sans-serif`;
  context.font = font(12);
  const places: (readonly [number, number])[] = [];
  let left = 8 * ratio;
  let line = 0;
  for (const [name] of labels.legend) {
    const width = context.measureText(visibleText(name, 60)).width + 30 * ratio;
    if (left + width > canvas.width && left > 8 * ratio) {
      left = 8 * ratio;
      line++;
    }
    places.push([left, line]);
    left += width;
  }
  picture.width = canvas.width;
  picture.height = canvas.height + head + (line + 1) * row + 8 * ratio;
  context.fillStyle = labels.background;
  context.fillRect(0, 0, picture.width, picture.height);
  context.fillStyle = labels.text;
  context.font = font(14, "600");
  context.fillText(labels.title, 8 * ratio, 19 * ratio);
  context.drawImage(canvas, 0, head);
  context.font = font(12);
  labels.legend.forEach(([name, color], index) => {
    const [x = 0, at = 0] = places[index] ?? [];
    const y = canvas.height + head + (at + 0.7) * row;
    context.fillStyle = color;
    context.fillRect(x, y - 9 * ratio, 10 * ratio, 10 * ratio);
    context.fillStyle = labels.text;
    context.fillText(visibleText(name, 60), x + 15 * ratio, y);
  });
  return new Promise((resolve, reject) =>
    picture.toBlob(
      (blob) => blob === null ? reject(new Error("The picture is too large.")) : resolve(blob),
      "image/png",
    )
  );
}
