/**
 * The spans of a trace as a table: sorted by any column, narrowed by the search above it.
 *
 * @module
 */

import { useMemo } from "preact/hooks";
import type { TraceSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { formatDuration, formatWhole } from "../format.ts";
import { setParams } from "../place.ts";
import { hueClass } from "../service_color.ts";
import { visibleText } from "../text.ts";
import { selfTimesUs } from "./self_time.ts";
import { spanDurationUs, type TraceModel } from "./trace_model.ts";
import { useVirtualRows } from "./virtual_rows.ts";

const ROW_HEIGHT = 28;
const HEAD_HEIGHT = 31;

/** A line of the table. */
interface Line {
  readonly span: TraceSpan;
  readonly startUs: number;
  readonly durationUs: number;
  readonly selfUs: number;
  readonly tokens: number;
}

interface Column {
  readonly id: string;
  readonly title: string;
  readonly numeric?: boolean;
  /** What the column is sorted by. */
  readonly value: (line: Line) => string | number;
}

const COLUMNS: readonly Column[] = [
  { id: "name", title: "Name", value: ({ span }) => span.spanName },
  { id: "service", title: "Service", value: ({ span }) => span.serviceName },
  { id: "kind", title: "Kind", value: ({ span }) => span.spanKind },
  { id: "start", title: "Start", numeric: true, value: ({ startUs }) => startUs },
  { id: "duration", title: "Duration", numeric: true, value: ({ durationUs }) => durationUs },
  { id: "self", title: "Self", numeric: true, value: ({ selfUs }) => selfUs },
  { id: "tokens", title: "Tokens", numeric: true, value: ({ tokens }) => tokens },
  { id: "status", title: "Outcome", value: ({ span }) => span.statusCode },
];

/** The table. */
export function SpanTable(
  { model, params, filtered, selected, onSelect }: {
    readonly model: TraceModel;
    readonly params: URLSearchParams;
    /** Only these spans; all when null. */
    readonly filtered: ReadonlySet<string> | null;
    readonly selected: string | null;
    readonly onSelect: (spanId: string) => void;
  },
) {
  const [sortId = "start", direction = ""] = (params.get("tsort") ?? "start").split("-");
  const column = COLUMNS.find(({ id }) => id === sortId) ?? COLUMNS[3];
  const descending = direction === "desc";
  const lines = useMemo(() => linesOf(model), [model]);
  const kept = useMemo(() => {
    const some = filtered === null ? lines : lines.filter(({ span }) => filtered.has(span.spanId));
    if (column === undefined) return some;
    const sign = descending ? -1 : 1;
    return some.toSorted((a, b) => sign * compare(column.value(a), column.value(b)));
  }, [lines, filtered, sortId, descending]);
  const at = useMemo(
    () => selected === null ? -1 : kept.findIndex(({ span }) => span.spanId === selected),
    [kept, selected],
  );
  const { view, onScroll, first, last } = useVirtualRows(kept.length, ROW_HEIGHT, at, HEAD_HEIGHT);
  const select = (place: number) => {
    const line = kept[Math.max(0, Math.min(kept.length - 1, place))];
    if (line !== undefined) onSelect(line.span.spanId);
  };
  const sortBy = (id: string, numeric: boolean) => {
    // Numbers are mostly looked at from the largest.
    const falling = id === column?.id ? !descending : numeric && id !== "start";
    setParams({ tsort: falling ? `${id}-desc` : id }, true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "j") select(at + 1);
    else if (event.key === "ArrowUp" || event.key === "k") select(at < 0 ? 0 : at - 1);
    else if (event.key === "Home") select(0);
    else if (event.key === "End") select(kept.length - 1);
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={view}
      class="span-table"
      role="grid"
      aria-label="Spans. Arrow keys move."
      aria-rowcount={kept.length + 1}
      aria-colcount={COLUMNS.length}
      tabIndex={0}
      {...(at >= first && at < last ? { "aria-activedescendant": `line-${selected}` } : {})}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div class="span-table-head" role="row" aria-rowindex={1}>
        {COLUMNS.map(({ id, title, numeric }) => (
          <span
            key={id}
            role="columnheader"
            class={numeric === true ? "number" : ""}
            aria-sort={id !== column?.id ? "none" : descending ? "descending" : "ascending"}
          >
            <button type="button" class="as-link" onClick={() => sortBy(id, numeric === true)}>
              {title}
              {id === column?.id && <span aria-hidden="true">{descending ? " ↓" : " ↑"}</span>}
            </button>
          </span>
        ))}
      </div>
      <div
        class="span-table-all"
        role="rowgroup"
        style={{ height: `${kept.length * ROW_HEIGHT}px` }}
      >
        {kept.slice(first, last).map((line, i) => (
          <TableRow
            key={i}
            line={line}
            index={first + i}
            selected={line.span.spanId === selected}
            onSelect={() => onSelect(line.span.spanId)}
          />
        ))}
      </div>
      {kept.length === 0 && (
        <p class="muted span-table-none">
          No span holds what is searched for.
        </p>
      )}
    </div>
  );
}

function TableRow(
  { line, index, selected, onSelect }: {
    readonly line: Line;
    readonly index: number;
    readonly selected: boolean;
    readonly onSelect: () => void;
  },
) {
  const { span } = line;
  return (
    <div
      id={`line-${span.spanId}`}
      class="span-table-row"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
      onClick={onSelect}
    >
      <span role="gridcell" class="name">
        <bdi>{visibleText(span.spanName, 200) || "(no name)"}</bdi>
      </span>
      <span role="gridcell">
        <span class={`dot ${hueClass(span.serviceName)}`} aria-hidden="true" />
        <bdi>{visibleText(span.serviceName, 60)}</bdi>
      </span>
      <span role="gridcell" class="muted">{span.spanKind.toLowerCase()}</span>
      <span role="gridcell" class="number">{formatDuration(line.startUs)}</span>
      <span role="gridcell" class="number">{formatDuration(line.durationUs)}</span>
      <span role="gridcell" class="number">{formatDuration(line.selfUs)}</span>
      <span role="gridcell" class="number">
        {line.tokens === 0 ? "" : formatWhole(line.tokens)}
      </span>
      <span role="gridcell" class={span.statusCode === 2 ? "bad" : "ok"}>
        {span.statusCode === 2
          ? `✕ ${visibleText(span.errorType ?? span.statusMessage ?? "failed", 80)}`
          : "✓"}
      </span>
    </div>
  );
}

function linesOf(model: TraceModel): Line[] {
  const self = selfTimesUs(model.spans);
  return model.spans.map((span, i) => ({
    span,
    startUs: Number(span.startTimeUs) - model.startUs,
    durationUs: spanDurationUs(span),
    selfUs: self[i] ?? 0,
    tokens: Number(span.genAi?.inputTokens ?? 0n) + Number(span.genAi?.outputTokens ?? 0n),
  }));
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}
