/**
 * What models, agents and tools do, how it goes and what it costs.
 *
 * @module
 */

import { useEffect, useMemo } from "preact/hooks";
import type { GetUsageResponse } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { bucketWidth } from "../charts/buckets.ts";
import { TimeChart } from "../charts/time_chart.tsx";
import { countUnit, MILLISECONDS, MONEY, SHARE } from "../charts/units.ts";
import { formatWhole } from "../format.ts";
import { useLoad } from "../loading.ts";
import { setParams } from "../place.ts";
import { FailureNote, Skeleton } from "../states.tsx";
import { useWindow } from "../use_window.ts";
import { genAi } from "./api.ts";
import { Controls } from "./controls.tsx";
import { ConversationList } from "./conversation_list.tsx";
import { NoOperations } from "./no_operations.tsx";
import { FinishReasons, SlowestTools } from "./side_lists.tsx";
import { Tiles } from "./tiles.tsx";
import { Unpriced } from "./unpriced.tsx";
import { usageCharts } from "./usage_series.ts";
import { UsageTable } from "./usage_table.tsx";
import { genAiFilter, genAiView, SPLITS } from "./view.ts";

/** Most buckets of a chart. */
const BUCKETS = 90;
const TOKENS = countUnit("Tokens");

/** The page at `/genai`. */
export function GenAiPage({ params }: { readonly params: URLSearchParams }) {
  const { window, key, refresh } = useWindow(params);
  const view = genAiView(params);
  const { split, of } = view;
  const filter = genAiFilter(view, window);
  const width = bucketWidth(window, BUCKETS);
  const filterKey = `${key} ${view.query}`;
  const { renewed } = view;
  useEffect(() => {
    if (renewed !== null) setParams(renewed, true);
  }, [renewed !== null]);
  const usage = useLoad(
    `${filterKey} ${split} ${of}`,
    async (signal) => {
      const answer = await genAi.getUsage({
        filter,
        bucketInterval: width.text,
        splitBy: split === "none" ? "" : split,
        of,
      }, { signal });
      return { answer, charts: usageCharts(answer, split, window, width.us), split };
    },
  );
  const reload = () => {
    refresh();
    usage.reload();
  };
  const shown = usage.data;
  const total = shown?.answer.total;
  const by = useMemo(() => splitWords(shown?.split ?? split), [shown]);

  if (usage.failure?.needsLogin) return <FailureNote failure={usage.failure} onRetry={reload} />;
  return (
    <div class="genai">
      <h1>GenAI</h1>
      <Controls view={view} window={window} params={params} onRefresh={reload} />
      {usage.failure !== null && <FailureNote failure={usage.failure} onRetry={reload} />}
      {usage.failure === null && (shown === null || total === undefined) && <Skeleton rows={14} />}
      {usage.failure === null && shown !== null && total !== undefined && (
        Number(total.counts?.spanCount ?? 0n) === 0
          ? <NoOperations narrowed={view.query !== "" || of !== ""} onData={reload} />
          : (
            <div aria-busy={usage.loading} class="genai-body">
              <Tiles total={total} />
              <Unpriced filter={filter} filterKey={filterKey} total={total} />
              <div class="charts">
                <TimeChart
                  id="cost"
                  title={`Cost${by}`}
                  kind="bars"
                  unit={MONEY}
                  data={shown.charts.cost}
                  empty="No call in this time range has a price."
                />
                <TimeChart
                  id="tokens"
                  title={shown.split === "none" ? "Tokens by kind" : `Tokens${by}`}
                  kind="bars"
                  unit={TOKENS}
                  data={shown.charts.tokens}
                  empty="No call in this time range tells its tokens."
                />
                <TimeChart
                  id="latency"
                  title={shown.split === "none" ? "Latency" : `Latency, p95${by}`}
                  kind="lines"
                  unit={MILLISECONDS}
                  data={shown.charts.latency}
                />
                <TimeChart
                  id="errors"
                  title={`Error rate${by}`}
                  kind="lines"
                  unit={SHARE}
                  data={shown.charts.errors}
                />
              </div>
              <section class="box" aria-labelledby="spenders">
                <h2 id="spenders">Top spenders{by}</h2>
                <UsageTable
                  usage={shown.answer}
                  split={shown.split}
                  view={view}
                  params={params}
                />
                <Folded usage={shown.answer} />
              </section>
              <div class="halves">
                <SlowestTools filter={filter} filterKey={filterKey} view={view} params={params} />
                <FinishReasons filter={filter} filterKey={filterKey} />
              </div>
              <ConversationList
                filter={filter}
                filterKey={filterKey}
                steadyKey={`${params.get("range")} ${view.query}`}
                params={params}
              />
            </div>
          )
      )}
    </div>
  );
}

/** Says how many values are in the row of all others. */
function Folded({ usage }: { readonly usage: GetUsageResponse }) {
  const told = usage.groups.filter(({ kind }) => kind === "value").length;
  const all = Number(usage.valueCount);
  if (all <= told) return null;
  return (
    <p class="muted">
      The first {formatWhole(told)} of {formatWhole(all)}; the other {formatWhole(all - told)}{" "}
      are added up.
    </p>
  );
}

function splitWords(split: string): string {
  if (split === "none") return "";
  if (split.startsWith("tag.")) return ` by ${split.slice("tag.".length)}`;
  return ` by ${SPLITS.find(([value]) => value === split)?.[1].toLowerCase() ?? split}`;
}
