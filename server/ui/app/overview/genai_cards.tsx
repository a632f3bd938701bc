/**
 * Cost and tokens of the window, where GenAI operations were seen.
 *
 * @module
 */

import { int64 } from "../api.ts";
import { formatCompact, formatMoney, formatWhole } from "../format.ts";
import { genAi } from "../genai/api.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { sharedParams } from "../shared_params.ts";
import { visibleText } from "../text.ts";
import type { TimeWindow } from "../time_range.ts";
import { Card } from "./card.tsx";
import { beforeOf, beforeText, changeOf, dense, type PartProps } from "./comparison.ts";

const POINTS = 48;
const DAY_SECONDS = 86_400;

/** Seconds of a point: whole days where a point has more than one, for an interval has no more than six digits. */
function widthOf({ startUs, endUs }: TimeWindow): number {
  const seconds = Math.max(1, Math.ceil((endUs - startUs) / 1e6 / POINTS));
  return seconds < DAY_SECONDS ? seconds : Math.ceil(seconds / DAY_SECONDS) * DAY_SECONDS;
}

/** Two cards; none where there were no operations. */
export function GenAiCards({ params, window, loadKey }: PartProps) {
  const widthSeconds = widthOf(window);
  const usage = useLoad(loadKey, async (signal) => {
    const ask = ({ startUs, endUs }: TimeWindow) =>
      genAi.getUsage({
        filter: { startTimeUs: int64(startUs), endTimeUs: int64(endUs) },
        bucketInterval: widthSeconds < DAY_SECONDS
          ? `${widthSeconds} seconds`
          : `${widthSeconds / DAY_SECONDS} days`,
      }, { signal });
    const [now, then] = await Promise.all([ask(window), ask(beforeOf(window))]);
    return { now, then };
  });
  if (usage.failure !== null) {
    return (
      <section class="card" aria-label="GenAI" role="alert">
        <h2>GenAI</h2>
        <p class="bad">Could not be loaded: {visibleText(usage.failure.message, 200)}</p>
        <button type="button" class="small" onClick={usage.reload}>Try again</button>
      </section>
    );
  }
  if (usage.data === null) {
    return <div class="card skeleton-row" role="status" aria-label="Loading" />;
  }
  const { now, then } = usage.data;
  const { total } = now;
  if (total === undefined || (total.counts?.spanCount ?? 0n) === 0n) return null;
  const before = beforeText(params);
  const usd = total.cost?.usd;
  const unpriced = Number(total.cost?.unpricedSpanCount ?? 0n);
  const tokens = tokensOf(total.tokens);
  const course = (
    of: (bucket: (typeof now.buckets)[number]) => number | null,
    missing: number | null,
  ) =>
    dense(
      window,
      widthSeconds * 1e6,
      now.buckets,
      ({ startTimeUs }) => Number(startTimeUs),
      of,
      missing,
    );
  const to = sharedParams(params);
  return (
    <>
      <Card
        title="Cost"
        value={usd === undefined ? "unpriced" : formatMoney(usd)}
        path="/genai"
        to={to}
        change={usd === undefined ? null : changeOf(usd, then.total?.cost?.usd ?? null)}
        more="worse"
        before={before}
        spark={{
          kind: "bars",
          values: course(({ activity }) => activity?.cost?.usd ?? null, null),
          label: "Cost over time",
        }}
      >
        {unpriced === 0
          ? usd === undefined ? "no call tells its tokens" : "all calls have a price"
          : (
            <Link path="/genai" params={to} class="warn">
              ▲ without {formatWhole(unpriced)} unpriced {unpriced === 1 ? "call" : "calls"}
            </Link>
          )}
      </Card>
      <Card
        title="Tokens"
        value={formatCompact(tokens)}
        exact={formatWhole(tokens)}
        path="/genai"
        to={to}
        change={changeOf(tokens, tokensOf(then.total?.tokens) || null)}
        more="neither"
        before={before}
        spark={{
          kind: "bars",
          values: course(({ activity }) => tokensOf(activity?.tokens), 0),
          label: "Tokens over time",
        }}
      >
        {formatCompact(Number(total.tokens?.input ?? 0n))} in,{" "}
        {formatCompact(Number(total.tokens?.output ?? 0n))} out
      </Card>
    </>
  );
}

function tokensOf(tokens: { readonly input: bigint; readonly output: bigint } | undefined): number {
  return tokens === undefined ? 0 : Number(tokens.input + tokens.output);
}
