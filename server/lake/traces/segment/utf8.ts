/**
 * UTF-8 checks that cost nothing for ASCII.
 *
 * @module
 */
import { isUtf8 } from "node:buffer";

/** Whether `bytes[start, end)` is valid UTF-8. */
export function isValidUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  // The native check is vectorised, but a call costs as much as a short loop.
  if (end - start < 96) {
    let at = start;
    while (at < end && (bytes[at] as number) < 128) at++;
    if (at === end) return true;
  }
  return isUtf8(bytes.subarray(start, end));
}
