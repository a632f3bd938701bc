/**
 * Log records of a trace or of one of its spans.
 *
 * @module
 */

import { type Client, createClient } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import { type LogRecord, LogService } from "../../../../sdk/gen/scouter/v1/logs_pb.ts";
import { transport } from "../api.ts";
import { exactTime, formatDuration, formatWhole } from "../format.ts";
import { useLoad } from "../loading.ts";
import { LongText } from "../long_text.tsx";
import { hueClass } from "../service_color.ts";
import { EmptyNote, FailureNote, Skeleton } from "../states.tsx";
import { valueText, visibleText } from "../text.ts";
import { Attributes } from "./attributes.tsx";
import type { TraceModel } from "./trace_model.ts";

/** Reads log records. */
const logs: Client<typeof LogService> = createClient(LogService, transport);

const MOST_OF_TRACE = 1000;
const MOST_OF_SPAN = 100;
const SEVERITIES = ["trace", "debug", "info", "warn", "error", "fatal"];

/** All records of a trace, as a view of it. */
export function TraceLogs(
  { model, params, onSelect }: {
    readonly model: TraceModel;
    readonly params: URLSearchParams;
    readonly onSelect: (spanId: string) => void;
  },
) {
  const { traceId } = model;
  const read = useLoad(
    `${traceId} ${model.spans.length}`,
    (signal) => logs.listLogs({ traceId, limit: MOST_OF_TRACE }, { signal }),
  );
  if (read.failure !== null) return <FailureNote failure={read.failure} onRetry={read.reload} />;
  if (read.data === null) return <Skeleton rows={8} />;
  const { records } = read.data;
  if (records.length === 0) {
    return (
      <EmptyNote title="No log records">
        <p>
          Records that name this trace appear here. Send them to <code>/v1/logs</code>{" "}
          by any OpenTelemetry SDK.
        </p>
      </EmptyNote>
    );
  }
  return (
    <section class="logs-view" aria-label="Logs">
      <Records records={records} model={model} params={params} onSelect={onSelect} />
      {read.data.truncated && (
        <p class="muted">The first {formatWhole(records.length)} are shown.</p>
      )}
    </section>
  );
}

/** The records of one span, as a part of its panel; nothing when there are none. */
export function SpanLogs(
  { spanId, model, params }: {
    readonly spanId: string;
    readonly model: TraceModel;
    readonly params: URLSearchParams;
  },
) {
  const { traceId } = model;
  const read = useLoad(
    `${traceId} ${spanId}`,
    (signal) => logs.listLogs({ traceId, spanId, limit: MOST_OF_SPAN }, { signal }),
  );
  if (read.failure !== null) return <FailureNote failure={read.failure} onRetry={read.reload} />;
  const records = read.data?.records ?? [];
  if (records.length === 0) return null;
  return (
    <section>
      <h3>
        Logs <span class="count">{formatWhole(records.length)}</span>
      </h3>
      <Records records={records} model={model} params={params} />
      {read.data?.truncated === true && (
        <p class="muted">The first {formatWhole(records.length)} are shown.</p>
      )}
    </section>
  );
}

function Records(
  { records, model, params, onSelect }: {
    readonly records: readonly LogRecord[];
    readonly model: TraceModel;
    readonly params: URLSearchParams;
    readonly onSelect?: (spanId: string) => void;
  },
) {
  return (
    <ol class="logs">
      {records.map((record, i) => (
        <Record key={i} record={record} model={model} params={params} onSelect={onSelect} />
      ))}
    </ol>
  );
}

function Record(
  { record, model, params, onSelect }: {
    readonly record: LogRecord;
    readonly model: TraceModel;
    readonly params: URLSearchParams;
    readonly onSelect: ((spanId: string) => void) | undefined;
  },
) {
  const [open, setOpen] = useState(false);
  const { spanId } = record;
  const span = spanId === undefined ? undefined : model.byId.get(spanId);
  const timeUs = Number(record.timeUs);
  const level = SEVERITIES[Math.ceil(record.severityNumber / 4) - 1];
  const body = record.bodyJson === undefined ? "" : valueText(record.bodyJson);
  return (
    <li class={`log severity-${level ?? "none"}`}>
      <span class="log-level">{visibleText(record.severityText || level || "", 12)}</span>
      <time class="muted" dateTime={exactTime(timeUs)} title={exactTime(timeUs)}>
        {timeUs < model.startUs ? "−" : ""}
        {formatDuration(Math.abs(timeUs - model.startUs))}
      </time>
      <div class="log-body">
        {record.eventName !== undefined && (
          <>
            <b>{visibleText(record.eventName, 200)}</b>
            {" "}
          </>
        )}
        <LongText text={body} />
        <span class="log-of">
          {onSelect !== undefined && (
            <>
              <span class={`dot ${hueClass(record.serviceName)}`} aria-hidden="true" />
              <bdi class="muted">{visibleText(record.serviceName, 60)}</bdi>
              {span !== undefined && (
                <button
                  type="button"
                  class="as-link"
                  onClick={() => onSelect(span.spanId)}
                >
                  <bdi>{visibleText(span.spanName, 80) || "(no name)"}</bdi>
                </button>
              )}
            </>
          )}
          {record.attributes.length > 0 && (
            <button
              type="button"
              class="as-link muted"
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              {open ? "▾" : "▸"} {formatWhole(record.attributes.length)}{" "}
              {record.attributes.length === 1 ? "attribute" : "attributes"}
            </button>
          )}
        </span>
        {open && (
          <Attributes
            title=""
            prefix={null}
            attributes={record.attributes}
            filter=""
            params={params}
            onWhole={() => {}}
          />
        )}
      </div>
    </li>
  );
}
