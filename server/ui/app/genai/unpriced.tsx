/**
 * Says which models have no price.
 *
 * @module
 */

import type { GenAiActivity } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { visibleText } from "../text.ts";
import { genAi } from "./api.ts";
import type { GenAiFilter } from "./view.ts";

const MAX_NAMED = 8;

/** A line with the models whose calls are not in the cost; nothing when all have a price. */
export function Unpriced(
  { filter, filterKey, total }: {
    readonly filter: GenAiFilter;
    readonly filterKey: string;
    readonly total: GenAiActivity;
  },
) {
  const count = Number(total.cost?.unpricedSpanCount ?? 0n);
  const models = useLoad(
    count === 0 ? "" : filterKey,
    async (signal) =>
      count === 0 ? [] : (await genAi.getModelMetrics({ filter }, { signal })).models,
  );
  if (count === 0) return null;
  const unpriced = (models.data ?? []).filter(({ cost }) => (cost?.unpricedSpanCount ?? 0n) > 0n);
  return (
    <p class="banner" role="note">
      <b>{formatWhole(count)} {count === 1 ? "call has" : "calls have"} no price</b> and{" "}
      {count === 1 ? "is" : "are"} not in the cost
      {unpriced.length > 0 && ": "}
      {unpriced.slice(0, MAX_NAMED).map(({ model, cost }, index) => (
        <span key={model}>
          {index > 0 && ", "}
          <Link path="/admin/prices" params={new URLSearchParams({ model })}>
            <bdi>{visibleText(model, 60)}</bdi>
          </Link>{" "}
          ({formatWhole(Number(cost?.unpricedSpanCount ?? 0n))})
        </span>
      ))}
      {unpriced.length > MAX_NAMED && ` and ${unpriced.length - MAX_NAMED} more models`}. Follow a
      model to set its price.
    </p>
  );
}
