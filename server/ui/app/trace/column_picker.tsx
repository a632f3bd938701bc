/**
 * Chooses the columns of the trace list and their order.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { setParams } from "../place.ts";
import { visibleText } from "../text.ts";
import { columnsParam, type ListColumn } from "./list_columns.tsx";

/** A button that opens the choice. Every change shows at once and stands in the address. */
export function ColumnPicker(
  { all, chosen }: { readonly all: readonly ListColumn[]; readonly chosen: readonly ListColumn[] },
) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="small" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Columns
      </button>
      {open && <Choice all={all} chosen={chosen} onClose={() => setOpen(false)} />}
    </>
  );
}

function Choice(
  { all, chosen, onClose }: {
    readonly all: readonly ListColumn[];
    readonly chosen: readonly ListColumn[];
    readonly onClose: () => void;
  },
) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const ids = chosen.map(({ id }) => id);
  const show = (next: readonly string[]) => setParams({ cols: columnsParam(next) }, true);
  const others = all.filter(({ id }) => !ids.includes(id));
  return (
    <dialog ref={dialog} class="column-picker" onClose={onClose} aria-labelledby="columns-title">
      <h2 id="columns-title">Columns</h2>
      <ol aria-label="Shown, in this order">
        {chosen.map(({ id, title }, i) => (
          <li key={id}>
            <label>
              <input
                type="checkbox"
                checked
                disabled={ids.length === 1}
                onChange={() =>
                  show(ids.filter((other) => other !== id))}
              />{" "}
              <bdi>{visibleText(title, 80)}</bdi>
            </label>
            <Mover name={title} label="earlier" to={i - 1} from={i} ids={ids} onMove={show} />
            <Mover name={title} label="later" to={i + 1} from={i} ids={ids} onMove={show} />
          </li>
        ))}
      </ol>
      <h3>More</h3>
      <ul>
        {others.map(({ id, title }) => (
          <li key={id}>
            <label>
              <input
                type="checkbox"
                checked={false}
                onChange={() => show([...ids, id])}
              />{" "}
              <bdi>{visibleText(title, 80)}</bdi>
            </label>
          </li>
        ))}
      </ul>
      <div class="row">
        <button
          type="button"
          class="button"
          onClick={() =>
            setParams({ cols: null }, true)}
        >
          The usual ones
        </button>
        <span class="grow" />
        <button
          type="button"
          class="button primary"
          onClick={() =>
            dialog.current?.close()}
        >
          Done
        </button>
      </div>
    </dialog>
  );
}

function Mover(
  { name, label, from, to, ids, onMove }: {
    readonly name: string;
    readonly label: "earlier" | "later";
    readonly from: number;
    readonly to: number;
    readonly ids: readonly string[];
    readonly onMove: (ids: readonly string[]) => void;
  },
) {
  return (
    <button
      type="button"
      class="small quiet"
      aria-label={`Move ${visibleText(name, 80)} ${label}`}
      disabled={to < 0 || to >= ids.length}
      onClick={() => {
        const id = ids[from];
        if (id !== undefined) onMove(ids.toSpliced(from, 1).toSpliced(to, 0, id));
      }}
    >
      {label === "earlier" ? "↑" : "↓"}
    </button>
  );
}
