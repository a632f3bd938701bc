/**
 * Overview: is all well, what changed, and where to look.
 *
 * @module
 */

import { int64, traces } from "../api.ts";
import { useLoad } from "../loading.ts";
import { NearestData } from "../nearest_data.tsx";
import { SampleBanner } from "../sample_banner.tsx";
import { FailureNote, Skeleton } from "../states.tsx";
import { formatTime } from "../format.ts";
import { useSetting } from "../settings.ts";
import { useWindow } from "../use_window.ts";
import { Changes } from "./changes.tsx";
import { FailingTraces } from "./failing_traces.tsx";
import { GenAiCards } from "./genai_cards.tsx";
import { beforeOf } from "./comparison.ts";
import { ServicesAtAGlance } from "./services_at_a_glance.tsx";
import { TraceCards } from "./trace_cards.tsx";

/** Points of the small charts. */
export const POINTS = 48;

/** The page at `/`. */
export function OverviewPage({ params }: { readonly params: URLSearchParams }) {
  const { window, key, refresh } = useWindow(params);
  const utc = useSetting("zone") === "utc";
  const before = beforeOf(window);
  const counts = useLoad(key, async (signal) => {
    const ask = ({ startUs, endUs }: typeof window, buckets: number) =>
      traces.getHistogram(
        { filter: { startTimeUs: int64(startUs), endTimeUs: int64(endUs) }, buckets },
        { signal },
      );
    const [now, then] = await Promise.all([ask(window, POINTS), ask(before, 1)]);
    return { now, then };
  });
  const { data } = counts;
  if (counts.failure !== null) return <FailureNote failure={counts.failure} onRetry={refresh} />;
  if (data === null) return <Skeleton rows={10} />;
  if (data.now.traceCount === 0n) {
    return (
      <div class="overview-page">
        <h1 class="sr">Overview</h1>
        <NearestData onData={refresh} />
      </div>
    );
  }
  const parts = { params, window, loadKey: key };
  return (
    <div class="overview-page">
      <div class="page-head">
        <h1>Overview</h1>
        <span class="grow" />
        <span class="muted">as of {formatTime(window.endUs - 2e6, utc).slice(0, -4)}</span>
        <button type="button" class="small" onClick={refresh}>Refresh</button>
      </div>
      <SampleBanner loadKey={key} onRemoved={refresh} />
      <div class="cards" aria-busy={counts.loading}>
        <TraceCards now={data.now} then={data.then} {...parts} />
        <GenAiCards {...parts} />
      </div>
      <div class="overview-columns">
        <Changes {...parts} />
        <FailingTraces {...parts} />
        <ServicesAtAGlance {...parts} />
      </div>
    </div>
  );
}
