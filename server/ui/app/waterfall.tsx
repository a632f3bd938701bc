/**
 * The spans of a trace over time. Only the rows in view are in the document.
 *
 * @module
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CriticalStretch } from "./critical_path.ts";
import { formatDuration } from "./format.ts";
import { hueClass } from "./service_color.ts";
import { visibleText } from "./text.ts";
import { openRows, type Row } from "./trace_rows.ts";

const ROW_HEIGHT = 26;
/** Rows kept ready beyond the edges of the view. */
const MARGIN_ROWS = 12;
/** The rows in the document change only after so many rows were scrolled by. */
const STEP_PX = 8 * ROW_HEIGHT;
const INDENT_PX = 14;
/** Deeper levels are indented no further: the name must stay readable. */
const MAX_INDENTS = 16;

/** What the waterfall shows. */
export interface WaterfallProps {
  readonly rows: readonly Row[];
  readonly critical: ReadonlyMap<number, readonly CriticalStretch[]>;
  readonly startUs: number;
  readonly endUs: number;
  /** Id of the selected row, or null. */
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
  /** Ids of spans that were searched for. */
  readonly found: ReadonlySet<string>;
}

/** The waterfall. Arrows move and open or close, Home and End jump, `n` goes to the next failed span. */
export function Waterfall(props: WaterfallProps) {
  const { rows, selected, onSelect, startUs, endUs } = props;
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const view = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const open = useMemo(() => openRows(rows, closed), [rows, closed]);
  const at = open.findIndex((index) => rows[index]?.id === selected);
  useEffect(() => {
    const element = view.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = view.current;
    if (element === null || at < 0) return;
    const y = at * ROW_HEIGHT;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + ROW_HEIGHT > element.scrollTop + element.clientHeight) {
      element.scrollTop = y + ROW_HEIGHT - element.clientHeight;
    }
  }, [selected]);
  useEffect(() => {
    // A row that is selected from elsewhere must not stay hidden under a closed one.
    if (selected === null || at >= 0) return;
    const opened = new Set(closed);
    let index = rows.findIndex((row) => row.id === selected);
    while (index >= 0) {
      const row = rows[index];
      if (row === undefined) break;
      opened.delete(row.id);
      index = row.parent;
    }
    if (opened.size < closed.size) setClosed(opened);
  }, [selected]);

  const toggle = (row: Row, close: boolean) => {
    const next = new Set(closed);
    if (close && row.descendants > 0) next.add(row.id);
    else next.delete(row.id);
    setClosed(next);
  };
  const select = (place: number) => {
    const row = rows[open[Math.max(0, Math.min(open.length - 1, place))] ?? -1];
    if (row !== undefined) onSelect(row.id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[open[at] ?? -1];
    if (event.key === "ArrowDown" || event.key === "j") select(at + 1);
    else if (event.key === "ArrowUp" || event.key === "k") select(at < 0 ? 0 : at - 1);
    else if (event.key === "Home") select(0);
    else if (event.key === "End") select(open.length - 1);
    else if (event.key === "ArrowRight" && row !== undefined) {
      if (closed.has(row.id)) toggle(row, false);
      else if (row.descendants > 0) select(at + 1);
    } else if (event.key === "ArrowLeft" && row !== undefined) {
      if (row.descendants > 0 && !closed.has(row.id)) toggle(row, true);
      else if (row.parent >= 0) onSelect(rows[row.parent]?.id ?? row.id);
    } else return;
    event.preventDefault();
  };

  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - MARGIN_ROWS);
  const last = Math.min(
    open.length,
    Math.ceil((top + STEP_PX + height) / ROW_HEIGHT) + MARGIN_ROWS,
  );
  const spanUs = Math.max(1, endUs - startUs);
  return (
    <div class="waterfall">
      <div class="waterfall-scale" aria-hidden="true">
        <span>Span</span>
        <span class="scale">
          {[0, 0.25, 0.5, 0.75, 1].map((part) => (
            <span key={part} style={{ left: `${part * 100}%` }}>
              {formatDuration(part * spanUs)}
            </span>
          ))}
        </span>
      </div>
      <div
        ref={view}
        class="waterfall-view"
        role="tree"
        aria-label="Spans"
        tabIndex={0}
        {...(at >= first && at < last ? { "aria-activedescendant": `row-${selected}` } : {})}
        onScroll={({ currentTarget }) =>
          setTop(currentTarget.scrollTop - currentTarget.scrollTop % STEP_PX)}
        onKeyDown={onKeyDown}
      >
        <div class="waterfall-all" role="none" style={{ height: `${open.length * ROW_HEIGHT}px` }}>
          {open.slice(first, last).map((index, i) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <WaterfallRow
                // By place, not by span: scrolling then changes elements instead of making new ones.
                key={i}
                row={row}
                y={(first + i) * ROW_HEIGHT}
                closed={closed.has(row.id)}
                selected={row.id === selected}
                found={props.found.has(row.id)}
                startUs={startUs}
                spanUs={spanUs}
                critical={props.critical.get(index) ?? []}
                onSelect={() => onSelect(row.id)}
                onToggle={() => toggle(row, !closed.has(row.id))}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  readonly row: Row;
  readonly y: number;
  readonly closed: boolean;
  readonly selected: boolean;
  readonly found: boolean;
  readonly startUs: number;
  readonly spanUs: number;
  readonly critical: readonly CriticalStretch[];
  readonly onSelect: () => void;
  readonly onToggle: () => void;
}

function WaterfallRow(props: RowProps) {
  const { row, startUs, spanUs } = props;
  const part = (us: number) => `${(100 * us) / spanUs}%`;
  const fromUs = row.kind === "span" ? Number(row.span.startTimeUs) : 0;
  const durationUs = row.kind === "span" ? Math.max(0, Number(row.span.endTimeUs) - fromUs) : 0;
  const late = fromUs - startUs > spanUs * 0.7;
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
          <>
            <span
              class={`span-bar ${hueClass(row.span.serviceName)}${
                row.span.statusCode === 2 ? " failed" : ""
              }`}
              style={{ left: part(fromUs - startUs), width: part(durationUs) }}
            />
            {props.critical.map(({ fromUs, toUs }) => (
              <span
                key={fromUs}
                class="critical"
                style={{ left: part(fromUs - startUs), width: part(toUs - fromUs) }}
              />
            ))}
            <span
              class={`span-duration${late ? " before" : ""}`}
              style={late
                ? { right: part(spanUs - (fromUs - startUs)) }
                : { left: part(fromUs - startUs + durationUs) }}
            >
              {formatDuration(durationUs)}
            </span>
          </>
        )}
      </span>
    </div>
  );
}
