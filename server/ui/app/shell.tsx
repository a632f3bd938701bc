/**
 * What surrounds every page: navigation, time range, theme and keyboard help.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isTyping } from "./keys.ts";
import { Link } from "./link.tsx";
import { choose, themeNow, useSetting } from "./settings.ts";
import { sharedParams } from "./shared_params.ts";
import { TimeRangePicker } from "./time_range_picker.tsx";

const PAGES: readonly { readonly path: string; readonly name: string; readonly icon: string }[] = [
  { path: "/traces", name: "Traces", icon: "M3 5h10v2H3zM6 9h12v2H6zM9 13h8v2H9zM5 17h6v2H5z" },
];

/** Keys and what they do, for the help. */
const KEYS: readonly (readonly [string, string])[] = [
  ["/", "Go to the search"],
  ["j  k", "Next and previous row"],
  ["Enter", "Open the row"],
  ["e", "List: only traces with errors. Trace: next failed span"],
  ["← →", "Trace: close and open a span"],
  ["t", "Light or dark"],
  ["?", "This help"],
  ["Esc", "Close"],
];

/** The shell. */
export function Shell(
  { path, params, children }: {
    readonly path: string;
    readonly params: URLSearchParams;
    readonly children: ComponentChildren;
  },
) {
  const [helping, setHelping] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      if (event.key === "?") setHelping(true);
      else if (event.key === "t") switchTheme();
      else if (event.key === "/") {
        const search = document.getElementById("search");
        if (search === null) return;
        search.focus();
      } else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  const shared = sharedParams(params);
  return (
    <>
      <a class="skip" href="#main">Skip to the page</a>
      <nav class="rail" aria-label="Pages">
        <span class="brand">Scouter</span>
        {PAGES.map((page) => (
          <Link
            key={page.path}
            path={page.path}
            params={shared}
            class="rail-link"
            current={path.startsWith(page.path)}
          >
            <svg viewBox="0 0 20 24" aria-hidden="true">
              <path d={page.icon} />
            </svg>
            <span>{page.name}</span>
          </Link>
        ))}
      </nav>
      <header class="top">
        <TimeRangePicker params={params} />
        <span class="grow" />
        <ThemeButton />
        <button type="button" class="quiet" onClick={() => setHelping(true)} aria-label="Keyboard">
          ?
        </button>
      </header>
      <main id="main" tabIndex={-1}>{children}</main>
      {helping && <Help onClose={() => setHelping(false)} />}
    </>
  );
}

function switchTheme(): void {
  choose("theme", themeNow() === "dark" ? "light" : "dark");
}

function ThemeButton() {
  useSetting("theme");
  const other = themeNow() === "dark" ? "light" : "dark";
  return (
    <button type="button" class="quiet" onClick={switchTheme} aria-label={`Switch to ${other}`}>
      {other === "dark" ? "◐ Dark" : "◑ Light"}
    </button>
  );
}

function Help({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">Keyboard</h2>
      <dl class="keys">
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="button" onClick={() => dialog.current?.close()}>Close</button>
    </dialog>
  );
}
