/**
 * Says that what is shown is a sample, and removes it.
 *
 * @module
 */

import { createClient } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import { SampleDataService } from "../../../sdk/gen/scouter/v1/sample_pb.ts";
import { failureOf, transport } from "./api.ts";
import { formatWhole } from "./format.ts";
import { useLoad } from "./loading.ts";
import { visibleText } from "./text.ts";

const samples = createClient(SampleDataService, transport);

/** The banner; nothing where there is no sample data. */
export function SampleBanner(
  { loadKey, onRemoved }: { readonly loadKey: string; readonly onRemoved: () => void },
) {
  const [removing, setRemoving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const found = useLoad(loadKey, (signal) => samples.getSampleData({}, { signal }));
  const spans = Number(found.data?.spanCount ?? 0n);
  if (spans === 0) return null;
  const remove = () => {
    setRemoving(true);
    setProblem(null);
    samples.removeSampleData({}).then(onRemoved, (thrown) => setProblem(failureOf(thrown).message))
      .finally(() => setRemoving(false));
  };
  return (
    <p class="sample-banner" role="note">
      <span>
        This includes <b>sample data</b>: {formatWhole(spans)}{" "}
        spans of a small shop with an agent, in services whose names begin with{" "}
        <code>sample-</code>.
      </span>
      <button type="button" class="small" disabled={removing} onClick={remove}>
        {removing ? "Removing…" : "Remove sample data"}
      </button>
      {problem !== null && (
        <span class="bad" role="alert">It could not be removed: {visibleText(problem, 300)}</span>
      )}
    </p>
  );
}
