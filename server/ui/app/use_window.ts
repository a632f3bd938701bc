/**
 * The window of time a page shows.
 *
 * @module
 */

import { useMemo, useState } from "preact/hooks";
import { useLiveTick } from "./shell/live.tsx";
import { rangeOf, type TimeWindow, windowOf } from "./time_range.ts";

/** The window, and how to move it to now. */
export interface ShownWindow {
  readonly window: TimeWindow;
  /** Changes with the window. */
  readonly key: string;
  /** Looks at the time anew. */
  refresh(): void;
}

/** The window the address asks for. It stays as it is until its parameters change, it is refreshed, or live time passes. */
export function useWindow(params: URLSearchParams): ShownWindow {
  const range = rangeOf(params);
  const [visit, setVisit] = useState(0);
  const tick = useLiveTick(params);
  const rangeKey = range.kind === "relative"
    ? range.text
    : `${range.window.startUs}-${range.window.endUs}`;
  const window = useMemo(() => windowOf(range, Date.now()), [rangeKey, visit, tick]);
  return {
    window,
    key: `${window.startUs} ${window.endUs}`,
    refresh: () => setVisit((count) => count + 1),
  };
}
