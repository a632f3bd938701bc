/**
 * Everything one span carries; read when it is opened, and long values only when they are asked for.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { SpanEvent, TraceSpan } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { traces } from "./api.ts";
import { CopyButton } from "./copy_button.tsx";
import { exactTime, formatDuration, formatPart, formatWhole } from "./format.ts";
import { Link } from "./link.tsx";
import { useLoad } from "./loading.ts";
import { LongText } from "./long_text.tsx";
import { hueClass } from "./service_color.ts";
import { FailureNote, Skeleton } from "./states.tsx";
import { valueText, visibleText } from "./text.ts";
import { Attributes } from "./trace/attributes.tsx";
import { isLinkedOpen, LinkedFrom, LinkedFromButton, linkParams } from "./trace/linked_from.tsx";
import { SpanLogs } from "./trace/logs.tsx";
import { Payload } from "./trace/payload.tsx";
import { inputOf, outputOf } from "./trace/tool_payload.ts";
import { spanDurationUs, type TraceModel } from "./trace/trace_model.ts";

/** Longer values are read when somebody asks for them. */
const MOST_CHARS = 8000;

/** The panel beside the views of a trace. */
export function SpanPanel(
  { span, model, params, onClose, onSelect }: {
    readonly span: TraceSpan;
    readonly model: TraceModel;
    readonly params: URLSearchParams;
    readonly onClose: () => void;
    readonly onSelect: (spanId: string) => void;
  },
) {
  const { traceId, spanId } = span;
  const [wholeOf, setWholeOf] = useState("");
  const whole = wholeOf === spanId;
  const full = useLoad(
    `${traceId} ${spanId} ${whole}`,
    (signal) =>
      traces.getSpan({ traceId, spanId, maxValueChars: whole ? 0 : MOST_CHARS }, { signal }),
  );
  const detail = full.data?.span?.spanId === spanId ? full.data.span : undefined;
  const parent = span.parentSpanId === undefined ? undefined : model.byId.get(span.parentSpanId);
  const skewed = model.skew.spans.get(spanId);
  return (
    <aside class="panel" aria-label="Span" aria-busy={full.loading}>
      <div class="panel-head">
        <h2>
          <bdi>{visibleText(span.spanName, 500) || "(no name)"}</bdi>
        </h2>
        <button type="button" class="small quiet" aria-label="Close the span" onClick={onClose}>
          ✕
        </button>
      </div>
      <p>
        <span class={`dot ${hueClass(span.serviceName)}`} aria-hidden="true" />
        <bdi>{visibleText(span.serviceName, 200)}</bdi>{" "}
        <span class="muted">· {span.spanKind.toLowerCase()}</span>
      </p>
      <WhatHappened span={span} detail={detail} />
      <dl class="facts">
        <dt>Duration</dt>
        <dd>
          {formatDuration(spanDurationUs(span))}{" "}
          <span class="muted">{shareOf(span, model)} of the trace</span>
        </dd>
        <dt>Start</dt>
        <dd title={exactTime(Number(span.startTimeUs))}>
          {formatDuration(Number(span.startTimeUs) - model.startUs)} into the trace
        </dd>
        {skewed !== undefined && (
          <>
            <dt>Clock</dt>
            <dd class="warn">
              {skewed.earlyUs > 0
                ? `starts ${formatDuration(skewed.earlyUs)} before its parent`
                : `ends ${formatDuration(skewed.lateUs)} after the call it answers`}
            </dd>
          </>
        )}
        {parent !== undefined && (
          <>
            <dt>Parent</dt>
            <dd>
              <button type="button" class="as-link" onClick={() => onSelect(parent.spanId)}>
                <bdi>{visibleText(parent.spanName, 80) || "(no name)"}</bdi>
              </button>
            </dd>
          </>
        )}
        <dt>Span id</dt>
        <dd>
          <code>{spanId}</code> <CopyButton label="Copy" text={() => spanId} />
        </dd>
        <GenAiFacts span={span} />
      </dl>
      {full.failure !== null
        ? <FailureNote failure={full.failure} onRetry={full.reload} />
        : detail === undefined
        ? <Skeleton rows={5} />
        : (
          <Detail
            key={spanId}
            span={detail}
            model={model}
            params={params}
            onWhole={() => setWholeOf(spanId)}
          />
        )}
      <SpanLogs spanId={spanId} model={model} params={params} />
    </aside>
  );
}

function shareOf(span: TraceSpan, model: TraceModel): string {
  return formatPart(
    Math.min(1, spanDurationUs(span) / Math.max(1, model.endUs - model.startUs)),
  );
}

/** Outcome, message and stack, before everything else. */
function WhatHappened(
  { span, detail }: { readonly span: TraceSpan; readonly detail: TraceSpan | undefined },
) {
  const exceptions = detail?.events.filter((event) => event.name === "exception") ?? [];
  if (span.statusCode !== 2 && exceptions.length === 0) {
    return <p class="ok">✓ {span.statusCode === 1 ? "Ok" : "No error reported"}</p>;
  }
  return (
    <div class="happened">
      {span.statusCode === 2 && (
        <p class="bad">
          ✕ Failed
          {span.errorType !== undefined && <>{" · "}{visibleText(span.errorType, 200)}</>}
          {span.statusMessage !== undefined && span.statusMessage !== "" && (
            <>
              {": "}
              <LongText text={span.statusMessage} />
            </>
          )}
        </p>
      )}
      {exceptions.slice(0, 3).map((event, i) => (
        <Exception key={i} event={event} said={span.statusMessage} />
      ))}
    </div>
  );
}

function Exception(
  { event, said }: {
    readonly event: SpanEvent;
    /** What the status says already. */
    readonly said: string | undefined;
  },
) {
  const value = (key: string) => {
    const json = event.attributes.find((attribute) => attribute.key === key)?.valueJson;
    return json === undefined ? "" : valueText(json);
  };
  const stack = value("exception.stacktrace");
  const message = value("exception.message");
  return (
    <>
      <p>
        <b>{visibleText(value("exception.type"), 200) || "Exception"}</b>{" "}
        {message !== said && <LongText text={message} />}
      </p>
      {stack !== "" && (
        <details open>
          <summary>Stack</summary>
          <pre class="stack" tabIndex={0} aria-label="Stack"><LongText text={stack} /></pre>
        </details>
      )}
    </>
  );
}

function GenAiFacts({ span }: { readonly span: TraceSpan }) {
  const facts = span.genAi;
  if (facts === undefined) return null;
  const model = facts.responseModel ?? facts.requestModel;
  return (
    <>
      {model !== undefined && (
        <>
          <dt>Model</dt>
          <dd>
            {visibleText(model, 100)}
            {facts.providerName !== undefined && (
              <span class="muted">· {visibleText(facts.providerName, 60)}</span>
            )}
          </dd>
        </>
      )}
      {facts.inputTokens !== undefined && (
        <>
          <dt>Tokens</dt>
          <dd>
            {formatWhole(Number(facts.inputTokens))} in,{" "}
            {formatWhole(Number(facts.outputTokens ?? 0n))} out
          </dd>
        </>
      )}
    </>
  );
}

function Detail(
  { span, model, params, onWhole }: {
    readonly span: TraceSpan;
    readonly model: TraceModel;
    readonly params: URLSearchParams;
    readonly onWhole: () => void;
  },
) {
  const [typed, setTyped] = useState("");
  const [filter, setFilter] = useState("");
  useEffect(() => {
    // Thousands of attributes are not looked through at every key.
    const timer = setTimeout(() => setFilter(typed), 80);
    return () => clearTimeout(timer);
  }, [typed]);
  const total = span.attributes.length + span.resourceAttributes.length +
    span.scopeAttributes.length;
  const shared = { filter, params, onWhole };
  const scope = `${visibleText(span.scopeName, 100)} ${visibleText(span.scopeVersion ?? "", 40)}`;
  return (
    <>
      <Payload
        title="Input"
        {...inputOf(span)}
        onWhole={onWhole}
      />
      <Payload
        title="Output"
        {...outputOf(span)}
        onWhole={onWhole}
      />
      {total > 8 && (
        <label class="filter">
          <span class="sr">Filter attributes</span>
          <input
            type="search"
            value={typed}
            placeholder="Filter attributes"
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </label>
      )}
      <Attributes title="Attributes" prefix="" attributes={span.attributes} {...shared} />
      <Dropped count={span.droppedAttributesCount} what="attributes" />
      {span.events.length > 0 && (
        <section>
          <h3>
            Events <span class="count">{formatWhole(span.events.length)}</span>
          </h3>
          {span.events.slice(0, 200).map((event, i) => (
            <EventNote key={i} event={event} traceStartUs={model.startUs} {...shared} />
          ))}
          {span.events.length > 200 && <p class="muted">The first 200 are listed.</p>}
        </section>
      )}
      <Dropped count={span.droppedEventsCount} what="events" />
      <Attributes
        title="Resource"
        prefix="resource."
        attributes={span.resourceAttributes}
        {...shared}
      />
      <Attributes
        title={`Scope ${scope}`}
        prefix={null}
        attributes={span.scopeAttributes}
        {...shared}
      />
      <section>
        <h3>
          Links <span class="count">{formatWhole(span.links.length)}</span>
        </h3>
        {span.links.length > 0 && (
          <ul class="links">
            {span.links.slice(0, 200).map((link, i) => (
              <li key={i}>
                <Link
                  path={`/traces/${link.traceId}`}
                  params={linkParams(params, span.traceId, link.traceId, link.spanId)}
                >
                  <code>{link.traceId.slice(0, 12)}… / {link.spanId}</code>
                </Link>{" "}
                {link.traceId === span.traceId && <span class="muted">in this trace</span>}
                <Attributes title="" prefix={null} attributes={link.attributes} {...shared} />
              </li>
            ))}
          </ul>
        )}
        <LinkedFromButton spanId={span.spanId} params={params} />
        {isLinkedOpen(params, span.spanId) && (
          <LinkedFrom model={model} spanId={span.spanId} params={params} />
        )}
      </section>
      <Dropped count={span.droppedLinksCount} what="links" />
    </>
  );
}

/** What the sender says it left out. */
function Dropped({ count, what }: { readonly count: number; readonly what: string }) {
  if (count === 0) return null;
  return <p class="warn">The sender left out {formatWhole(count)} {what}.</p>;
}

function EventNote(
  { event, traceStartUs, ...shared }: {
    readonly event: SpanEvent;
    readonly traceStartUs: number;
    readonly filter: string;
    readonly params: URLSearchParams;
    readonly onWhole: () => void;
  },
) {
  const [open, setOpen] = useState(false);
  return (
    <details
      class="event"
      open={open}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>
        <bdi>{visibleText(event.name, 200)}</bdi>{" "}
        <span class="muted">{formatDuration(Number(event.timeUs) - traceStartUs)}</span>
      </summary>
      {open && <Attributes title="" prefix={null} attributes={event.attributes} {...shared} />}
    </details>
  );
}
