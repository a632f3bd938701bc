/**
 * Where is my trace? Paste an id, get an answer.
 *
 * @module
 */

import type { LocateTraceResponse } from "../../../../sdk/gen/scouter/v1/admin_pb.ts";
import { exactTime, formatAgo, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { setParams } from "../place.ts";
import { pastedTrace } from "../shell/pasted.ts";
import { visibleText } from "../text.ts";
import { admin } from "./api.ts";
import { Ago, Shown } from "./parts.tsx";
import { Examples } from "./rejected.tsx";

/** Verdicts: sign, tone and words. */
const VERDICTS: Readonly<Record<string, readonly [sign: string, tone: string, words: string]>> = {
  stored: ["✓", "ok", "Stored"],
  partly_rejected: ["!", "warn", "Stored in part"],
  rejected: ["✕", "bad", "Refused"],
  never_seen: ["?", "warn", "Never seen"],
};

/** The box; the id stands in the address. */
export function WhereIsMyTrace({ params }: { readonly params: URLSearchParams }) {
  const asked = params.get("trace") ?? "";
  const traceId = pastedTrace(asked)?.traceId ?? asked.trim();
  return (
    <section class="box" aria-labelledby="where">
      <h2 id="where">Where is my trace?</h2>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const given = String(new FormData(event.currentTarget).get("trace") ?? "").trim();
          setParams({ trace: given });
        }}
      >
        <label class="sr" for="where-id">Trace id, traceparent or address of a trace</label>
        <input
          id="where-id"
          class="trace-id"
          name="trace"
          key={asked}
          defaultValue={asked}
          placeholder="Trace id, traceparent or address of a trace"
          spellcheck={false}
        />
        <button type="submit" class="button primary">Find it</button>
        {asked !== "" && (
          <button type="button" onClick={() => setParams({ trace: null })}>Clear</button>
        )}
      </form>
      {traceId !== "" && <Answer key={traceId} traceId={traceId} />}
    </section>
  );
}

function Answer({ traceId }: { readonly traceId: string }) {
  const found = useLoad(traceId, (signal) => admin.locateTrace({ traceId }, { signal }));
  return (
    <div class="answer" role="status">
      <Shown loaded={found} rows={2}>{(data) => <Verdict data={data} traceId={traceId} />}</Shown>
    </div>
  );
}

function Verdict(
  { data, traceId }: { readonly data: LocateTraceResponse; readonly traceId: string },
) {
  const [sign, tone, words] = VERDICTS[data.verdict] ?? ["?", "", data.verdict];
  const stored = Number(data.hotSpans + data.tableSpans);
  const startUs = Number(data.firstStartTimeUs ?? 0n);
  return (
    <>
      <p>
        <b class={tone}>{sign} {words}</b>. {visibleText(data.explanation, 1000)}
      </p>
      {stored > 0 && (
        <p>
          {formatWhole(stored)} {stored === 1 ? "span" : "spans"}:{" "}
          {formatWhole(Number(data.tableSpans))} in the table, {formatWhole(Number(data.hotSpans))}
          {" "}
          on disk and not yet in the table. Services:{" "}
          {data.services.map((name) => visibleText(name, 60)).join(", ")}. Started{" "}
          <time dateTime={exactTime(startUs)} title={exactTime(startUs)}>
            {formatAgo(startUs)}
          </time>. <Link path={`/traces/${traceId.toLowerCase()}`}>Open the trace</Link>
        </p>
      )}
      {data.rejected.length > 0 && <Examples examples={data.rejected} />}
      {stored === 0 && (
        <p class="muted">
          Refusals are remembered since <Ago timeUs={data.rejectionsSinceUs} />
          {data.retentionDays > 0 && `; spans are kept for ${data.retentionDays} days`}.
        </p>
      )}
    </>
  );
}
