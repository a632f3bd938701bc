/**
 * Schedules: cron expressions with seconds first, six or seven fields, weekdays as in Quartz (1 = Sunday), in UTC.
 *
 * @module
 */

import { Cron } from "croner";
import { DriftError } from "./error.ts";

/**
 * Schedules in everyday use.
 *
 * @example
 * ```ts
 * import { CommonCrons } from "./mod.ts";
 *
 * CommonCrons.EveryHour; // "0 0 * * * *"
 * ```
 */
export const CommonCrons: {
  readonly Every1Minute: "0 * * * * * *";
  readonly Every5Minutes: "0 0,5,10,15,20,25,30,35,40,45,50,55 * * * * *";
  readonly Every15Minutes: "0 0,15,30,45 * * * * *";
  readonly Every30Minutes: "0 0,30 * * * * *";
  readonly EveryHour: "0 0 * * * *";
  readonly Every6Hours: "0 0 */6 * * *";
  readonly Every12Hours: "0 0 */12 * * *";
  readonly EveryDay: "0 0 0 * * *";
  readonly EveryWeek: "0 0 0 * * SUN";
} = {
  Every1Minute: "0 * * * * * *",
  Every5Minutes: "0 0,5,10,15,20,25,30,35,40,45,50,55 * * * * *",
  Every15Minutes: "0 0,15,30,45 * * * * *",
  Every30Minutes: "0 0,30 * * * * *",
  EveryHour: "0 0 * * * *",
  Every6Hours: "0 0 */6 * * *",
  Every12Hours: "0 0 */12 * * *",
  EveryDay: "0 0 0 * * *",
  EveryWeek: "0 0 0 * * SUN",
};

/** Name of a {@linkcode CommonCrons} schedule. */
export type CommonCron = keyof typeof CommonCrons;

/**
 * Checks a schedule. A {@linkcode CommonCrons} name stands for its expression.
 *
 * @param schedule a cron expression of six or seven fields, or a name
 * @returns the expression
 * @throws DriftError (INVALID_SCHEDULE) when it is neither; it is never replaced by another one
 * @example
 * ```ts
 * import { parseSchedule } from "./mod.ts";
 *
 * parseSchedule("EveryDay"); // "0 0 0 * * *"
 * ```
 */
export function parseSchedule(schedule: string): string {
  const named = Object.entries(CommonCrons).find(([name]) => name === schedule)?.[1] ?? schedule;
  cron(named);
  return named;
}

/**
 * The next time a schedule fires.
 *
 * @param schedule a cron expression, or a {@linkcode CommonCrons} name
 * @param after the moment to search from; the answer lies strictly after it
 * @returns the next time, or null when a year field leaves none
 * @throws DriftError (INVALID_SCHEDULE) when the schedule cannot be read
 * @example
 * ```ts
 * import { nextRun } from "./mod.ts";
 *
 * nextRun("0 0 * * * *", new Date("2025-01-01T00:10:00Z")); // 2025-01-01T01:00:00.000Z
 * ```
 */
export function nextRun(schedule: string, after: Date): Date | null {
  return cron(Object.entries(CommonCrons).find(([name]) => name === schedule)?.[1] ?? schedule)
    .nextRun(after);
}

function cron(expression: string): Cron {
  try {
    return new Cron(expression, {
      mode: "6-or-7-parts",
      alternativeWeekdays: true,
      domAndDow: true,
      timezone: "UTC",
      paused: true,
    });
  } catch (cause) {
    throw new DriftError(
      "INVALID_SCHEDULE",
      `The schedule "${expression}" is not a cron expression of 6 or 7 fields (seconds first, as in "0 0 6 * * *"): ` +
        (cause instanceof Error ? cause.message : String(cause)),
      { cause },
    );
  }
}
