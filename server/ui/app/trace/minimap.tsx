/**
 * The whole trace in small, above the waterfall. Dragging chooses the part of time the waterfall shows.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { formatDuration } from "../format.ts";
import { themeNow, useSetting } from "../settings.ts";
import type { Row } from "../trace_rows.ts";
import type { TimePart } from "./zoom.ts";

const HEIGHT = 44;
/** Narrower drags are taken for clicks. */
const LEAST_PART = 0.003;

/** What the minimap shows. */
export interface MinimapProps {
  readonly rows: readonly Row[];
  readonly startUs: number;
  readonly endUs: number;
  /** The part shown below. */
  readonly part: TimePart;
  /** Called with null for the whole. */
  readonly onPart: (part: TimePart | null) => void;
}

/** The minimap. Drawn on a canvas, because a trace may have more spans than the screen has points. */
export function Minimap({ rows, startUs, endUs, part, onPart }: MinimapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  useSetting("theme");
  const theme = themeNow();
  const spanUs = Math.max(1, endUs - startUs);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const draw = () => drawSpans(element, rows, startUs, spanUs);
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  }, [rows, startUs, spanUs, theme]);
  const whole = part.fromUs <= startUs && part.toUs >= endUs;
  const at = (us: number) => `${(100 * (us - startUs)) / spanUs}%`;
  const fraction = (event: PointerEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    return box === undefined ? 0 : Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
  };
  const shown = drag === null
    ? part
    : { fromUs: startUs + Math.min(...drag) * spanUs, toUs: startUs + Math.max(...drag) * spanUs };
  const move = (fromUs: number, lengthUs: number) => {
    const length = Math.min(lengthUs, spanUs);
    if (length >= spanUs) return onPart(null);
    const from = Math.max(startUs, Math.min(endUs - length, fromUs));
    onPart({ fromUs: from, toUs: from + length });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const length = part.toUs - part.fromUs;
    const middle = part.fromUs + length / 2;
    if (event.key === "ArrowLeft") move(part.fromUs - length / 8, length);
    else if (event.key === "ArrowRight") move(part.fromUs + length / 8, length);
    else if (event.key === "+" || event.key === "=") move(middle - length / 4, length / 2);
    else if (event.key === "-") move(middle - length, length * 2);
    else if (event.key === "0" || event.key === "Home") onPart(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="minimap">
      <div
        class="minimap-view"
        role="application"
        tabIndex={0}
        aria-label="Time shown. Plus and minus zoom, arrow keys move, 0 shows the whole trace."
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([fraction(event), fraction(event)]);
        }}
        onPointerMove={(event) => drag && setDrag([drag[0], fraction(event)])}
        onPointerCancel={() => setDrag(null)}
        onPointerUp={() => {
          if (drag === null) return;
          const from = Math.min(...drag);
          const to = Math.max(...drag);
          setDrag(null);
          if (to - from > LEAST_PART) {
            onPart({ fromUs: startUs + from * spanUs, toUs: startUs + to * spanUs });
          }
        }}
        onDblClick={() => onPart(null)}
      >
        <canvas ref={canvas} height={HEIGHT} />
        {(!whole || drag !== null) && (
          <>
            <span class="minimap-shade" style={{ left: 0, width: at(shown.fromUs) }} />
            <span class="minimap-shade" style={{ left: at(shown.toUs), right: 0 }} />
          </>
        )}
      </div>
      {!whole && (
        <button type="button" class="small minimap-whole" onClick={() => onPart(null)}>
          Whole trace
        </button>
      )}
      <span class="sr" role="status">
        {whole
          ? ""
          : `${formatDuration(part.fromUs - startUs)} to ${formatDuration(part.toUs - startUs)}`}
      </span>
    </div>
  );
}

function drawSpans(
  canvas: HTMLCanvasElement,
  rows: readonly Row[],
  startUs: number,
  spanUs: number,
): void {
  const width = canvas.clientWidth;
  canvas.width = width;
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  const style = getComputedStyle(document.documentElement);
  const usual = style.getPropertyValue("--line").trim();
  const failed = style.getPropertyValue("--error-fill").trim();
  context.clearRect(0, 0, width, HEIGHT);
  const lineHeight = Math.max(1, Math.min(4, HEIGHT / rows.length));
  const draw = (bad: boolean) => {
    context.fillStyle = bad ? failed : usual;
    context.globalAlpha = bad ? 1 : 0.65;
    rows.forEach((row, i) => {
      if (row.kind !== "span" || (row.span.statusCode === 2) !== bad) return;
      const fromUs = Number(row.span.startTimeUs);
      const durationUs = Number(row.span.endTimeUs) - fromUs;
      context.fillRect(
        ((fromUs - startUs) / spanUs) * width,
        rows.length * lineHeight > HEIGHT ? (i / rows.length) * HEIGHT : i * lineHeight,
        Math.max(1, (durationUs / spanUs) * width),
        Math.max(1, lineHeight - (lineHeight > 2 ? 1 : 0)),
      );
    });
  };
  draw(false);
  // Failures last: they must not be hidden by what went well.
  draw(true);
}
