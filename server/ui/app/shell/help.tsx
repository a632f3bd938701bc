/**
 * The keyboard help.
 *
 * @module
 */

import { useLayoutEffect, useRef } from "preact/hooks";
import { PAGES } from "../pages.ts";
import { choose, useSetting } from "../settings.ts";

/** Keys and what they do. */
const KEYS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ["Everywhere", [
    ["Ctrl K", "Go to a page, a recent or a pasted trace (⌘ K on a Mac)"],
    ["/", "Go to the search"],
    ["l", "Follow new data, or stop"],
    ["t", "Light or dark"],
    ["?", "This help"],
    ["Esc", "Close"],
  ]],
  ["Lists", [
    ["j  k", "Next and previous row"],
    ["Enter", "Open the row"],
    ["x", "Traces: pick the row, to compare or export"],
    ["e", "Traces: only those with errors"],
  ]],
  ["One trace", [
    ["↑ ↓", "Previous and next span"],
    ["← →", "Close and open what is below a span"],
    ["e", "Next failed span; when comparing, next difference"],
    ["n  N", "Next and previous span found"],
    ["Ctrl F", "In the list of spans: find in all of them"],
    ["1 – 5", "Timeline, conversation, table, flame, logs"],
    ["+ − 0", "On the small picture: zoom, show all"],
  ]],
];

/** The dialog. */
export function Help({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const off = useSetting("keys") === "off";
  // Before the next key, which belongs to the dialog already.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const pages = PAGES.map(({ key, name }) => [`g ${key}`, name] as const);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="help-title" class="help">
      <h2 id="help-title">Keyboard</h2>
      <div class="help-groups">
        {[...KEYS, ["Pages", pages] as const].map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl class="keys">
              {keys.map(([key, meaning]) => (
                <div key={key}>
                  <dt>
                    {key.split(/ +/).map((cap) => <kbd key={cap}>{cap}</kbd>)}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="switch">
        <input
          type="checkbox"
          checked={!off}
          onChange={({ currentTarget }) => choose("keys", currentTarget.checked ? "on" : "off")}
        />
        Single keys do something (switch off when you dictate)
      </label>
      <p class="dialog-end">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>Close</button>
      </p>
    </dialog>
  );
}
