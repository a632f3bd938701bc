/**
 * The slowest tools and why models stopped.
 *
 * @module
 */

import { formatDuration, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { changed } from "../place.ts";
import { hasTerm, termOf } from "../search_text.ts";
import { FailureNote, Skeleton } from "../states.tsx";
import { visibleText } from "../text.ts";
import { genAi } from "./api.ts";
import { Failed } from "./usage_table.tsx";
import { type GenAiFilter, type GenAiView, withTerm } from "./view.ts";

/** What both lists are about. */
export interface SideListProps {
  readonly filter: GenAiFilter;
  readonly filterKey: string;
}

const TOOLS = 10;

/** Tools by the duration that one of twenty calls exceeds. */
export function SlowestTools(
  { filter, filterKey, view, params }: SideListProps & {
    readonly view: GenAiView;
    readonly params: URLSearchParams;
  },
) {
  const tools = useLoad(
    filterKey,
    (signal) =>
      genAi.getUsage({
        filter,
        splitBy: "tool",
        of: "tools",
        maxGroups: 50,
        bucketInterval: "year",
      }, { signal }),
  );
  const rows = (tools.data?.groups ?? [])
    .filter(({ kind }) => kind === "value")
    .toSorted((a, b) => (b.activity?.durations?.p95Ms ?? 0) - (a.activity?.durations?.p95Ms ?? 0))
    .slice(0, TOOLS);
  return (
    <section class="box" aria-labelledby="slowest">
      <h2 id="slowest">Slowest tools</h2>
      {tools.failure !== null
        ? <FailureNote failure={tools.failure} onRetry={tools.reload} />
        : tools.data === null
        ? <Skeleton rows={4} />
        : rows.length === 0
        ? <p class="muted">No tool was called in this time range.</p>
        : (
          <table class="data-table">
            <thead>
              <tr>
                <th scope="col">Tool</th>
                <th scope="col" class="number">p95</th>
                <th scope="col" class="number">p50</th>
                <th scope="col" class="number">Calls</th>
                <th scope="col" class="number">Failed</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ key, activity }) =>
                activity && (
                  <tr key={key}>
                    <th scope="row" class="name">
                      <Link
                        path="/genai"
                        params={changed(params, withTerm(view, termOf("tool", key)))}
                        title={hasTerm(view.query, termOf("tool", key))
                          ? "Take out of the search"
                          : "Add to the search"}
                      >
                        <bdi>{visibleText(key, 80)}</bdi>
                      </Link>
                    </th>
                    <td class="number" data-label="p95">
                      {formatDuration((activity.durations?.p95Ms ?? 0) * 1000)}
                    </td>
                    <td class="number" data-label="p50">
                      {formatDuration((activity.durations?.p50Ms ?? 0) * 1000)}
                    </td>
                    <td class="number" data-label="Calls">
                      {formatWhole(Number(activity.counts?.spanCount ?? 0n))}
                    </td>
                    <td class="number" data-label="Failed">
                      <Failed activity={activity} />
                    </td>
                  </tr>
                )
              )}
            </tbody>
          </table>
        )}
    </section>
  );
}

/** Reasons with bars on a common scale. */
export function FinishReasons({ filter, filterKey }: SideListProps) {
  const found = useLoad(filterKey, (signal) => genAi.getFinishReasons({ filter }, { signal }));
  const reasons = found.data?.reasons ?? [];
  const untold = Number(found.data?.untoldCount ?? 0n);
  const all = reasons.reduce((sum, { count }) => sum + Number(count), 0) + untold;
  return (
    <section class="box" aria-labelledby="reasons">
      <h2 id="reasons">Finish reasons</h2>
      {found.failure !== null
        ? <FailureNote failure={found.failure} onRetry={found.reload} />
        : found.data === null
        ? <Skeleton rows={4} />
        : all === 0
        ? <p class="muted">No model was called in this time range.</p>
        : (
          <ul class="reasons">
            {reasons.map(({ reason, count }) => (
              <Reason key={reason} name={visibleText(reason, 60)} count={Number(count)} all={all} />
            ))}
            {untold > 0 && <Reason name="not told" count={untold} all={all} muted />}
          </ul>
        )}
    </section>
  );
}

function Reason(
  { name, count, all, muted = false }: {
    readonly name: string;
    readonly count: number;
    readonly all: number;
    readonly muted?: boolean;
  },
) {
  return (
    <li>
      <span class={muted ? "muted" : ""}>
        <bdi>{name}</bdi>
      </span>
      <span class="reason-bar" aria-hidden="true">
        <span style={{ width: `${(count / all) * 100}%` }} />
      </span>
      <span class="number">
        {formatWhole(count)}{" "}
        <span class="muted">{Number(((count / all) * 100).toPrecision(2))} %</span>
      </span>
    </li>
  );
}
