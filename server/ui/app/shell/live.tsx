/**
 * The live switch: whether pages follow new data.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import { setParams } from "../place.ts";
import { rangeOf } from "../time_range.ts";

const LIVE_MS = 5000;

/** Whether the page at these parameters follows new data: switched on, and its range reaches until now. */
export function isLive(params: URLSearchParams): boolean {
  return params.get("live") === "1" && rangeOf(params).kind === "relative";
}

/** Grows every few seconds while the page is live and looked at; to be put into the key of what is loaded. */
export function useLiveTick(params: URLSearchParams): number {
  const [tick, setTick] = useState(0);
  const live = isLive(params);
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => {
      if (!document.hidden) setTick((count) => count + 1);
    }, LIVE_MS);
    return () => clearInterval(timer);
  }, [live]);
  return tick;
}

/** The switch in the top bar. */
export function LiveSwitch({ params }: { readonly params: URLSearchParams }) {
  const fixed = rangeOf(params).kind === "fixed";
  return (
    <label
      class="switch live"
      title={fixed
        ? "A fixed time range does not follow new data. Choose one that ends now."
        : "Follow new data"}
    >
      <input
        type="checkbox"
        checked={!fixed && params.get("live") === "1"}
        disabled={fixed}
        onChange={({ currentTarget }) =>
          setParams({ live: currentTarget.checked ? "1" : null }, true)}
      />
      Live
    </label>
  );
}
