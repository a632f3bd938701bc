/**
 * Chooses the time range.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { setParams } from "./place.ts";
import { choose, useSetting } from "./settings.ts";
import {
  fixedParams,
  PRESETS,
  rangeOf,
  relativeParams,
  relativeWords,
  type TimeRange,
} from "./time_range.ts";

/** The picker in the top bar, or of it the time zone only. */
export function TimeRangePicker(
  { params, onlyZone }: { readonly params: URLSearchParams; readonly onlyZone: boolean },
) {
  const range = rangeOf(params);
  const utc = useSetting("zone") === "utc";
  const [custom, setCustom] = useState(false);
  const value = custom || range.kind === "fixed" ? "custom" : range.text;
  const isPreset = PRESETS.includes(value);
  return (
    <div class="row range">
      {!onlyZone && (
        <>
          <label class="sr" for="range">Time range</label>
          <select
            id="range"
            value={value}
            onChange={({ currentTarget: { value } }) => {
              setCustom(value === "custom");
              if (value !== "custom") setParams(relativeParams(value));
            }}
          >
            {PRESETS.map((text) => (
              <option key={text} value={text}>Last {relativeWords(text)}</option>
            ))}
            {!isPreset && value !== "custom" && (
              <option value={value}>Last {relativeWords(value)}</option>
            )}
            <option value="custom">Custom…</option>
          </select>
        </>
      )}
      {!onlyZone && value === "custom" && (
        <CustomRange
          key={String(params)}
          range={range}
          utc={utc}
          onDone={() => setCustom(false)}
        />
      )}
      <button
        type="button"
        class="quiet"
        title="Time zone of all times shown"
        onClick={() => choose("zone", utc ? "local" : "utc")}
      >
        {utc ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone}
      </button>
    </div>
  );
}

function CustomRange(
  { range, utc, onDone }: {
    readonly range: TimeRange;
    readonly utc: boolean;
    readonly onDone: () => void;
  },
) {
  const nowUs = Date.now() * 1000;
  const shown = range.kind === "fixed"
    ? range.window
    : { startUs: nowUs - range.seconds * 1e6, endUs: nowUs };
  const [from, setFrom] = useState(() => fieldText(shown.startUs, utc));
  const [to, setTo] = useState(() => fieldText(shown.endUs, utc));
  const startUs = Date.parse(utc ? `${from}Z` : from) * 1000;
  const endUs = Date.parse(utc ? `${to}Z` : to) * 1000;
  const valid = endUs > startUs;
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        if (!valid) return;
        setParams(fixedParams({ startUs, endUs }));
        onDone();
      }}
    >
      <label>
        From{" "}
        <input
          type="datetime-local"
          step="0.001"
          value={from}
          onInput={({ currentTarget }) => setFrom(currentTarget.value)}
        />
      </label>
      <label>
        to{" "}
        <input
          type="datetime-local"
          step="0.001"
          value={to}
          onInput={({ currentTarget }) => setTo(currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={!valid}>Apply</button>
      {!valid && <span class="bad">The end must be after the start.</span>}
    </form>
  );
}

/** What a datetime-local field holds. */
function fieldText(timeUs: number, utc: boolean): string {
  const date = new Date(timeUs / 1000);
  const shift = utc ? 0 : date.getTimezoneOffset() * 60_000;
  return new Date(date.getTime() - shift).toISOString().slice(0, 23);
}
