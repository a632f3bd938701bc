/**
 * One row of the waterfall.
 *
 * @module
 */

import type { TraceSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import type { CriticalStretch } from "../critical_path.ts";
import { formatDuration } from "../format.ts";
import { hueClass } from "../service_color.ts";
import { visibleText } from "../text.ts";
import type { Row } from "../trace_rows.ts";
import type { SkewedSpan } from "./clock_skew.ts";
import type { TimePart } from "./zoom.ts";

const INDENT_PX = 14;
/** Deeper levels are indented no further: the name must stay readable. */
const MAX_INDENTS = 16;
/** More ticks than these would lie upon each other. */
const MAX_TICKS = 40;

/** What a row shows. */
export interface WaterfallRowProps {
  readonly row: Row;
  readonly y: number;
  readonly closed: boolean;
  readonly selected: boolean;
  readonly found: boolean;
  readonly part: TimePart;
  readonly critical: readonly CriticalStretch[];
  readonly skewed: SkewedSpan | undefined;
  readonly onSelect: () => void;
  readonly onToggle: () => void;
}

/** The row: name and service, then bar, critical path and events on the scale of time. */
export function WaterfallRow(props: WaterfallRowProps) {
  const { row } = props;
  return (
    <div
      id={`row-${row.id}`}
      class={`span-row${props.found ? " found" : ""}`}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-selected={props.selected}
      {...(row.descendants > 0 ? { "aria-expanded": !props.closed } : {})}
      style={{ transform: `translateY(${props.y}px)` }}
      onClick={props.onSelect}
    >
      <span
        class="span-name"
        style={{ paddingLeft: `${Math.min(row.depth, MAX_INDENTS) * INDENT_PX}px` }}
      >
        <span
          class="twisty"
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation();
            props.onToggle();
          }}
        >
          {row.descendants === 0 ? "" : props.closed ? "▸" : "▾"}
        </span>
        {row.kind === "missing"
          ? <i class="muted">missing parent {row.parentSpanId.slice(0, 8)}…</i>
          : (
            <>
              {row.span.statusCode === 2 && <span class="bad" aria-label="failed">✕</span>}
              <bdi class="operation">{visibleText(row.span.spanName, 200) || "(no name)"}</bdi>
              <bdi class="muted">{visibleText(row.span.serviceName, 60)}</bdi>
              {props.closed && <span class="count">+{row.descendants}</span>}
            </>
          )}
      </span>
      <span class="span-time">
        {row.kind === "span" && (
          <Bar
            span={row.span}
            part={props.part}
            critical={props.critical}
            skewed={props.skewed}
          />
        )}
      </span>
    </div>
  );
}

function Bar(
  { span, part, critical, skewed }: {
    readonly span: TraceSpan;
    readonly part: TimePart;
    readonly critical: readonly CriticalStretch[];
    readonly skewed: SkewedSpan | undefined;
  },
) {
  const lengthUs = part.toUs - part.fromUs;
  const fromUs = Number(span.startTimeUs);
  const toUs = Math.max(fromUs, Number(span.endTimeUs));
  const at = (us: number) =>
    (100 * (Math.max(part.fromUs, Math.min(part.toUs, us)) - part.fromUs)) /
    lengthUs;
  const box = (fromUs: number, toUs: number) => ({
    left: `${at(fromUs)}%`,
    width: `${at(toUs) - at(fromUs)}%`,
  });
  const inside = (us: number) => us >= part.fromUs && us <= part.toUs;
  const visible = toUs >= part.fromUs && fromUs <= part.toUs;
  const late = at(fromUs) > 70;
  const skewText = skewed === undefined
    ? ""
    : skewed.earlyUs > 0
    ? `starts ${formatDuration(skewed.earlyUs)} before its parent: clocks differ`
    : `ends ${formatDuration(skewed.lateUs)} after the call it answers: clocks differ`;
  return (
    <>
      {visible
        ? (
          <span
            class={`span-bar ${hueClass(span.serviceName)}${
              span.statusCode === 2 ? " failed" : ""
            }${fromUs < part.fromUs ? " cut-left" : ""}${toUs > part.toUs ? " cut-right" : ""}`}
            style={box(fromUs, toUs)}
          />
        )
        : (
          <span class={`elsewhere${toUs < part.fromUs ? "" : " right"}`} aria-hidden="true">
            {toUs < part.fromUs ? "◂" : "▸"}
          </span>
        )}
      {critical.map((stretch) =>
        stretch.toUs < part.fromUs || stretch.fromUs > part.toUs ? null : (
          <span
            key={stretch.fromUs}
            class="critical"
            style={box(stretch.fromUs, stretch.toUs)}
          />
        )
      )}
      {span.events.length > 0 && span.events.slice(0, MAX_TICKS).map((event, i) => {
        const timeUs = Number(event.timeUs);
        return inside(timeUs) && (
          <span
            key={i}
            class={`tick${event.name === "exception" ? " bad" : ""}`}
            style={{ left: `${at(timeUs)}%` }}
            title={`${visibleText(event.name, 100)} after ${formatDuration(timeUs - fromUs)}`}
          />
        );
      })}
      <span
        class={`span-duration${late ? " before" : ""}`}
        style={late ? { right: `${100 - at(fromUs)}%` } : { left: `${at(toUs)}%` }}
      >
        {skewText !== "" && <span class="warn" title={skewText} aria-label={skewText}>⚠</span>}
        {formatDuration(toUs - fromUs)}
      </span>
    </>
  );
}
