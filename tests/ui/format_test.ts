import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { formatMoney, formatPart, formatTime } from "../../server/ui/app/format.ts";

const DAY_MS = 86_400_000;

test("a time of day is what the browser's own formatter says, with the date unless it is today", () => {
  const day = (utc: boolean) =>
    new Intl.DateTimeFormat("en-CA", {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      ...(utc ? { timeZone: "UTC" } : {}),
    });
  const time = (utc: boolean) =>
    new Intl.DateTimeFormat("en-GB", {
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      fractionalSecondDigits: 3,
      hourCycle: "h23",
      ...(utc ? { timeZone: "UTC" } : {}),
    });
  const formatters = [true, false].map((utc) => ({ utc, day: day(utc), time: time(utc) }));
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000_000 }),
      fc.integer({ min: -2 * DAY_MS, max: 2 * DAY_MS }),
      (timeMs, otherMs) => {
        for (const { utc, day, time } of formatters) {
          const nowMs = Math.max(0, timeMs + otherMs);
          const date = day.format(timeMs);
          const expected = date === day.format(nowMs) ? "" : `${date} `;
          assert.equal(formatTime(timeMs * 1000, utc, nowMs), expected + time.format(timeMs));
        }
      },
    ),
  );
});

test("money below a dollar keeps two significant digits, and parts three", () => {
  assert.match(formatMoney(0.00123), /0[.,]0012/);
  assert.match(formatMoney(12.345), /12[.,]3[45]/);
  assert.match(formatPart(0.12345), /12[.,]3/);
});
