/**
 * What came in, what did not and why, and how far behind the stores are.
 *
 * @module
 */

import type { GetIngestHealthResponse } from "../../../../sdk/gen/scouter/v1/admin_pb.ts";
import { TimeChart } from "../charts/time_chart.tsx";
import { countUnit, MILLISECONDS } from "../charts/units.ts";
import { formatDuration, formatSize, formatWhole } from "../format.ts";
import { Tile } from "../genai/tiles.tsx";
import { useLoad } from "../loading.ts";
import { setParams } from "../place.ts";
import { useLiveTick } from "../shell/live.tsx";
import { visibleText } from "../text.ts";
import { admin } from "./api.ts";
import { flowChart, lagChart } from "./ingest_series.ts";
import { IngestTable } from "./ingest_table.tsx";
import { Ago, Shown } from "./parts.tsx";
import { ReasonList, RejectedList } from "./rejected.tsx";
import { WhereIsMyTrace } from "./where.tsx";

const WINDOWS = [15, 60, 120];
const SPANS = countUnit("Spans and records");

/** The part at `/admin/ingest`. */
export function IngestSection({ params }: { readonly params: URLSearchParams }) {
  const tick = useLiveTick(params);
  const minutes = WINDOWS.find((count) => String(count) === params.get("minutes")) ?? 60;
  const source = params.get("source") ?? "";
  const senderId = params.get("sender") ?? "";
  const health = useLoad(
    `${minutes} ${source} ${senderId} ${tick}`,
    (signal) => admin.getIngestHealth({ minutes, source, senderId }, { signal }),
  );
  return (
    <>
      <WhereIsMyTrace params={params} />
      <div class="row genai-controls">
        <label>
          Window{" "}
          <select
            value={String(minutes)}
            onChange={({ currentTarget: { value } }) =>
              setParams({ minutes: value === "60" ? null : value })}
          >
            {WINDOWS.map((count) => (
              <option key={count} value={String(count)}>Last {count} minutes</option>
            ))}
          </select>
        </label>
        {([["source", "Source", source], ["sender", "Sender", senderId]] as const).map((
          [name, label, value],
        ) =>
          value !== "" && (
            <button
              key={name}
              type="button"
              class="chip"
              aria-label={`Remove the filter: ${label} ${value}`}
              onClick={() => setParams({ [name]: null })}
            >
              {label}: <bdi>{visibleText(value, 60)}</bdi> <span aria-hidden="true">✕</span>
            </button>
          )
        )}
        <span class="grow" />
        <button type="button" class="button" onClick={health.reload}>Refresh</button>
      </div>
      <Shown loaded={health} rows={14}>
        {(data) => <Health data={data} minutes={minutes} params={params} />}
      </Shown>
    </>
  );
}

function Health(
  { data, minutes, params }: {
    readonly data: GetIngestHealthResponse;
    readonly minutes: number;
    readonly params: URLSearchParams;
  },
) {
  const { total, lag, rows } = data;
  const refused = Number(total?.refusedRequests ?? 0n);
  const rejected = Number(total?.rejected ?? 0n);
  const since = data.sinceStart;
  return (
    <>
      {lag !== undefined && lag.trouble !== "" && (
        <p class="banner bad" role="alert">
          <b>Spans cannot be stored or moved:</b> {visibleText(lag.trouble, 2000)}
        </p>
      )}
      {lag?.backPressure === true && (
        <p class="banner" role="alert">
          <b>Back-pressure:</b>{" "}
          senders are told to come back later, because segments wait to be written to the table.
        </p>
      )}
      <dl class="tiles">
        <Tile name="Accepted" value={formatWhole(Number(total?.accepted ?? 0n))}>
          spans and records in {minutes} min; {formatWhole(Number(since?.accepted ?? 0n))}{" "}
          since the start
        </Tile>
        <Tile
          name="Rejected"
          value={formatWhole(rejected)}
          tone={rejected + refused > 0 ? "bad" : ""}
        >
          spans, and {formatWhole(refused)} whole {refused === 1 ? "request" : "requests"}
        </Tile>
        <Tile name="Stored before" value={formatWhole(Number(total?.deduplicated ?? 0n))}>
          sent again, kept once
        </Tile>
        <Tile name="Late" value={formatWhole(Number(total?.late ?? 0n))}>
          ended over 5 min before they came
        </Tile>
        <Tile name="Received" value={formatSize(Number(total?.bytes ?? 0n))}>
          in {formatWhole(Number(total?.requests ?? 0n))} requests
        </Tile>
        <Tile
          name="Lag to disk, p95"
          value={lag?.durableP95Ms === undefined ? "–" : formatDuration(lag.durableP95Ms * 1000)}
        >
          {lag?.durableMaxMs === undefined
            ? "nothing stored yet"
            : `p50 ${formatDuration((lag.durableP50Ms ?? 0) * 1000)}, longest ${
              formatDuration(lag.durableMaxMs * 1000)
            }`}
        </Tile>
        <Tile name="Lag to table" value={formatDuration((lag?.tableLagMs ?? 0) * 1000)}>
          {formatWhole(Number(lag?.hotSpans ?? 0n))} spans wait; moved after at most{" "}
          {formatDuration((lag?.tableLagLimitMs ?? 0) * 1000)}
        </Tile>
        <Tile
          name="Queue"
          value={`${lag?.waitingSegments ?? 0} of ${lag?.maxWaitingSegments ?? 0}`}
          tone={lag?.backPressure === true ? "bad" : ""}
        >
          {lag?.backPressure === true ? "✕ back-pressure" : "✓ no back-pressure"};{" "}
          {formatSize(Number(lag?.bufferedBytes ?? 0n))} in memory
        </Tile>
      </dl>
      <div class="charts">
        <TimeChart
          id="flow"
          title="Came in, by minute"
          kind="bars"
          unit={SPANS}
          data={flowChart(data)}
          onNarrow={null}
        />
        <TimeChart
          id="lag"
          title="Lag, longest of each minute"
          kind="lines"
          unit={MILLISECONDS}
          data={lagChart(data)}
          onNarrow={null}
        />
      </div>
      <ReasonList reasons={total?.reasons ?? []} />
      <section class="box" aria-labelledby="sources">
        <h2 id="sources">Sources and senders</h2>
        {rows.length === 0
          ? (
            <p class="muted">
              Nobody sent anything since the server started <Ago timeUs={data.startedUs} />.
            </p>
          )
          : <IngestTable rows={rows} params={params} />}
      </section>
      <RejectedList examples={data.rejectedExamples} />
    </>
  );
}
