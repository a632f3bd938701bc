/**
 * The rows of the trace list.
 *
 * @module
 */

import { useEffect, useRef } from "preact/hooks";
import type { TraceSummary } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { isTyping } from "./keys.ts";
import { changed, currentPlace, go, setParams } from "./place.ts";
import { useSetting } from "./settings.ts";
import { visibleText } from "./text.ts";
import { chosenColumns, durationOf, linkParams, type ListColumn } from "./trace/list_columns.tsx";
import { pickedOf, setPicks, togglePick } from "./trace/picked.ts";

/** A table of traces: `j` and `k` move the selected row, `Enter` opens it, `x` picks it. */
export function TraceTable(
  { rows, shown, params }: {
    readonly rows: readonly TraceSummary[];
    /** Most rows to draw. */
    readonly shown: number;
    readonly params: URLSearchParams;
  },
) {
  const utc = useSetting("zone") === "utc";
  const selected = params.get("sel");
  const picked = pickedOf(params);
  const columns = chosenColumns(params);
  const body = useRef<HTMLTableSectionElement>(null);
  const context = {
    ...linkParams(params),
    utc,
    longestUs: Math.max(1, ...rows.map(durationOf)),
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      // From the address, not from the last drawing: keys may come faster than pictures.
      const from = currentPlace().params.get("sel");
      if (event.key === "Enter") {
        const onControl = event.target instanceof Element && event.target.closest("a, button");
        if (from !== null && rows.some((row) => row.traceId === from) && !onControl) {
          openTrace(from);
        }
        return;
      }
      if (event.key === "x") {
        if (rows.some((row) => row.traceId === from) && from !== null) togglePick(from);
        return;
      }
      if (event.key !== "j" && event.key !== "k") return;
      const at = rows.findIndex((row) => row.traceId === from);
      const next = rows[Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)))];
      if (next === undefined) return;
      setParams({ sel: next.traceId }, true);
      const row = body.current?.querySelector(`[data-id="${next.traceId}"]`);
      row?.scrollIntoView({ block: "nearest" });
      // Enter then belongs to the row, and no longer to what had the focus before.
      const within = row?.querySelector<HTMLElement>(".col-operation a") ??
        row?.querySelector<HTMLElement>("input");
      within?.focus({ preventScroll: true });
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [rows]);
  const all = rows.length > 0 && rows.every((row) => picked.includes(row.traceId));
  return (
    <div class="table-box">
      <table class="trace-table" style={{ minWidth: `${32 + widthOf(columns)}px` }}>
        <thead>
          <tr>
            <th scope="col" class="col-pick">
              <input
                type="checkbox"
                aria-label="Pick all of this page"
                checked={all}
                onChange={() => setPicks(all ? [] : rows.map((row) => row.traceId))}
              />
            </th>
            {columns.map(({ id, title, numeric }) => (
              <th key={id} scope="col" class={cellClass(id, numeric)}>{visibleText(title, 60)}</th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.slice(0, shown).map((row) => (
            <tr
              key={row.traceId}
              data-id={row.traceId}
              aria-selected={row.traceId === selected}
              class={picked.includes(row.traceId) ? "picked" : ""}
              onClick={(event) => {
                // Text that is being selected is not a wish to leave.
                if (event.defaultPrevented || String(getSelection()) !== "") return;
                openTrace(row.traceId);
              }}
            >
              <td class="col-pick" onClick={(event) => event.stopPropagation()}>
                <input
                  type="checkbox"
                  aria-label={`Pick ${visibleText(row.rootOperation, 100)}`}
                  checked={picked.includes(row.traceId)}
                  onChange={() => togglePick(row.traceId)}
                />
              </td>
              {columns.map((column) => (
                <td key={column.id} class={cellClass(column.id, column.numeric)}>
                  {column.cell === undefined
                    ? <Text text={column.text(row)} />
                    : column.cell(row, context)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the columns need at least, px; a wider table scrolls in its own box. */
function widthOf(columns: readonly ListColumn[]): number {
  return columns.reduce((sum, { widthPx }) => sum + (widthPx ?? 140), 0);
}

function Text({ text }: { readonly text: string }) {
  return <bdi title={visibleText(text, 2000)}>{visibleText(text, 200)}</bdi>;
}

function cellClass(id: string, numeric: boolean | undefined): string {
  const name = /^[a-z]+$/.test(id) ? `col-${id}` : "col-attribute";
  return numeric === true ? `${name} number` : name;
}

/** Goes to a trace; the list's state goes along for the way back, and the row is marked in it. */
function openTrace(traceId: string): void {
  setParams({ sel: traceId }, true);
  go(
    `/traces/${traceId}`,
    changed(currentPlace().params, { sel: null, pick: null, view: null }),
  );
}
