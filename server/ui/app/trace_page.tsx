/**
 * One trace: what it was, its spans over time, and the span chosen.
 *
 * @module
 */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { TraceSpan } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { traces } from "./api.ts";
import { CopyButton } from "./copy_button.tsx";
import { criticalPath } from "./critical_path.ts";
import { exactTime, formatAgo, formatDuration, formatTime, formatWhole } from "./format.ts";
import { isTyping } from "./keys.ts";
import { Link } from "./link.tsx";
import { useLoad } from "./loading.ts";
import { BASE_URL, changed, currentPlace, setParams } from "./place.ts";
import { hueClass } from "./service_color.ts";
import { useSetting } from "./settings.ts";
import { SpanPanel } from "./span_panel.tsx";
import { EmptyNote, FailureNote, Skeleton } from "./states.tsx";
import { visibleText } from "./text.ts";
import { rowsOf } from "./trace_rows.ts";
import { Waterfall } from "./waterfall.tsx";

const POLL_MS = 2000;
/** A trace is taken for finished when no span has ended for so long. */
const QUIET_MS = 30_000;

/** The page at `/traces/:id`. */
export function TracePage(
  { traceId, params }: { readonly traceId: string; readonly params: URLSearchParams },
) {
  const trace = useLoad(traceId, (signal) => traces.getTrace({ traceId }, { signal }));
  const [openedMs] = useState(() => Date.now());
  const spans = trace.data?.spans ?? [];
  const endMs = spans.reduce((end, span) => Math.max(end, Number(span.endTimeUs)), 0) / 1000;
  const isOpen = Date.now() - (spans.length === 0 ? openedMs : endMs) < QUIET_MS;
  useEffect(() => {
    if (trace.loading || !isOpen || trace.failure !== null) return;
    const timer = setTimeout(trace.reload, POLL_MS);
    return () => clearTimeout(timer);
  }, [trace.data, trace.loading, isOpen]);

  if (trace.failure !== null) return <FailureNote failure={trace.failure} onRetry={trace.reload} />;
  if (trace.data === null) return <Skeleton rows={14} />;
  if (spans.length === 0) {
    return (
      <EmptyNote title="This trace has not arrived">
        <p>
          Nothing is stored under <code>{traceId}</code>. {isOpen
            ? "Spans may still be on their way; this page looks again by itself."
            : "It may have been sent elsewhere, sampled away by its sender, or removed by retention."}
        </p>
        <Link path="/traces" params={changed(params, { span: null })} class="button">
          Back to the traces
        </Link>
      </EmptyNote>
    );
  }
  return (
    <TraceView
      traceId={traceId}
      spans={spans}
      rootSpanId={trace.data.rootSpanId}
      truncated={trace.data.truncated}
      open={isOpen}
      endMs={endMs}
      params={params}
    />
  );
}

interface ViewProps {
  readonly traceId: string;
  readonly spans: readonly TraceSpan[];
  readonly rootSpanId: string;
  readonly truncated: boolean;
  readonly open: boolean;
  readonly endMs: number;
  readonly params: URLSearchParams;
}

function TraceView(props: ViewProps) {
  const { spans, params } = props;
  const rows = useMemo(() => rowsOf(spans), [spans]);
  const critical = useMemo(() => criticalPath(rows), [rows]);
  const selectedId = params.get("span");
  const [find, setFind] = useState("");
  const found = useMemo(() => matching(spans, find), [spans, find]);
  const startUs = spans.reduce(
    (least, span) => Math.min(least, Number(span.startTimeUs)),
    Infinity,
  );
  const endUs = props.endMs * 1000;
  const select = (id: string) => setParams({ span: id }, true);
  const after = (ids: readonly string[]) => {
    if (ids.length === 0) return;
    const order = new Map(rows.map((row, i) => [row.id, i]));
    // From the address, not from the last drawing: keys may come faster than pictures.
    const from = order.get(currentPlace().params.get("span") ?? "") ?? -1;
    const next = ids.find((id) => (order.get(id) ?? -1) > from) ?? ids[0];
    if (next !== undefined) select(next);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "e" || isTyping(event)) return;
      after(
        rows.flatMap((row) => row.kind === "span" && row.span.statusCode === 2 ? [row.id] : []),
      );
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  const selected = spans.find((span) => span.spanId === selectedId);
  return (
    <div class="trace">
      <TraceHeader {...props} startUs={startUs} endUs={endUs} />
      {props.truncated && (
        <p class="banner">This trace has more than 50,000 spans; the earliest are shown.</p>
      )}
      <form
        class="row find-line"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          after(rows.flatMap((row) => found.has(row.id) ? [row.id] : []));
        }}
      >
        <label for="search" class="sr">Find spans in this trace</label>
        <input
          id="search"
          value={find}
          placeholder="Find spans by name or service"
          autocomplete="off"
          onInput={({ currentTarget }) => setFind(currentTarget.value)}
        />
        <span class="muted" role="status">
          {find === "" ? "" : `${formatWhole(found.size)} found; Enter goes to the next`}
        </span>
        <span class="grow" />
        <span class="legend">
          <span class="critical-sample" aria-hidden="true" /> critical path
        </span>
      </form>
      <div class={selected === undefined ? "trace-body" : "trace-body with-panel"}>
        <Waterfall
          rows={rows}
          critical={critical}
          startUs={startUs}
          endUs={endUs}
          selected={selectedId}
          onSelect={select}
          found={found}
        />
        {selected !== undefined && (
          <SpanPanel span={selected} traceStartUs={startUs} params={params} />
        )}
      </div>
    </div>
  );
}

function TraceHeader(
  props: ViewProps & { readonly startUs: number; readonly endUs: number },
) {
  const { spans, traceId, startUs, endUs, params } = props;
  const utc = useSetting("zone") === "utc";
  const root = spans.find((span) => span.spanId === props.rootSpanId) ?? spans[0];
  const services = [...new Set(spans.map((span) => span.serviceName))];
  const errors = spans.filter((span) => span.statusCode === 2).length;
  const input = spans.reduce((sum, span) => sum + Number(span.genAi?.inputTokens ?? 0n), 0);
  const output = spans.reduce((sum, span) => sum + Number(span.genAi?.outputTokens ?? 0n), 0);
  return (
    <header>
      <p class="crumb">
        <Link path="/traces" params={changed(params, { span: null, sel: traceId })}>‹ Traces</Link>
        {" "}
        {props.open && (
          <span class="muted" role="status">
            · still open: the last span ended {formatAgo(endUs)}; new spans appear by themselves
          </span>
        )}
      </p>
      <h1>
        <bdi>{visibleText(root?.spanName ?? "", 300) || "(no name)"}</bdi>
      </h1>
      <p class="row facts-line">
        {errors === 0
          ? <span class="ok">✓ ok</span>
          : <span class="bad">✕ {formatWhole(errors)} failed</span>}
        <b>{formatDuration(endUs - startUs)}</b>
        <span>{formatWhole(spans.length)} spans</span>
        {input + output > 0 && (
          <span>{formatWhole(input)} tokens in, {formatWhole(output)} out</span>
        )}
        <time class="muted" dateTime={exactTime(startUs)} title={exactTime(startUs)}>
          {formatTime(startUs, utc)}
        </time>
        {services.slice(0, 8).map((service) => (
          <span key={service}>
            <span class={`dot ${hueClass(service)}`} aria-hidden="true" />
            <bdi>{visibleText(service, 60)}</bdi>
          </span>
        ))}
        {services.length > 8 && <span class="muted">+{services.length - 8} services</span>}
        <span class="grow" />
        <CopyButton label="Copy link" text={() => location.href} />
        <CopyButton label="Copy id" text={() => traceId} />
        <CopyButton
          label="Copy curl"
          text={() =>
            `curl -s '${BASE_URL}scouter.v1.TraceService/GetTrace' -H 'content-type: application/json' -d '{"traceId":"${traceId}","includePayloads":true}'`}
        />
      </p>
    </header>
  );
}

/** Ids of spans whose name or service holds a text, whatever the case. */
function matching(spans: readonly TraceSpan[], text: string): Set<string> {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return new Set();
  return new Set(
    spans.filter((span) =>
      span.spanName.toLowerCase().includes(wanted) ||
      span.serviceName.toLowerCase().includes(wanted) || span.spanId === wanted
    ).map((span) => span.spanId),
  );
}
