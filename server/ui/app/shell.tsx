/**
 * What surrounds every page: navigation, time range, live switch, theme, command palette and keyboard help.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { copyText } from "./clipboard.ts";
import { isTyping } from "./keys.ts";
import { Link } from "./link.tsx";
import { Person } from "./login/person.tsx";
import { hasRange, mayBeLive, pageOf, PAGES } from "./pages.ts";
import { currentPlace, go, setParams } from "./place.ts";
import { choose, themeNow, useSetting } from "./settings.ts";
import { sharedParams } from "./shared_params.ts";
import { Help } from "./shell/help.tsx";
import { Icon } from "./shell/icon.tsx";
import { ICONS } from "./shell/icons.ts";
import { LiveSwitch } from "./shell/live.tsx";
import { Palette } from "./shell/palette.tsx";
import { absoluteAddress } from "./shell/share.ts";
import { rangeOf } from "./time_range.ts";
import { TimeRangePicker } from "./time_range_picker.tsx";

/** How long `g` waits for the second key. */
const SEQUENCE_MS = 1500;

/** The shell. */
export function Shell(
  { path, params, children }: {
    readonly path: string;
    readonly params: URLSearchParams;
    readonly children: ComponentChildren;
  },
) {
  const [open, setOpen] = useState<"help" | "palette" | null>(null);
  const [said, setSaid] = useState("");
  const narrow = useSetting("rail") === "narrow";
  const here = pageOf(path);
  useShellKeys(setOpen);
  const arrived = useRef(false);
  useEffect(() => {
    document.title = here === undefined ? "Scouter" : `${here.name} · Scouter`;
    // Whoever followed a link that is gone now reads on at the top of the page, not of the document.
    if (arrived.current && document.activeElement === document.body) {
      document.getElementById("main")?.focus({ preventScroll: true });
    }
    arrived.current = true;
  }, [path]);
  useEffect(() => {
    document.documentElement.dataset["rail"] = narrow ? "narrow" : "wide";
  }, [narrow]);
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), 3000);
    return () => clearTimeout(timer);
  }, [said]);
  // What a command opened stays: the palette's own end is told later than its command is run.
  const closed = (which: "help" | "palette") => () => setOpen((now) => now === which ? null : now);
  const copyAbsolute = () =>
    void copyText(absoluteAddress(Date.now())).then(
      () => setSaid("Link copied. Its time range is fixed."),
      () => setSaid("The browser did not let the link be copied."),
    );
  const shared = sharedParams(params);
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>Skip to the page</a>
      <nav class="rail" aria-label="Pages">
        <span class="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" />
            <path d="M7 8h12v4H7zM11 14h14v4H11zM15 20h8v4h-8z" />
          </svg>
          <span class="rail-word">Scouter</span>
        </span>
        {PAGES.map((page) => (
          <Link
            key={page.path}
            path={page.path}
            params={shared}
            class="rail-link"
            current={here === page}
            title={page.name}
          >
            <Icon path={page.icon} />
            <span class="rail-word">{page.name}</span>
          </Link>
        ))}
        <span class="grow" />
        <button
          type="button"
          class="quiet rail-fold"
          aria-label={narrow ? "Show the names of pages" : "Hide the names of pages"}
          onClick={() => choose("rail", narrow ? "wide" : "narrow")}
        >
          <Icon path={narrow ? ICONS.wide : ICONS.narrow} />
        </button>
      </nav>
      <header class="top">
        <TimeRangePicker params={params} onlyZone={!hasRange(path)} />
        {hasRange(path) && (
          <button
            type="button"
            class="quiet square"
            aria-label="Copy link with absolute time"
            title="Copy link with absolute time"
            onClick={copyAbsolute}
          >
            <Icon path={ICONS.link} />
          </button>
        )}
        {mayBeLive(path) && <LiveSwitch params={params} />}
        <span class="said" role="status">{said}</span>
        <span class="grow" />
        <button type="button" class="jump" onClick={() => setOpen("palette")}>
          <Icon path={ICONS.search} />
          <span>Go to…</span>
          <kbd>Ctrl K</kbd>
        </button>
        <Person />
        <ThemeButton />
        <button
          type="button"
          class="quiet square keyboard"
          onClick={() => setOpen("help")}
          aria-label="Keyboard"
          title="Keyboard"
        >
          <Icon path={ICONS.help} />
        </button>
      </header>
      <main id="main" tabIndex={-1}>{children}</main>
      {open === "help" && <Help onClose={closed("help")} />}
      {open === "palette" && (
        <Palette
          params={params}
          onClose={closed("palette")}
          actions={{ switchTheme, copyAbsolute, showHelp: () => setOpen("help") }}
        />
      )}
    </>
  );
}

/** An address with a fragment would be one beside the document's base, so the jump is made here. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function useShellKeys(open: (what: "help" | "palette") => void): void {
  useEffect(() => {
    let goingUntilMs = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        // A dialog that is open already keeps what it is about.
        if (document.querySelector("dialog[open]") === null) open("palette");
        return;
      }
      if (isTyping(event)) return;
      const going = event.timeStamp < goingUntilMs;
      goingUntilMs = 0;
      const { params } = currentPlace();
      if (going) {
        const page = PAGES.find(({ key }) => key === event.key);
        if (page === undefined) return;
        go(page.path, sharedParams(params));
      } else if (event.key === "g") goingUntilMs = event.timeStamp + SEQUENCE_MS;
      else if (event.key === "?") open("help");
      else if (event.key === "t") switchTheme();
      else if (event.key === "l" && rangeOf(params).kind === "relative") {
        setParams({ live: params.get("live") === "1" ? null : "1" }, true);
      } else if (event.key === "/") {
        const search = document.getElementById("search");
        if (search === null) open("palette");
        else search.focus();
      } else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    // Before the page's own keys, so that the second key of a sequence is not taken for one of them.
    addEventListener("keydown", onKey, { capture: true });
    return () => removeEventListener("keydown", onKey, { capture: true });
  }, []);
}

function switchTheme(): void {
  choose("theme", themeNow() === "dark" ? "light" : "dark");
}

function ThemeButton() {
  useSetting("theme");
  const other = themeNow() === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      class="quiet square"
      onClick={switchTheme}
      aria-label={`Switch to ${other}`}
      title={`Switch to ${other}`}
    >
      <Icon path={other === "dark" ? ICONS.moon : ICONS.sun} />
    </button>
  );
}
