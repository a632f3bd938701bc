/**
 * Structured logs. Modules ask for a logger by category; `main.ts` configures the sink once.
 *
 * @module
 */

import {
  ansiColorFormatter,
  configure,
  dispose,
  getLogger as categoryLogger,
  getTextFormatter,
  jsonLinesFormatter,
  type Logger,
  type LogLevel as LibraryLevel,
} from "@logtape/logtape";

/** Names accepted by the setting LOG_LEVEL, most severe first. */
export const LOG_LEVELS = ["error", "warn", "info", "debug", "trace"] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = typeof LOG_LEVELS[number];

/** How logs are written. */
export interface LogOptions {
  readonly level: LogLevel;
  /** One JSON object a line instead of text. */
  readonly json: boolean;
}

/**
 * Sends every log record of the process to standard error.
 *
 * @param options Least severe level and format.
 */
export async function configureLogging(options: LogOptions): Promise<void> {
  const level: LibraryLevel = options.level === "warn" ? "warning" : options.level;
  const text = Deno.noColor || !Deno.stderr.isTerminal()
    ? getTextFormatter({ timestamp: "rfc3339" })
    : ansiColorFormatter;
  const format = options.json ? jsonLinesFormatter : text;
  const encoder = new TextEncoder();
  await configure({
    reset: true,
    sinks: {
      // Results go to standard output, logs to standard error, whatever the level.
      stderr: (record) => void Deno.stderr.writeSync(encoder.encode(format(record))),
    },
    loggers: [
      { category: ["scouter"], sinks: ["stderr"], lowestLevel: level },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "warning" },
    ],
  });
}

/** Flushes and detaches the sinks. */
export async function closeLogging(): Promise<void> {
  await dispose();
}

/**
 * The logger of one part of the server.
 *
 * @param category Path under `scouter`, for example `"http"`.
 */
export function getLogger(...category: readonly string[]): Logger {
  return categoryLogger(["scouter", ...category]);
}

/** Writes a line unless the same key was written less than the interval ago. */
export type RateLimited = (key: string, write: (suppressed: number) => void) => void;

/** Keys remembered at most; beyond it the oldest are forgotten. */
const MAX_KEYS = 1000;

/**
 * Keeps a repeated event from flooding the log: at most one line an interval for each key, which is told how many
 * were left out since the line before.
 *
 * @param intervalMs Least time between two lines of one key, in milliseconds.
 * @param now Clock in milliseconds.
 *
 * @example
 * ```ts
 * const limited = rateLimited();
 * limited("disk-full", (suppressed) => console.error(`disk full (${suppressed} more)`));
 * ```
 */
export function rateLimited(
  intervalMs = 1000,
  now: () => number = () => performance.now(),
): RateLimited {
  const keys = new Map<string, { at: number; suppressed: number }>();
  return (key, write) => {
    const time = now();
    const last = keys.get(key);
    if (last !== undefined && time - last.at < intervalMs) {
      last.suppressed += 1;
      return;
    }
    keys.delete(key);
    keys.set(key, { at: time, suppressed: 0 });
    if (keys.size > MAX_KEYS) {
      const oldest = keys.keys().next().value;
      if (oldest !== undefined) keys.delete(oldest);
    }
    write(last?.suppressed ?? 0);
  };
}
