/**
 * Says where data is when the chosen time range has none.
 *
 * @module
 */

import { traces } from "./api.ts";
import { FirstRun } from "./first_run.tsx";
import { exactTime, formatAgo } from "./format.ts";
import { useLoad } from "./loading.ts";
import { setParams } from "./place.ts";
import { EmptyNote, FailureNote, Skeleton } from "./states.tsx";
import { fixedParams, presetReaching, relativeParams, relativeWords } from "./time_range.ts";

/** Asks for the newest trace of all and offers a range that shows it; where there is none, how to send one. */
export function NearestData({ onData }: { readonly onData: () => void }) {
  const newest = useLoad("newest", (signal) => traces.listTraces({ limit: 1 }, { signal }));
  if (newest.failure !== null) {
    return <FailureNote failure={newest.failure} onRetry={newest.reload} />;
  }
  if (newest.data === null) return <Skeleton rows={3} />;
  const [trace] = newest.data.traces;
  if (trace === undefined) return <FirstRun onData={onData} />;
  const startUs = Number(trace.startTimeUs);
  const preset = presetReaching(startUs, Date.now());
  return (
    <EmptyNote title="No traces in this time range">
      <p>
        The newest trace started{" "}
        <time dateTime={exactTime(startUs)} title={exactTime(startUs)}>{formatAgo(startUs)}</time>.
      </p>
      <button
        type="button"
        class="button primary"
        onClick={() =>
          setParams(
            preset === null
              ? fixedParams({ startUs: startUs - 1800e6, endUs: startUs + 1800e6 })
              : relativeParams(preset),
          )}
      >
        {preset === null ? "Show the hour around it" : `Show the last ${relativeWords(preset)}`}
      </button>
    </EmptyNote>
  );
}
