/**
 * Everything one span carries; read when it is opened.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { Attribute, SpanEvent, TraceSpan } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { traces } from "./api.ts";
import { CopyButton } from "./copy_button.tsx";
import { exactTime, formatDuration, formatWhole } from "./format.ts";
import { Link } from "./link.tsx";
import { useLoad } from "./loading.ts";
import { LongText } from "./long_text.tsx";
import { termOf } from "./search_text.ts";
import { hueClass } from "./service_color.ts";
import { sharedParams } from "./shared_params.ts";
import { FailureNote, Skeleton } from "./states.tsx";
import { valueText, visibleText } from "./text.ts";

/** Attributes shown at once; more are one click away. */
const MANY = 100;

/** The panel beside the waterfall. */
export function SpanPanel(
  { span, traceStartUs, params }: {
    readonly span: TraceSpan;
    readonly traceStartUs: number;
    readonly params: URLSearchParams;
  },
) {
  const { traceId, spanId } = span;
  const full = useLoad(
    `${traceId} ${spanId}`,
    (signal) => traces.getSpan({ traceId, spanId }, { signal }),
  );
  const startUs = Number(span.startTimeUs);
  const detail = full.data?.span?.spanId === spanId ? full.data.span : undefined;
  return (
    <aside class="panel" aria-label="Span" aria-busy={full.loading}>
      <h2>
        <bdi>{visibleText(span.spanName, 500) || "(no name)"}</bdi>
      </h2>
      <p>
        <span class={`dot ${hueClass(span.serviceName)}`} aria-hidden="true" />
        <bdi>{visibleText(span.serviceName, 200)}</bdi>
        <span class="muted">· {span.spanKind.toLowerCase()}</span>
      </p>
      {span.statusCode === 2
        ? (
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
        )
        : <p class="ok">✓ {span.statusCode === 1 ? "Ok" : "No error reported"}</p>}
      <dl class="facts">
        <dt>Duration</dt>
        <dd>{formatDuration(Number(span.endTimeUs) - startUs)}</dd>
        <dt>Start</dt>
        <dd title={exactTime(startUs)}>{formatDuration(startUs - traceStartUs)} into the trace</dd>
        <dt>Span id</dt>
        <dd>
          <code>{spanId}</code> <CopyButton label="Copy" text={() => spanId} />
        </dd>
        {span.genAi?.inputTokens !== undefined && (
          <>
            <dt>Tokens</dt>
            <dd>
              {formatWhole(Number(span.genAi.inputTokens))} in,{" "}
              {formatWhole(Number(span.genAi.outputTokens ?? 0n))} out
            </dd>
          </>
        )}
      </dl>
      {full.failure !== null
        ? <FailureNote failure={full.failure} onRetry={full.reload} />
        : detail === undefined
        ? <Skeleton rows={5} />
        : <Detail key={spanId} span={detail} traceStartUs={traceStartUs} params={params} />}
    </aside>
  );
}

function Detail(
  { span, traceStartUs, params }: {
    readonly span: TraceSpan;
    readonly traceStartUs: number;
    readonly params: URLSearchParams;
  },
) {
  const [filter, setFilter] = useState("");
  const total = span.attributes.length + span.resourceAttributes.length +
    span.scopeAttributes.length;
  const dropped = span.droppedAttributesCount;
  return (
    <>
      <Payload title="Input" json={span.inputJson} />
      <Payload title="Output" json={span.outputJson} />
      {span.events.length > 0 && (
        <section>
          <h3>Events</h3>
          {span.events.map((event, i) => (
            <EventNote key={i} event={event} traceStartUs={traceStartUs} params={params} />
          ))}
        </section>
      )}
      {total > 8 && (
        <label class="filter">
          Filter attributes{" "}
          <input value={filter} onInput={({ currentTarget }) => setFilter(currentTarget.value)} />
        </label>
      )}
      <Attributes
        title="Attributes"
        prefix=""
        attributes={span.attributes}
        filter={filter}
        params={params}
      />
      {dropped > 0 && <p class="warn">The sender left out {formatWhole(dropped)} attributes.</p>}
      <Attributes
        title="Resource"
        prefix="resource."
        attributes={span.resourceAttributes}
        filter={filter}
        params={params}
      />
      <Attributes
        title={`Scope ${visibleText(span.scopeName, 100)} ${
          visibleText(span.scopeVersion ?? "", 40)
        }`}
        prefix={null}
        attributes={span.scopeAttributes}
        filter={filter}
        params={params}
      />
      {span.links.length > 0 && (
        <section>
          <h3>Links</h3>
          <ul>
            {span.links.map((link) => (
              <li key={link.spanId}>
                <Link
                  path={`/traces/${link.traceId}`}
                  params={sharedParams(params, { span: link.spanId })}
                >
                  <code>{link.traceId.slice(0, 12)}… / {link.spanId}</code>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Payload(
  { title, json }: { readonly title: string; readonly json: string | undefined },
) {
  if (json === undefined) return null;
  return (
    <section>
      <h3>
        {title} <CopyButton label="Copy" text={() => json} />
      </h3>
      <pre><LongText text={indented(json)} /></pre>
    </section>
  );
}

/** JSON on several lines; as it stands when it is not JSON or too long to read anyway. */
function indented(json: string): string {
  if (json.length > 200_000) return json;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? value : JSON.stringify(value, null, 2);
  } catch {
    return json;
  }
}

function EventNote(
  { event, traceStartUs, params }: {
    readonly event: SpanEvent;
    readonly traceStartUs: number;
    readonly params: URLSearchParams;
  },
) {
  return (
    <details class="event" open={event.name === "exception"}>
      <summary>
        <bdi>{visibleText(event.name, 200)}</bdi>{" "}
        <span class="muted">{formatDuration(Number(event.timeUs) - traceStartUs)}</span>
      </summary>
      <Attributes
        title=""
        prefix={null}
        attributes={event.attributes}
        filter=""
        params={params}
      />
    </details>
  );
}

function Attributes(
  { title, prefix, attributes, filter, params }: {
    readonly title: string;
    /** What a search puts before the key; null where a search cannot find it. */
    readonly prefix: string | null;
    readonly attributes: readonly Attribute[];
    readonly filter: string;
    readonly params: URLSearchParams;
  },
) {
  const [all, setAll] = useState(false);
  if (attributes.length === 0) return null;
  const wanted = filter.toLowerCase();
  const kept = attributes.filter(({ key, valueJson }) =>
    wanted === "" || key.toLowerCase().includes(wanted) || valueJson.toLowerCase().includes(wanted)
  );
  const shown = all ? kept : kept.slice(0, MANY);
  return (
    <section>
      {title !== "" && <h3>{title}</h3>}
      <dl class="attributes">
        {shown.map(({ key, valueJson }) => {
          const value = valueText(valueJson);
          return (
            <div key={key}>
              <dt>
                <bdi>{visibleText(key, 200)}</bdi>
              </dt>
              <dd>
                <LongText text={value} />
                {prefix !== null && value.length <= 200 && !/[\s()"]/.test(key) && (
                  <Link
                    path="/traces"
                    class="find"
                    title="Find traces with this value"
                    params={sharedParams(params, { q: termOf(prefix + key, value) })}
                  >
                    find
                  </Link>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
      {kept.length > shown.length && (
        <button
          type="button"
          class="small"
          onClick={() => setAll(true)}
        >
          Show all {formatWhole(kept.length)}
        </button>
      )}
    </section>
  );
}
