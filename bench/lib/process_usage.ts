/**
 * What a process has used, as the operating system counts it: every thread, user and system time.
 *
 * @module
 */

import { readFileSync } from "node:fs";

/** Clock ticks per second in `/proc/<pid>/stat`; 100 on every Linux that Deno supports. */
const TICKS_PER_SECOND = 100;

/** Counters of one process at one moment. */
export interface ProcessUsage {
  /** User and system CPU time of all threads, in seconds (resolution 10 ms). */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
}

/** Reads the counters of a running process. Linux only. */
export function processUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The command name may hold spaces and parentheses; fields are counted from after its last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rssBytes: kib("VmRSS") * 1024,
    peakRssBytes: kib("VmHWM") * 1024,
  };
}
