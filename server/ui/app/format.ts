/**
 * Numbers and times as people read them.
 *
 * @module
 */

/** Made when first used: each takes the browser a millisecond or more, and few pages need all. */
function lazy<T>(make: () => T): () => T {
  let made: T | null = null;
  return () => made ??= make();
}

const whole = lazy(() => new Intl.NumberFormat());
const compact = lazy(() =>
  new Intl.NumberFormat(undefined, { notation: "compact", maximumSignificantDigits: 3 })
);
const DOLLARS = { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" } as const;
const money = lazy(() => new Intl.NumberFormat(undefined, DOLLARS));
const smallMoney = lazy(() =>
  new Intl.NumberFormat(undefined, {
    ...DOLLARS,
    minimumSignificantDigits: 2,
    maximumSignificantDigits: 2,
  })
);
const percent = lazy(() =>
  new Intl.NumberFormat(undefined, { style: "percent", maximumSignificantDigits: 3 })
);
const relative = lazy(() =>
  new Intl.RelativeTimeFormat(undefined, { numeric: "always", style: "short" })
);

/** Three significant figures, without trailing zeros in the way of alignment. */
function three(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

/** `840 µs`, `1.42 s`, `3 m 12 s`. */
export function formatDuration(durationUs: number): string {
  const us = Math.max(0, durationUs);
  if (us < 1) return us === 0 ? "0 µs" : `${us.toPrecision(2)} µs`;
  if (us < 999.5) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${three(us / 1000)} ms`;
  if (us < 59_995_000) return `${three(us / 1_000_000)} s`;
  const seconds = Math.round(us / 1_000_000);
  if (seconds < 3600) return twoUnits(seconds, "m", "s");
  return twoUnits(Math.round(seconds / 60), "h", "m");
}

/** Sixtieths and what is left of them, if any. */
function twoUnits(count: number, whole: string, part: string): string {
  const rest = count % 60;
  return `${Math.floor(count / 60)} ${whole}${rest === 0 ? "" : ` ${rest} ${part}`}`;
}

/** With separators. */
export function formatWhole(value: number): string {
  return whole().format(value);
}

/** `12.4K`; exact below a thousand. */
export function formatCompact(value: number): string {
  return value < 1000 ? whole().format(value) : compact().format(value);
}

/**
 * US dollars: to the cent from one dollar on, below it with two significant digits.
 *
 * @example
 * ```ts
 * formatMoney(0.00123); // "$0.0012"
 * ```
 */
export function formatMoney(usd: number): string {
  const small = Math.abs(usd) < 1 && usd !== 0;
  return (small ? smallMoney() : money()).format(usd);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** `2026-03-01`, as the clock on the wall has it. */
function dayOf(date: Date, utc: boolean): string {
  const [year, month, day] = utc
    ? [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
    : [date.getFullYear(), date.getMonth(), date.getDate()];
  return `${String(year).padStart(4, "0")}-${two(month + 1)}-${two(day)}`;
}

/**
 * A time of day, with the date unless it is today; milliseconds shown. Written by hand: a list has hundreds, and each call
 * of `toLocaleTimeString` makes a formatter of its own.
 */
export function formatTime(timeUs: number, utc: boolean, nowMs = Date.now()): string {
  const date = new Date(timeUs / 1000);
  const [hours, minutes, seconds, millis] = utc
    ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds()]
    : [date.getHours(), date.getMinutes(), date.getSeconds(), date.getMilliseconds()];
  const time = `${two(hours)}:${two(minutes)}:${two(seconds)}.${String(millis).padStart(3, "0")}`;
  const day = dayOf(date, utc);
  return day === dayOf(new Date(nowMs), utc) ? time : `${day} ${time}`;
}

/** The exact time in UTC, to the microsecond. */
export function exactTime(timeUs: number): string {
  const micros = String(((timeUs % 1000) + 1000) % 1000).padStart(3, "0");
  return new Date(Math.floor(timeUs / 1000)).toISOString().replace("Z", `${micros}Z`);
}

/** `5 min ago`. */
export function formatAgo(timeUs: number, nowMs = Date.now()): string {
  const seconds = (timeUs / 1000 - nowMs) / 1000;
  const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ];
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return relative().format(Math.round(seconds / length), unit);
  }
  return relative().format(Math.round(seconds), "second");
}

/** `12.3 KiB`. */
export function formatSize(sizeBytes: number): string {
  if (sizeBytes < 1024) return `${sizeBytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = sizeBytes / 1024;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${three(value)} ${units[unit]}`;
}

/** A share of a whole: `0 %`, `<0.1 %`, `3.4 %`, `12 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.1) return "<0.1 %";
  return `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** A part of something, with three significant digits: `12.3%`. */
export function formatPart(part: number): string {
  return percent().format(part);
}

/** How often something happens: `12.4/s`, `3.5/min`, `2/h`, `1.5/day`. */
export function formatRate(perSecond: number): string {
  const of = (value: number) =>
    value >= 100 ? formatCompact(Math.round(value)) : String(Number(value.toPrecision(2)));
  if (perSecond === 0) return "0";
  if (perSecond >= 1) return `${of(perSecond)}/s`;
  if (perSecond * 60 >= 1) return `${of(perSecond * 60)}/min`;
  if (perSecond * 3600 >= 1) return `${of(perSecond * 3600)}/h`;
  const perDay = perSecond * 86_400;
  return perDay < 0.1 ? "<0.1/day" : `${of(perDay)}/day`;
}
