/**
 * RFC 3339 timestamps with microseconds, written as bytes.
 *
 * @module
 */
import type { ByteSink } from "../../parquet/byte_sink.ts";

const DAY_US = 86_400_000_000;
let cachedDay = -1;
let cachedDate = "";

/** `YYYY-MM-DD` of a day counted from the epoch, UTC. */
export function dateOfDay(day: number): string {
  if (day !== cachedDay) {
    cachedDate = new Date(day * 86_400_000).toISOString().slice(0, 10);
    cachedDay = day;
  }
  return cachedDate;
}

/** The UTC day of a time, counted from the epoch. */
export function dayOf(timeUs: number): number {
  return Math.floor(timeUs / DAY_US);
}

function digits(target: Uint8Array, at: number, count: number, value: number): void {
  for (let i = at + count - 1; i >= at; i--) {
    const rest = Math.floor(value / 10);
    target[i] = 48 + value - rest * 10;
    value = rest;
  }
}

/** Appends `"YYYY-MM-DDTHH:MM:SS.ffffffZ"`, quotes included. */
export function writeTimestamp(out: ByteSink, timeUs: number): void {
  const day = dayOf(timeUs);
  const rest = timeUs - day * DAY_US;
  const second = Math.floor(rest / 1_000_000);
  out.ascii(`"${dateOfDay(day)}T00:00:00.000000Z"`);
  const target = out.buf;
  const at = out.length - 17;
  digits(target, at, 2, Math.floor(second / 3600));
  digits(target, at + 3, 2, Math.floor(second / 60) % 60);
  digits(target, at + 6, 2, second % 60);
  digits(target, at + 9, 6, rest - second * 1_000_000);
}
