/**
 * Requests, failures and durations of the window.
 *
 * @module
 */

import type { GetHistogramResponse } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { formatCompact, formatDuration, formatShare, formatWhole } from "../format.ts";
import { levelOf, MARKS } from "../services/levels.ts";
import { sharedParams } from "../shared_params.ts";
import { Card } from "./card.tsx";
import { beforeText, changeOf, dense, type PartProps } from "./comparison.ts";

/** Three cards. */
export function TraceCards({ params, window, now, then }: PartProps & {
  readonly now: GetHistogramResponse;
  readonly then: GetHistogramResponse;
}) {
  const count = Number(now.traceCount);
  const failed = Number(now.errorCount);
  const countBefore = Number(then.traceCount);
  const share = count === 0 ? 0 : failed / count;
  const shareBefore = countBefore === 0 ? null : Number(then.errorCount) / countBefore;
  const level = levelOf(failed, count);
  const before = beforeText(params);
  const course = (of: (ok: number, errors: number) => number) =>
    dense(
      window,
      Number(now.bucketUs),
      now.times,
      ({ startTimeUs }) => Number(startTimeUs),
      ({ okCount, errorCount }) => of(Number(okCount), Number(errorCount)),
      0,
    );
  const p95 = now.p95DurationUs ?? 0;
  return (
    <>
      <Card
        title="Traces"
        value={formatCompact(count)}
        exact={formatWhole(count)}
        path="/traces"
        to={sharedParams(params)}
        change={changeOf(count, countBefore)}
        more="neither"
        before={before}
        spark={{
          kind: "bars",
          values: course((ok, errors) => ok + errors),
          label: "Traces over time",
        }}
      >
        {formatCompact(count - failed)} without an error
      </Card>
      <Card
        title="Failed"
        value={`${MARKS[level]} ${formatShare(share)}`}
        path="/traces"
        to={sharedParams(params, { q: "status:error" })}
        change={changeOf(share, shareBefore)}
        more="worse"
        before={before}
        spark={{
          kind: "bars",
          tone: "bad",
          values: course((_ok, errors) => errors),
          label: "Failed traces over time",
        }}
      >
        {formatWhole(failed)} {failed === 1 ? "trace" : "traces"} with a failed span
      </Card>
      <Card
        title="Duration, p95"
        value={now.p95DurationUs === undefined ? "–" : formatDuration(p95)}
        path="/traces"
        to={sharedParams(params, { q: `duration>=${Math.max(0, Math.floor(p95)) / 1000}ms` })}
        change={changeOf(p95, then.p95DurationUs ?? null)}
        more="worse"
        before={before}
        spark={{
          kind: "bars",
          values: durations(now),
          label: "Traces by duration, short ones left",
        }}
      >
        p50 {formatDuration(now.p50DurationUs ?? 0)}, p99 {formatDuration(now.p99DurationUs ?? 0)}
      </Card>
    </>
  );
}

/** Counts by class of duration, with the classes between that have none. */
function durations({ durations }: GetHistogramResponse): number[] {
  const [first] = durations;
  if (first === undefined) return [];
  // Each class is 10^(1/5) times as wide as the one before.
  const classOf = (fromUs: bigint) => Math.round(Math.log10(Math.max(1, Number(fromUs))) * 5);
  const from = classOf(first.fromUs);
  const to = classOf(durations.at(-1)?.fromUs ?? first.fromUs);
  const values = Array.from({ length: to - from + 1 }, () => 0);
  for (const { fromUs, count } of durations) {
    const at = classOf(fromUs) - from;
    values[at] = (values[at] ?? 0) + Number(count);
  }
  return values;
}
