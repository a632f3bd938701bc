/**
 * Traces over time, by outcome. Dragging narrows the range, a double click widens it; with the keyboard, arrows move
 * over the bars and Enter narrows to one.
 *
 * @module
 */

import { useRef, useState } from "preact/hooks";
import { formatTime, formatWhole } from "./format.ts";
import { useSetting } from "./settings.ts";
import type { TimeWindow } from "./time_range.ts";

/** One bar. */
export interface HistogramBar {
  readonly startUs: number;
  readonly ok: number;
  readonly errors: number;
}

/** What the chart shows, and what to do when the range changes. */
export interface HistogramProps {
  readonly window: TimeWindow;
  readonly bucketUs: number;
  readonly bars: readonly HistogramBar[];
  readonly onNarrow: (part: TimeWindow) => void;
  readonly onWiden: () => void;
}

const WIDTH = 1000;
const HEIGHT = 64;

/** The chart. */
export function Histogram({ window, bucketUs, bars, onNarrow, onWiden }: HistogramProps) {
  const utc = useSetting("zone") === "utc";
  const area = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const spanUs = window.endUs - window.startUs;
  const tallest = Math.max(1, ...bars.map((bar) => bar.ok + bar.errors));
  const x = (timeUs: number) => ((timeUs - window.startUs) / spanUs) * WIDTH;
  const fraction = (event: PointerEvent) => {
    const box = area.current?.getBoundingClientRect();
    return box === undefined ? 0 : Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
  };
  const timeAt = (part: number) => window.startUs + part * spanUs;
  const bar = at === null ? undefined : bars[at];
  return (
    <div class="histogram">
      <svg
        ref={area}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="application"
        aria-label="Traces over time. Arrow keys move over the bars, Enter narrows the time range to one, Backspace widens it."
        tabIndex={0}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([fraction(event), fraction(event)]);
        }}
        onPointerMove={(event) => drag && setDrag([drag[0], fraction(event)])}
        onPointerCancel={() => setDrag(null)}
        onPointerUp={() => {
          if (drag === null) return;
          const [from, to] = drag[0] < drag[1] ? drag : [drag[1], drag[0]];
          setDrag(null);
          if (to - from > 0.005) onNarrow({ startUs: timeAt(from), endUs: timeAt(to) });
        }}
        onDblClick={onWiden}
        onBlur={() => setAt(null)}
        onKeyDown={(event) => {
          if (event.key === "ArrowRight") setAt(Math.min(bars.length - 1, (at ?? -1) + 1));
          else if (event.key === "ArrowLeft") setAt(Math.max(0, (at ?? bars.length) - 1));
          else if (event.key === "Backspace") onWiden();
          else if (event.key === "Enter" && bar !== undefined) {
            onNarrow({ startUs: bar.startUs, endUs: bar.startUs + bucketUs });
          } else return;
          event.preventDefault();
        }}
      >
        {bars.map((bar, i) => {
          const left = x(bar.startUs);
          const width = Math.max(1, x(bar.startUs + bucketUs) - left - 1);
          const scale = (count: number) => (count / tallest) * (HEIGHT - 2);
          const errors = bar.errors === 0 ? 0 : Math.max(2, scale(bar.errors));
          const ok = scale(bar.ok);
          return (
            <g key={bar.startUs} class={i === at ? "current" : ""}>
              <title>{barText(bar, utc)}</title>
              <rect class="bar-ok" x={left} width={width} y={HEIGHT - ok - errors} height={ok} />
              <rect class="bar-bad" x={left} width={width} y={HEIGHT - errors} height={errors} />
            </g>
          );
        })}
        {drag !== null && (
          <rect
            class="brush"
            x={Math.min(...drag) * WIDTH}
            width={Math.abs(drag[1] - drag[0]) * WIDTH}
            y={0}
            height={HEIGHT}
          />
        )}
      </svg>
      <div class="axis" aria-hidden="true">
        <span>{formatTime(window.startUs, utc).slice(0, -4)}</span>
        <span>{formatTime(window.startUs + spanUs / 2, utc).slice(0, -4)}</span>
        <span>{formatTime(window.endUs, utc).slice(0, -4)}</span>
      </div>
      <p class="sr" role="status">{bar === undefined ? "" : barText(bar, utc)}</p>
    </div>
  );
}

function barText(bar: HistogramBar, utc: boolean): string {
  return `${formatTime(bar.startUs, utc)}: ${formatWhole(bar.ok)} ok, ${
    formatWhole(bar.errors)
  } with errors`;
}
