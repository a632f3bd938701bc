/**
 * What steps cost. What has no price is said, never counted as nothing.
 *
 * @module
 */

import type { GenAiStep } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { formatMoney } from "../format.ts";

/** A sum of costs. */
export interface Cost {
  /** US dollars of the priced steps; null when none has a price. */
  readonly usd: number | null;
  /** Steps with tokens whose model has no known price. */
  readonly unpriced: number;
}

/** The sum over steps. */
export function costOf(steps: readonly GenAiStep[]): Cost {
  let usd: number | null = null;
  let unpriced = 0;
  for (const step of steps) {
    if (step.costUsd !== undefined) usd = (usd ?? 0) + step.costUsd;
    else if (step.inputTokens !== undefined || step.outputTokens !== undefined) unpriced++;
  }
  return { usd, unpriced };
}

/** Shows a sum. */
export function CostOf({ cost }: { readonly cost: Cost }) {
  const { usd, unpriced } = cost;
  if (usd === null && unpriced === 0) return null;
  return (
    <span class="cost">
      {usd !== null && <span title={`${usd} US dollars`}>{formatMoney(usd)}</span>}
      {unpriced > 0 && (
        <span
          class="muted"
          title="No price is known for the model. Prices are set on the Admin page."
        >
          {usd === null ? "" : " + "}
          {unpriced} unpriced
        </span>
      )}
    </span>
  );
}
