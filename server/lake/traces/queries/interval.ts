/**
 * Bucket widths such as `minute` or `5 minutes`.
 *
 * @module
 */

import { ScouterError } from "../../../errors.ts";

const UNITS = ["second", "minute", "hour", "day", "week", "month", "year"] as const;

/** A calendar-aware width: months and years have no fixed length. */
export interface BucketInterval {
  readonly count: number;
  readonly unit: typeof UNITS[number];
}

/**
 * Reads a width: an optional count and a unit, singular or plural, in any case.
 *
 * @throws {ScouterError} BAD_REQUEST when it is neither.
 */
export function parseInterval(text: string, field = "bucket_interval"): BucketInterval {
  const match = /^(?:(\d{1,6})\s+)?([a-z]+?)s?$/.exec(text.trim().toLowerCase());
  const unit = UNITS.find((unit) => unit === match?.[2]);
  const count = Number(match?.[1] ?? 1);
  if (unit === undefined || count < 1) {
    throw new ScouterError(
      "BAD_REQUEST",
      `${field} is "${text.slice(0, 64)}"; expected a count and one of ${
        UNITS.join(", ")
      }, such as "5 minutes".`,
    );
  }
  return { count, unit };
}

/** The width as a value for a parameter of type INTERVAL. */
export const intervalText = (interval: BucketInterval): string =>
  `${interval.count} ${interval.unit}`;

/**
 * Where buckets begin: weeks on Mondays as date_trunc has them, all others at the turn of a year, so that widths
 * which divide an hour, a day or a year begin with it.
 */
export const intervalOrigin = (interval: BucketInterval): string =>
  interval.unit === "week"
    ? "TIMESTAMPTZ '1969-12-29 00:00:00Z'"
    : "TIMESTAMPTZ '1970-01-01 00:00:00Z'";
