/**
 * The spans of a trace over time. Only the rows in view are in the document.
 *
 * @module
 */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { CriticalStretch } from "./critical_path.ts";
import { formatDuration } from "./format.ts";
import { Minimap } from "./trace/minimap.tsx";
import type { TraceModel } from "./trace/trace_model.ts";
import { useVirtualRows } from "./trace/virtual_rows.ts";
import { WaterfallRow } from "./trace/waterfall_row.tsx";
import type { TimePart } from "./trace/zoom.ts";
import { openRows, type Row } from "./trace_rows.ts";

const ROW_HEIGHT = 26;
const NONE: readonly CriticalStretch[] = [];

/** What the waterfall shows. */
export interface WaterfallProps {
  readonly model: TraceModel;
  /** The part of time shown. */
  readonly part: TimePart;
  readonly onPart: (part: TimePart | null) => void;
  /** Id of the selected row, or null. */
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
  /** Ids of spans that were searched for. */
  readonly found: ReadonlySet<string>;
}

/** The waterfall. Arrows move and open or close, Home and End jump. */
export function Waterfall(props: WaterfallProps) {
  const { model, selected, onSelect, part } = props;
  const { rows } = model;
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const open = useMemo(() => openRows(rows, closed), [rows, closed]);
  const at = useMemo(
    () => selected === null ? -1 : open.findIndex((index) => rows[index]?.id === selected),
    [open, selected],
  );
  const { view, onScroll, first, last } = useVirtualRows(open.length, ROW_HEIGHT, at);
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
  const spanUs = Math.max(1, part.toUs - part.fromUs);
  const parents = useMemo(() => rows.filter((row) => row.descendants > 0), [rows]);
  return (
    <div class="waterfall">
      <div class="waterfall-head">
        <span class="waterfall-title">
          Span
          {parents.length > 1 && (
            <>
              <button
                type="button"
                class="small quiet"
                onClick={() => setClosed(new Set())}
                disabled={closed.size === 0}
              >
                Open all
              </button>
              <button
                type="button"
                class="small quiet"
                onClick={() =>
                  setClosed(new Set(parents.flatMap((row) => row.depth > 0 ? [row.id] : [])))}
              >
                Close all
              </button>
            </>
          )}
        </span>
        <Minimap
          rows={rows}
          startUs={model.startUs}
          endUs={model.endUs}
          part={part}
          onPart={props.onPart}
        />
      </div>
      <div class="waterfall-scale" aria-hidden="true">
        <span />
        <span class="scale">
          {[0, 0.25, 0.5, 0.75, 1].map((fraction) => (
            <span key={fraction} style={{ left: `${fraction * 100}%` }}>
              {formatDuration(part.fromUs - model.startUs + fraction * spanUs)}
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
        onScroll={onScroll}
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
                part={part}
                critical={model.critical.get(index) ?? NONE}
                skewed={model.skew.spans.get(row.id)}
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
