/**
 * A chart over time: lines, or stacked bars. It is read by mouse, by keyboard, as a table, and saved as a picture or
 * as comma-separated values. Which series are hidden and whether the table is shown stands in the address.
 *
 * @module
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { setParams } from "../place.ts";
import { themeNow, useSetting } from "../settings.ts";
import { visibleText } from "../text.ts";
import { fixedParams, type TimeWindow, widened } from "../time_range.ts";
import { saveBlob, saveText } from "../trace/download.ts";
import { ChartTable } from "./chart_table.tsx";
import { ChartTooltip } from "./chart_tooltip.tsx";
import { chartView, useChartView } from "./chart_view.ts";
import { seriesColors } from "./colors.ts";
import { chartCsv, chartPng } from "./export.ts";
import { drawPlot, type Plot } from "./plot.ts";
import { bucketText, describe } from "./describe.ts";
import type { ChartData, ChartMark, ChartThreshold, ChartUnit } from "./series.ts";

/** What a chart shows. */
export interface TimeChartProps {
  /** Names the chart in the address; distinct on a page. */
  readonly id: string;
  readonly title: string;
  /** Beside the title, such as a total. */
  readonly note?: string;
  /** Lines for what does not add up, bars for what does. */
  readonly kind: "lines" | "bars";
  readonly unit: ChartUnit;
  readonly data: ChartData;
  readonly thresholds?: readonly ChartThreshold[];
  readonly marks?: readonly ChartMark[];
  /** CSS pixels. */
  readonly height?: number;
  /** What dragging does; by default it narrows the time range of the page. Null: nothing. */
  readonly onNarrow?: ((part: TimeWindow) => void) | null;
  /** Said where no series has a value. */
  readonly empty?: string;
}

const NO_LINES: readonly never[] = [];

const narrowPage = (part: TimeWindow) => setParams(fixedParams(part));

/** The chart. */
export function TimeChart(props: TimeChartProps) {
  const { id, title, note, kind, unit, data, thresholds = NO_LINES, marks = NO_LINES } = props;
  const { height = 200, empty = "No data in this time range." } = props;
  const onNarrow = props.onNarrow === undefined ? narrowPage : props.onNarrow;
  const utc = useSetting("zone") === "utc";
  const theme = useTheme();
  const view = useChartView(id);
  const hidden = view.hidden;
  const colors = useMemo(() => seriesColors(data.series, theme), [data, theme]);
  const area = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  // Kept as times, so that the cursor stays where it is when newer data arrive.
  const [atUs, setAtUs] = useState<number | null>(null);
  const [pinnedUs, setPinnedUs] = useState<number | null>(null);
  const [, redraw] = useState(0);
  const [spoken, setSpoken] = useState("");
  const [problem, setProblem] = useState("");
  const latest = useRef({ onNarrow });
  latest.current = { onNarrow };

  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    const drawn = drawPlot(element, data, {
      kind,
      unit,
      colors,
      hidden,
      thresholds,
      marks,
      utc,
      height,
      onHover: (at) => setAtUs(at === null ? null : data.timesUs[at] ?? null),
      onSelect: (startUs, endUs) => latest.current.onNarrow?.({ startUs, endUs }),
    });
    plot.current = drawn;
    redraw((count) => count + 1);
    let width = element.clientWidth;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth;
      drawn.resize(width);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [data, kind, unit, colors, view.key, view.table, thresholds, marks, utc, height]);
  const placeOf = (timeUs: number | null) => {
    const place = timeUs === null ? -1 : data.timesUs.indexOf(timeUs);
    return place < 0 ? null : place;
  };
  const pinned = placeOf(pinnedUs);
  const shown = pinned ?? placeOf(atUs);
  const last = data.timesUs.length - 1;
  const move = (to: number) => {
    const place = Math.max(0, Math.min(last, to));
    setPinnedUs(null);
    setAtUs(data.timesUs[place] ?? null);
    setSpoken(describe(data, hidden, unit, place, utc));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 10 : 1;
    if (event.key === "ArrowRight") move((shown ?? -1) + step);
    else if (event.key === "ArrowLeft") move((shown ?? last + 1) - step);
    else if (event.key === "Home") move(0);
    else if (event.key === "End") move(last);
    else if (event.key === "Escape" && shown !== null) {
      setAtUs(null);
      setPinnedUs(null);
    } else if (event.key === "Enter" && shown !== null && onNarrow !== null) {
      const startUs = data.timesUs[shown] ?? 0;
      onNarrow({ startUs, endUs: startUs + data.bucketUs });
    } else if (event.key === "Backspace" && onNarrow !== null) onNarrow(widened(data.window));
    else return;
    event.preventDefault();
  };
  const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const savePng = () => {
    const drawn = plot.current;
    if (drawn === null || area.current === null) return;
    const style = getComputedStyle(area.current);
    setProblem("");
    chartPng(drawn.canvas, {
      title,
      background: style.getPropertyValue("--surface").trim(),
      text: style.getPropertyValue("--text").trim(),
      legend: data.series.flatMap((series, index) =>
        hidden.has(series.name) ? [] : [[series.name, colors[index] ?? "gray"] as const]
      ),
    }).then((blob) => saveBlob(`${name}.png`, blob), (error: Error) => setProblem(error.message));
  };
  return (
    <figure class="chart" aria-labelledby={`${id}-title`}>
      <figcaption class="chart-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {note !== undefined && <span class="muted">{note}</span>}
        <span class="grow" />
        <span class="chart-tools">
          <button
            type="button"
            class="quiet small"
            aria-pressed={view.table}
            aria-label={`${title}: show as table`}
            onClick={() => chartView(id, { ...view, table: !view.table })}
          >
            Table
          </button>
          <button
            type="button"
            class="quiet small"
            aria-label={`${title}: save as CSV`}
            onClick={() => saveText(`${name}.csv`, chartCsv(data, unit), "text/csv")}
          >
            CSV
          </button>
          <button
            type="button"
            class="quiet small"
            aria-label={`${title}: save as PNG`}
            disabled={view.table || data.series.length === 0}
            onClick={savePng}
          >
            PNG
          </button>
        </span>
      </figcaption>
      {problem !== "" && <p class="bad" role="alert">{problem}</p>}
      {data.series.length === 0
        ? <p class="muted chart-empty">{empty}</p>
        : view.table
        ? <ChartTable title={title} data={data} unit={unit} hidden={hidden} utc={utc} />
        : (
          <div class="chart-body">
            <div
              ref={area}
              class="chart-area"
              style={{ height: `${height}px` }}
              role="application"
              aria-label={`${title} over time. Arrow keys move from bucket to bucket${
                onNarrow === null
                  ? ""
                  : ", Enter narrows the time range to one, Backspace widens it"
              }.`}
              tabIndex={0}
              onKeyDown={onKeyDown}
              onBlur={() => pinned === null && setAtUs(null)}
              onClick={() => setPinnedUs(pinned === null ? atUs : null)}
              onDblClick={() => onNarrow?.(widened(data.window))}
            />
            {shown !== null && (
              <ChartTooltip
                data={data}
                unit={unit}
                hidden={hidden}
                colors={colors}
                at={shown}
                utc={utc}
                pinned={pinned !== null}
                place={plot.current?.placeOf(shown) ?? null}
                width={area.current?.clientWidth ?? 0}
              />
            )}
          </div>
        )}
      {data.series.length > 1 && (
        <ul class="chart-legend" aria-label={`${title}: series`}>
          {data.series.map((series, index) => (
            <li key={series.name}>
              <button
                type="button"
                class="quiet small"
                aria-pressed={!hidden.has(series.name)}
                onClick={() => chartView(id, { ...view, hidden: toggled(hidden, series.name) })}
              >
                <span
                  class="swatch"
                  style={{ background: colors[index] ?? "" }}
                  aria-hidden="true"
                />
                <bdi>{visibleText(series.name, 60)}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
      <p class="sr" role="status">{spoken}</p>
      {data.timesUs.length > 0 && (
        <p class="sr">
          From {bucketText(data, 0, utc)} to {bucketText(data, last, utc)}
        </p>
      )}
    </figure>
  );
}

function toggled(hidden: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(hidden);
  if (!next.delete(name)) next.add(name);
  return next;
}

/** The theme on the page, followed: chosen here, or changed by the system. */
function useTheme(): "light" | "dark" {
  const [theme, setTheme] = useState(themeNow);
  useEffect(() => {
    const observer = new MutationObserver(() => setTheme(themeNow()));
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  return theme;
}
