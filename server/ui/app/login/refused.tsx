/**
 * Says why a form was not taken, and counts down where one has to wait.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { Refusal } from "./api.ts";

/** Seconds left to wait after a refusal; 0 when there are none. */
export function useWait(refusal: Refusal | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const wait = refusal?.waitSeconds ?? 0;
    setLeft(wait);
    if (wait === 0) return;
    const untilMs = Date.now() + wait * 1000;
    const timer = setInterval(() => {
      const seconds = Math.max(0, Math.ceil((untilMs - Date.now()) / 1000));
      setLeft(seconds);
      if (seconds === 0) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [refusal]);
  return left;
}

/** The message; what counts down is not announced every second. */
export function Refused(
  { refusal, left }: { readonly refusal: Refusal | null; readonly left: number },
) {
  if (refusal === null) return null;
  if (refusal.waitSeconds === 0) return <p class="bad" role="alert">{refusal.message}</p>;
  return (
    <div class="bad">
      <p role="alert">
        Too many failed attempts from here. Logging in is locked for {refusal.waitSeconds}{" "}
        {refusal.waitSeconds === 1 ? "second" : "seconds"}; each further failure doubles it.
      </p>
      <p aria-hidden="true">{left > 0 ? `${left} s left` : "You can try again now."}</p>
    </div>
  );
}
