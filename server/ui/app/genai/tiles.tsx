/**
 * The totals of the window.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import type { GenAiActivity } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { formatCompact, formatDuration, formatMoney, formatWhole } from "../format.ts";
import { errorRate } from "./usage_series.ts";

/** Cost, tokens, operations, failures, latency. */
export function Tiles({ total }: { readonly total: GenAiActivity }) {
  const { cost, tokens, counts, durations } = total;
  const input = Number(tokens?.input ?? 0n);
  const output = Number(tokens?.output ?? 0n);
  const cached = Number(tokens?.cacheRead ?? 0n);
  const unpriced = Number(cost?.unpricedSpanCount ?? 0n);
  const failed = Number(counts?.errorCount ?? 0n);
  const typed = Number(counts?.typedErrorCount ?? 0n);
  const rate = errorRate(total);
  return (
    <dl class="tiles">
      <Tile name="Cost" value={cost?.usd === undefined ? "unpriced" : formatMoney(cost.usd)}>
        {unpriced > 0
          ? <span class="warn">without {formatWhole(unpriced)} unpriced calls</span>
          : cost?.usd === undefined
          ? "no call tells its tokens"
          : "all calls have a price"}
      </Tile>
      <Tile
        name="Tokens"
        value={formatCompact(input + output)}
        exact={formatWhole(input + output)}
      >
        {formatCompact(input)} in{cached > 0 && ` (${formatCompact(cached)} from cache)`},{" "}
        {formatCompact(output)} out
      </Tile>
      <Tile name="Operations" value={formatWhole(Number(counts?.spanCount ?? 0n))}>
        calls of models, agents and tools
      </Tile>
      <Tile
        name="Failed"
        value={formatWhole(failed)}
        tone={failed > 0 ? "bad" : ""}
      >
        {rate === null ? "" : `${Number((rate * 100).toPrecision(3))} % of operations`}
        {failed > 0 && `, ${formatWhole(typed)} name an error type`}
      </Tile>
      <Tile
        name="Latency, p95"
        value={durations === undefined ? "–" : formatDuration(durations.p95Ms * 1000)}
      >
        {durations !== undefined &&
          `p50 ${formatDuration(durations.p50Ms * 1000)}, p99 ${
            formatDuration(durations.p99Ms * 1000)
          }`}
      </Tile>
    </dl>
  );
}

/** One number with its name and a line about it. */
export function Tile(
  { name, value, exact, tone = "", children }: {
    readonly name: string;
    readonly value: string;
    /** Shown on hover where `value` is rounded. */
    readonly exact?: string;
    readonly tone?: string;
    readonly children?: ComponentChildren;
  },
) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd class={`tile-value ${tone}`} {...(exact === undefined ? {} : { title: exact })}>
        {value}
      </dd>
      <dd class="muted">{children}</dd>
    </div>
  );
}
