/**
 * The field to find spans of a trace with, what was found, and the way from one to the next.
 *
 * @module
 */

import { useEffect, useRef } from "preact/hooks";
import { formatWhole } from "../format.ts";
import { isTyping } from "../keys.ts";
import { currentPlace, setParams } from "../place.ts";
import { visibleText } from "../text.ts";
import type { Found } from "./find.ts";
import type { TraceModel } from "./trace_model.ts";

/** The bar. Enter goes to the next, with Shift to the previous one; elsewhere on the page `n` and `N` do. */
export function FindBar(
  { model, text, found, selected }: {
    readonly model: TraceModel;
    readonly text: string;
    readonly found: Found;
    readonly selected: string | null;
  },
) {
  const { order, busy, problem } = found;
  /** Enter was pressed before anything was found. */
  const waiting = useRef<1 | -1 | null>(null);
  const step = (way: 1 | -1) => {
    if (order.length === 0) {
      waiting.current = busy ? way : null;
      return;
    }
    waiting.current = null;
    // From the address, not from the last drawing: keys may come faster than pictures.
    const next = neighbour(model, order, currentPlace().params.get("span"), way);
    if (next !== undefined) setParams({ span: next }, true);
  };
  useEffect(() => {
    if (waiting.current !== null && !busy) step(waiting.current);
  }, [busy, order]);
  useEffect(() => {
    if (text === "") return;
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || (event.key !== "n" && event.key !== "N")) return;
      event.preventDefault();
      step(event.key === "n" ? 1 : -1);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  const at = selected === null ? -1 : order.indexOf(selected);
  return (
    <div class="row find-line" role="search">
      <div class="find-field">
        <label for="search" class="sr">Find spans in this trace</label>
        <input
          id="search"
          type="search"
          value={text}
          placeholder="Find in all spans  ( / )"
          autocomplete="off"
          aria-describedby="find-hint"
          onInput={({ currentTarget }) => setParams({ find: currentTarget.value }, true)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            step(event.shiftKey ? -1 : 1);
          }}
        />
        <p id="find-hint" class="find-hint">
          Looks through names, messages, keys and values of attributes, events and payloads of every
          span. The grammar is that of the Traces page: <code>status:error</code>{" "}
          <code>duration&gt;1s</code> <code>key:value</code>. Enter or <kbd>n</kbd>{" "}
          goes on, Shift Enter or <kbd>N</kbd> back; <kbd>Ctrl F</kbd>{" "}
          in the list of spans comes here.
        </p>
      </div>
      {text.trim() !== "" && (
        <>
          <span class="find-steps">
            <button
              type="button"
              class="small"
              aria-label="Previous found span"
              title="Previous (N)"
              disabled={order.length === 0}
              onClick={() => step(-1)}
            >
              ↑
            </button>
            <button
              type="button"
              class="small"
              aria-label="Next found span"
              title="Next (n)"
              disabled={order.length === 0}
              onClick={() => step(1)}
            >
              ↓
            </button>
          </span>
          <span class="muted" role="status">
            {order.length > 0
              ? `${at < 0 ? "" : `${formatWhole(at + 1)} of `}${formatWhole(order.length)}${
                found.truncated ? "+" : ""
              } found`
              : busy
              ? "looking…"
              : "none found"}
          </span>
          {problem !== null && (
            <span class="warn find-problem" role="alert">
              Only names were looked through: {visibleText(problem, 300)}
            </span>
          )}
        </>
      )}
    </div>
  );
}

/** The next one in the order of the rows, whether or not the present one is among them; round at the ends. */
function neighbour(
  { rows }: TraceModel,
  order: readonly string[],
  from: string | null,
  way: 1 | -1,
): string | undefined {
  const place = new Map(rows.map(({ id }, i) => [id, i]));
  const at = place.get(from ?? "") ?? (way > 0 ? -1 : rows.length);
  return way > 0
    ? order.find((id) => (place.get(id) ?? -1) > at) ?? order[0]
    : order.findLast((id) => (place.get(id) ?? rows.length) < at) ?? order.at(-1);
}
