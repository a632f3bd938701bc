/**
 * The rows of the trace list.
 *
 * @module
 */

import { useEffect, useRef } from "preact/hooks";
import type { TraceSummary } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { exactTime, formatDuration, formatTime, formatWhole } from "./format.ts";
import { isTyping } from "./keys.ts";
import { Link } from "./link.tsx";
import { changed, currentPlace, go, setParams } from "./place.ts";
import { hueClass } from "./service_color.ts";
import { useSetting } from "./settings.ts";
import { visibleText } from "./text.ts";

/** A table of traces, with a selected row that `j` and `k` move. */
export function TraceTable(
  { rows, params }: {
    readonly rows: readonly TraceSummary[];
    readonly params: URLSearchParams;
  },
) {
  const utc = useSetting("zone") === "utc";
  const selected = params.get("sel");
  const body = useRef<HTMLTableSectionElement>(null);
  const longest = Math.max(1, ...rows.map(durationOf));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      if (event.key === "Enter") {
        const chosen = currentPlace().params.get("sel");
        const onControl = event.target instanceof Element && event.target.closest("a, button");
        if (chosen !== null && !onControl) openTrace(chosen);
        return;
      }
      if (event.key !== "j" && event.key !== "k") return;
      // From the address, not from the last drawing: keys may come faster than pictures.
      const from = currentPlace().params.get("sel");
      const at = rows.findIndex((row) => row.traceId === from);
      const next = rows[Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)))];
      if (next === undefined) return;
      setParams({ sel: next.traceId }, true);
      body.current?.querySelector(`[data-id="${next.traceId}"]`)
        ?.scrollIntoView({ block: "nearest" });
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [rows]);
  return (
    <table class="trace-table">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Root operation</th>
          <th scope="col">Service</th>
          <th scope="col" class="number">Duration</th>
          <th scope="col" class="number">Spans</th>
          <th scope="col" class="number">Tokens</th>
          <th scope="col">Outcome</th>
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map((row) => (
          <tr
            key={row.traceId}
            data-id={row.traceId}
            aria-selected={row.traceId === selected}
            onClick={(event) => {
              // Text that is being selected is not a wish to leave.
              if (event.defaultPrevented || String(getSelection()) !== "") return;
              openTrace(row.traceId);
            }}
          >
            <td class="time" title={exactTime(Number(row.startTimeUs))}>
              {formatTime(Number(row.startTimeUs), utc)}
            </td>
            <td class="name">
              <Operation row={row} params={params} />
            </td>
            <td class="service">
              <span class={`dot ${hueClass(row.serviceName)}`} aria-hidden="true" />
              <bdi>{visibleText(row.serviceName, 100)}</bdi>
              {row.services.length > 1 && (
                <span class="muted">{` +${row.services.length - 1}`}</span>
              )}
            </td>
            <td class="number duration">
              <span class="bar" style={{ width: `${(100 * durationOf(row)) / longest}%` }} />
              <span>{formatDuration(durationOf(row))}</span>
            </td>
            <td class="number">{formatWhole(Number(row.spanCount))}</td>
            <td class="number">{tokensOf(row)}</td>
            <td class="outcome">
              <Outcome row={row} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Goes to a trace; the list's state goes along for the way back, and the row is marked in it. */
function openTrace(traceId: string): void {
  setParams({ sel: traceId }, true);
  go(`/traces/${traceId}`, changed(currentPlace().params, { sel: null }));
}

function Operation(
  { row, params }: { readonly row: TraceSummary; readonly params: URLSearchParams },
) {
  const name = visibleText(row.rootOperation, 200);
  return (
    <>
      <Link path={`/traces/${row.traceId}`} params={changed(params, { sel: null })}>
        <bdi title={visibleText(row.rootOperation, 2000)}>{name === "" ? "(no name)" : name}</bdi>
      </Link>
      {row.rootMissing && (
        <span class="muted" title="The root span has not arrived">· root missing</span>
      )}
    </>
  );
}

function Outcome({ row }: { readonly row: TraceSummary }) {
  const errors = Number(row.errorCount);
  if (errors === 0) return <span class="ok">✓ ok</span>;
  return (
    <span class="bad" title={visibleText(row.statusMessage ?? "", 500)}>
      ✕ {formatWhole(errors)} {errors === 1 ? "error" : "errors"}
    </span>
  );
}

function durationOf(row: TraceSummary): number {
  return Math.max(0, Number(row.endTimeUs - row.startTimeUs));
}

function tokensOf(row: TraceSummary): string {
  const tokens = Number(row.inputTokens + row.outputTokens);
  return tokens === 0 ? "" : formatWhole(tokens);
}
