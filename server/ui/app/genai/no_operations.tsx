/**
 * Says where GenAI operations are when the page has none to show.
 *
 * @module
 */

import { exactTime, formatAgo } from "../format.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { setParams } from "../place.ts";
import { EmptyNote, FailureNote, Skeleton } from "../states.tsx";
import { fixedParams, presetReaching, relativeParams, relativeWords } from "../time_range.ts";
import { genAi } from "./api.ts";

/** Asks for the newest operation of all and offers a range that shows it; where there is none, how to send one. */
export function NoOperations(
  { narrowed, onData }: {
    /** Whether something is searched for. */
    readonly narrowed: boolean;
    readonly onData: () => void;
  },
) {
  const newest = useLoad("newest", (signal) => genAi.listGenAiSpans({ limit: 1 }, { signal }));
  if (newest.failure !== null) {
    return <FailureNote failure={newest.failure} onRetry={newest.reload} />;
  }
  if (newest.data === null) return <Skeleton rows={3} />;
  const [span] = newest.data.spans;
  if (span === undefined) {
    return (
      <EmptyNote title="No model, agent or tool was seen yet">
        <p>
          Spans appear here as soon as they carry <code>gen_ai.operation.name</code>{" "}
          or its counterparts of OpenInference, OpenLLMetry or the AI SDK.
        </p>
        <p class="row">
          <Link path="/traces" class="button primary">See how to send spans</Link>
          <button type="button" class="button" onClick={onData}>Look again</button>
        </p>
      </EmptyNote>
    );
  }
  if (narrowed) {
    return (
      <EmptyNote title="No operation matches">
        <p>Nothing in this time range answers the search.</p>
        <button
          type="button"
          class="button primary"
          onClick={() => setParams({ q: null, of: null, conversations: null })}
        >
          Clear the search
        </button>
      </EmptyNote>
    );
  }
  const startUs = Number(span.startTimeUs);
  const preset = presetReaching(startUs, Date.now());
  return (
    <EmptyNote title="No GenAI operations in this time range">
      <p>
        The newest one started{" "}
        <time dateTime={exactTime(startUs)} title={exactTime(startUs)}>{formatAgo(startUs)}</time>.
      </p>
      <button
        type="button"
        class="button primary"
        onClick={() =>
          setParams(
            preset === null
              ? fixedParams({ startUs: startUs - 1800e6, endUs: startUs + 1800e6 })
              : relativeParams(preset),
          )}
      >
        {preset === null ? "Show the hour around it" : `Show the last ${relativeWords(preset)}`}
      </button>
    </EmptyNote>
  );
}
