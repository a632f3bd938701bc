/**
 * Usage by group, most expensive first.
 *
 * @module
 */

import type {
  GenAiActivity,
  GenAiUsageGroup,
  GetUsageResponse,
} from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { formatDuration, formatMoney, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { changed } from "../place.ts";
import { hasTerm } from "../search_text.ts";
import { visibleText } from "../text.ts";
import { type GenAiView, splitTerm, withTerm } from "./view.ts";
import { errorRate, groupName } from "./usage_series.ts";

/** The table. A name adds a term to the search, or takes it away again. */
export function UsageTable(
  { usage, split, view, params }: {
    readonly usage: GetUsageResponse;
    readonly split: string;
    readonly view: GenAiView;
    readonly params: URLSearchParams;
  },
) {
  const most = Math.max(...usage.groups.map(({ activity }) => activity?.cost?.usd ?? 0), 0);
  return (
    <table class="data-table">
      <thead>
        <tr>
          <th scope="col">
            {split.startsWith("tag.") ? split.slice("tag.".length) : title(split)}
          </th>
          <th scope="col" class="number">Cost</th>
          <th scope="col" class="number">Input tokens</th>
          <th scope="col" class="number">Output tokens</th>
          <th scope="col" class="number">Operations</th>
          <th scope="col" class="number">Failed</th>
          <th scope="col" class="number">p50</th>
          <th scope="col" class="number">p95</th>
        </tr>
      </thead>
      <tbody>
        {usage.groups.map((group) => {
          const { activity } = group;
          if (activity === undefined) return null;
          const share = most === 0 ? 0 : (activity.cost?.usd ?? 0) / most;
          return (
            <tr key={`${group.kind} ${group.key}`}>
              <th scope="row" class="name">
                <GroupName group={group} split={split} view={view} params={params} />
              </th>
              <td class="number cost" data-label="Cost">
                <span class="cost-bar" style={{ width: `${share * 100}%` }} aria-hidden="true" />
                <Cost activity={activity} />
              </td>
              <td class="number" data-label="Input">{count(activity.tokens?.input)}</td>
              <td class="number" data-label="Output">{count(activity.tokens?.output)}</td>
              <td class="number" data-label="Operations">{count(activity.counts?.spanCount)}</td>
              <td class="number" data-label="Failed">
                <Failed activity={activity} />
              </td>
              <td class="number" data-label="p50">{duration(activity.durations?.p50Ms)}</td>
              <td class="number" data-label="p95">{duration(activity.durations?.p95Ms)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function GroupName(
  { group, split, view, params }: {
    readonly group: GenAiUsageGroup;
    readonly split: string;
    readonly view: GenAiView;
    readonly params: URLSearchParams;
  },
) {
  const name = visibleText(groupName(group, split), 120);
  if (group.kind !== "value") return <span class="muted">{name}</span>;
  const term = splitTerm(split, group.key);
  if (term === null) return <bdi>{name}</bdi>;
  return (
    <Link
      path="/genai"
      params={changed(params, withTerm(view, term))}
      title={hasTerm(view.query, term) ? "Take out of the search" : "Add to the search"}
    >
      <bdi>{name}</bdi>
    </Link>
  );
}

/** A cost with what is not in it. */
export function Cost({ activity }: { readonly activity: Pick<GenAiActivity, "cost"> }) {
  const usd = activity.cost?.usd;
  const unpriced = Number(activity.cost?.unpricedSpanCount ?? 0n);
  return (
    <span>
      {usd !== undefined && formatMoney(usd)}
      {usd !== undefined && unpriced > 0 && " "}
      {unpriced > 0 && (
        <span
          class="warn"
          title="Calls with tokens whose model has no known price; they are not in the cost"
        >
          {usd === undefined ? "unpriced" : `+ ${formatWhole(unpriced)} unpriced`}
        </span>
      )}
      {usd === undefined && unpriced === 0 && <span class="muted">–</span>}
    </span>
  );
}

/** Failures with their share. */
export function Failed({ activity }: { readonly activity: GenAiActivity }) {
  const failed = Number(activity.counts?.errorCount ?? 0n);
  if (failed === 0) return <span class="muted">0</span>;
  return (
    <span class="bad">
      {formatWhole(failed)} ({Number(((errorRate(activity) ?? 0) * 100).toPrecision(2))} %)
    </span>
  );
}

function count(value: bigint | undefined) {
  return value === undefined || value === 0n
    ? <span class="muted">–</span>
    : formatWhole(Number(value));
}

function duration(ms: number | undefined) {
  return ms === undefined ? <span class="muted">–</span> : formatDuration(ms * 1000);
}

function title(split: string): string {
  return split.slice(0, 1).toUpperCase() + split.slice(1);
}
