/**
 * How much memory a piece of work needs at its peak, as a multiple of its input.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";

/**
 * Begins to watch this process's resident memory. The kernel's high-water mark is set back first, so that what came
 * before does not hide the peak. Linux only.
 *
 * @param inputBytes size of the input, which is in memory already
 * @returns ends it: (input + what was added at the peak) / input; undefined where the system cannot tell
 */
export function memoryPeak(inputBytes: number): () => number | undefined {
  const before = resetPeak();
  return () => {
    if (before === undefined) return undefined;
    const peak = statusBytes("VmHWM");
    return peak === undefined ? undefined : (inputBytes + peak - before) / inputBytes;
  };
}

/** Resident bytes now, once the high-water mark stands at them; undefined where it cannot be set back. */
function resetPeak(): number | undefined {
  try {
    // proc(5): 5 sets the peak to the present value.
    writeFileSync("/proc/self/clear_refs", "5");
  } catch (error) {
    if (!reported) {
      console.warn(`no memory peaks: ${error instanceof Error ? error.message : error}`);
    }
    reported = true;
    return undefined;
  }
  return statusBytes("VmRSS");
}

let reported = false;

function statusBytes(name: string): number | undefined {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(
    readFileSync("/proc/self/status", "utf8"),
  );
  return line === null ? undefined : Number(line[1]) * 1024;
}
