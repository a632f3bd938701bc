/**
 * The list of traces: search, histogram, facets, rows.
 *
 * @module
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { int64, traces } from "./api.ts";
import { FacetList } from "./facet_list.tsx";
import { formatCompact, formatDuration, formatWhole } from "./format.ts";
import { Histogram } from "./histogram.tsx";
import { isTyping } from "./keys.ts";
import { painted, useLoad } from "./loading.ts";
import { NearestData } from "./nearest_data.tsx";
import { setParams } from "./place.ts";
import { SearchBox } from "./search_box.tsx";
import { toggleTerm } from "./search_text.ts";
import { EmptyNote, FailureNote, Skeleton } from "./states.tsx";
import { fixedParams, rangeOf, widened, windowOf } from "./time_range.ts";
import { ListActions } from "./trace/list_actions.tsx";
import { type Cursor, cursorOf, cursorText } from "./trace_cursor.ts";
import { TraceTable } from "./trace_table.tsx";

const PAGE_SIZE = 50;
/** Rows in the first picture; the others follow in the next one. */
const FIRST_ROWS = 20;
const LIVE_MS = 3000;
const ROUNDED_FROM = 10_000;

/** The page at `/traces`. */
export function TracesPage({ params }: { readonly params: URLSearchParams }) {
  const range = rangeOf(params);
  const query = params.get("q") ?? "";
  const cursor = cursorOf(params);
  const [visit, setVisit] = useState(0);
  const rangeKey = range.kind === "relative"
    ? range.text
    : `${range.window.startUs}-${range.window.endUs}`;
  const window = useMemo(() => windowOf(range, Date.now()), [rangeKey, visit]);
  const filter = { startTimeUs: int64(window.startUs), endTimeUs: int64(window.endUs), query };
  const key = `${window.startUs} ${window.endUs} ${query}`;
  // The rows first: what is counted over the whole window would only take the processors from them.
  const rowsShown = useRef<Promise<unknown>>(Promise.resolve());
  const list = useLoad(
    `${key} ${cursor === null ? "" : cursorText(cursor.place)} ${cursor?.newer ?? ""}`,
    (signal) => {
      const answer = traces.listTraces({ filter, limit: PAGE_SIZE, ...pageOf(cursor) }, { signal });
      // Its failure is shown by the list; the others say themselves how they fare.
      rowsShown.current = answer.then(painted, () => {});
      return answer;
    },
  );
  const histogram = useLoad(
    key,
    async (signal) => {
      await rowsShown.current;
      return await traces.getHistogram({ filter, buckets: 90 }, { signal });
    },
  );
  const facets = useLoad(
    key,
    async (signal) => {
      await rowsShown.current;
      return await traces.getFacets({ filter, valuesPerFacet: 8 }, { signal });
    },
  );
  const reload = () => {
    setVisit((count) => count + 1);
    list.reload();
  };
  const [whole, setWhole] = useState(false);
  useEffect(() => {
    if (list.data !== null) void painted().then(() => setWhole(true));
  }, [list.data === null]);
  useErrorsKey(query);
  const live = params.get("live") === "1";
  const newest = list.data?.newest;
  const fresh = useFresh(
    live && cursor === null && range.kind === "relative",
    query,
    newest,
    visit,
  );

  if (list.failure?.needsLogin) return <FailureNote failure={list.failure} onRetry={reload} />;
  const rows = list.data?.traces ?? [];
  const counts = histogram.data;
  return (
    <div class="traces">
      <h1 class="sr">Traces</h1>
      <div class="search-line">
        <SearchBox query={query} window={window} />
        <button type="button" class="button" onClick={reload}>Refresh</button>
      </div>
      <section class="overview" aria-label="Traces over time" aria-busy={histogram.loading}>
        <Histogram
          window={window}
          bucketUs={Number(counts?.bucketUs ?? 0n)}
          bars={(counts?.times ?? []).map((bucket) => ({
            startUs: Number(bucket.startTimeUs),
            ok: Number(bucket.okCount),
            errors: Number(bucket.errorCount),
          }))}
          onNarrow={(part) => setParams(fixedParams(part))}
          onWiden={() => setParams(fixedParams(widened(window)))}
        />
        <p class="totals" aria-live="polite">
          {counts === null ? " " : (
            <>
              <b>
                <Total count={Number(counts.traceCount)} />
              </b>{" "}
              traces,{" "}
              <b>
                <Total count={Number(counts.errorCount)} />
              </b>{" "}
              with errors
              {counts.p50DurationUs !== undefined && (
                <>
                  {" · "}p50 <b>{formatDuration(counts.p50DurationUs)}</b> · p95{" "}
                  <b>{formatDuration(counts.p95DurationUs ?? 0)}</b> · p99{" "}
                  <b>{formatDuration(counts.p99DurationUs ?? 0)}</b>
                </>
              )}
            </>
          )}
        </p>
      </section>
      <div class="columns">
        <FacetList facets={facets} query={query} />
        <section
          class="results"
          aria-label="Results"
          aria-busy={list.loading || (list.data !== null && !whole)}
        >
          {fresh > 0 && (
            <button type="button" class="pill" onClick={reload}>
              {fresh >= 100 ? "100+" : fresh} new
            </button>
          )}
          {list.failure !== null
            ? <FailureNote failure={list.failure} onRetry={reload} />
            : list.data === null
            ? <Skeleton rows={12} />
            : rows.length > 0
            ? (
              <>
                <ListActions rows={rows} params={params}>
                  {counts === null
                    ? formatWhole(rows.length)
                    : <Count shown={rows.length} total={Number(counts.traceCount)} />}
                </ListActions>
                <TraceTable rows={rows} shown={whole ? PAGE_SIZE : FIRST_ROWS} params={params} />
              </>
            )
            : query !== ""
            ? (
              <EmptyNote title="No trace matches">
                <p>Nothing in this time range answers the search.</p>
                <button
                  type="button"
                  class="button"
                  onClick={() => setParams({ q: null, before: null, after: null })}
                >
                  Clear the search
                </button>
              </EmptyNote>
            )
            : <NearestData onData={reload} />}
          {list.failure === null && rows.length > 0 && (
            <div class="pager">
              <button
                type="button"
                disabled={!(list.data?.hasNewer ?? false)}
                onClick={() => newest && setParams({ before: null, after: cursorText(newest) })}
              >
                ◂ Newer
              </button>
              <span class="grow" />
              <button
                type="button"
                disabled={!(list.data?.hasOlder ?? false)}
                onClick={() => {
                  const oldest = list.data?.oldest;
                  if (oldest) setParams({ before: cursorText(oldest), after: null });
                }}
              >
                Older ▸
              </button>
            </div>
          )}
        </section>
      </div>
    </div>
  );
}

/** Exact where a person may want to count along, rounded above. */
function Total({ count }: { readonly count: number }) {
  if (count < ROUNDED_FROM) return <>{formatWhole(count)}</>;
  return <span title={formatWhole(count)}>~{formatCompact(count)}</span>;
}

function Count({ shown, total }: { readonly shown: number; readonly total: number }) {
  return (
    <>
      {formatWhole(shown)} of <Total count={Math.max(shown, total)} />
    </>
  );
}

function pageOf(cursor: Cursor | null) {
  return cursor === null ? {} : { cursor: cursor.place, newer: cursor.newer };
}

/** `e` shows only traces with errors, and again all. */
function useErrorsKey(query: string): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "e" || isTyping(event)) return;
      setParams({ q: toggleTerm(query, "status:error"), before: null, after: null });
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [query]);
}

/** How many traces arrived since the list was loaded; asked for now and then, and the rows stay where they are. */
function useFresh(
  active: boolean,
  query: string,
  newest: Cursor["place"] | undefined,
  visit: number,
): number {
  const [fresh, setFresh] = useState(0);
  const place = newest === undefined ? "" : cursorText(newest);
  useEffect(() => {
    setFresh(0);
    if (!active) return;
    let busy = false;
    const abort = new AbortController();
    const timer = setInterval(() => {
      if (busy || document.hidden) return;
      busy = true;
      const after = newest === undefined ? {} : { cursor: newest, newer: true };
      traces.listTraces({ filter: { query }, limit: 100, ...after }, { signal: abort.signal })
        .then(
          (found) => setFresh(found.traces.length),
          // The list itself says what is wrong when it is loaded again.
          () => {},
        ).finally(() => busy = false);
    }, LIVE_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [active, query, place, visit]);
  return fresh;
}
