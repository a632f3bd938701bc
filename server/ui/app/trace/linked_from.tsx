/**
 * Links followed backwards: which spans link to a span, or to any span of a trace. Asked for when somebody opens it.
 *
 * @module
 */

import type { LinkingSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { int64, traces } from "../api.ts";
import { exactTime, formatDuration, formatTime, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { changed, setParams } from "../place.ts";
import { hueClass } from "../service_color.ts";
import { useSetting } from "../settings.ts";
import { sharedParams } from "../shared_params.ts";
import { FailureNote, Skeleton } from "../states.tsx";
import { visibleText } from "../text.ts";
import type { TraceModel } from "./trace_model.ts";

/** The value of the parameter `linked` that opens the list of a whole trace; a span's id opens the span's. */
export const WHOLE_TRACE = "trace";

const DAY_US = 24 * 3600 * 1_000_000;
const LIMIT = 100;
/** Later than any span can be, µs. */
const END_OF_TIME_US = 8_000_000_000_000_000;
/** Where linking spans are looked for. The first is what the server does by itself. */
const WINDOWS = [
  { name: "", title: "during the trace and 24 hours after" },
  { name: "7d", title: "during the trace and 7 days after", days: 7 },
  { name: "30d", title: "during the trace and 30 days after", days: 30 },
  { name: "all", title: "everything stored" },
] as const;

interface LinkedFromProps {
  readonly model: TraceModel;
  /** Only links to this span; to any span of the trace when absent. */
  readonly spanId?: string;
  readonly params: URLSearchParams;
}

/** Whether the address has the list open. */
export function isLinkedOpen(params: URLSearchParams, spanId?: string): boolean {
  return params.get("linked") === (spanId ?? WHOLE_TRACE);
}

/** The button that opens and closes the list; it stands wherever there is room. */
export function LinkedFromButton(
  { spanId, params, class: kind }: {
    readonly spanId?: string;
    readonly params: URLSearchParams;
    readonly class?: string;
  },
) {
  const open = isLinkedOpen(params, spanId);
  return (
    <button
      type="button"
      class={kind ?? "small"}
      aria-expanded={open}
      title={spanId === undefined
        ? "Look for spans that link to this trace"
        : "Look for spans that link to this span"}
      onClick={() => setParams({ linked: open ? null : spanId ?? WHOLE_TRACE, within: null }, true)}
    >
      {open ? "▾" : "▸"} Linked from
    </button>
  );
}

/** The list. Loads when it comes into the document. */
export function LinkedFrom({ model, spanId, params }: LinkedFromProps) {
  const { traceId, startUs, endUs } = model;
  const utc = useSetting("zone") === "utc";
  const wanted = params.get("within") ?? "";
  const chosen = WINDOWS.find(({ name }) => name === wanted) ?? WINDOWS[0];
  const found = useLoad(
    `${traceId} ${spanId} ${chosen.name}`,
    async (signal) => ({
      within: chosen.name,
      of: spanId,
      answer: await traces.listLinkingSpans({
        traceId,
        limit: LIMIT,
        ...(spanId === undefined ? {} : { spanId }),
        ...(chosen.name === "all"
          ? { startTimeUs: 0n, endTimeUs: int64(END_OF_TIME_US) }
          : "days" in chosen
          ? { startTimeUs: int64(startUs), endTimeUs: int64(endUs + chosen.days * DAY_US) }
          : {}),
      }, { signal }),
    }),
  );
  const answer = found.data?.within === chosen.name && found.data.of === spanId
    ? found.data.answer
    : null;
  return (
    <section class="linked" aria-label="Linked from" aria-busy={found.loading}>
      <div class="row linked-window">
        <label class="row">
          <span>Looked through</span>
          <select
            value={chosen.name}
            onChange={({ currentTarget }) => setParams({ within: currentTarget.value }, true)}
          >
            {WINDOWS.map(({ name, title }) => <option key={name} value={name}>{title}</option>)}
          </select>
        </label>
        <button
          type="button"
          class="small"
          disabled={found.loading}
          onClick={found.reload}
        >
          Look again
        </button>
      </div>
      {found.failure !== null
        ? <FailureNote failure={found.failure} onRetry={found.reload} />
        : answer === null
        ? <Skeleton rows={2} />
        : answer.spans.length === 0
        ? (
          <p class="muted" role="status">
            No span links to {spanId === undefined ? "this trace" : "this span"}
            {chosen.name === "all" ? "." : (
              <>
                {" "}between <Moment us={Number(answer.startTimeUs)} utc={utc} /> and{" "}
                <Moment us={Number(answer.endTimeUs)} utc={utc} />.
              </>
            )}
          </p>
        )
        : (
          <>
            <p class="muted" role="status">
              {answer.truncated
                ? `The first ${
                  formatWhole(answer.spans.length)
                } spans; there are more. Earliest first.`
                : answer.spans.length === 1
                ? "1 span"
                : `${formatWhole(answer.spans.length)} spans, earliest first`}
            </p>
            <ul class="linked-list">
              {answer.spans.map((span) => (
                <Linking
                  key={`${span.traceId} ${span.spanId}`}
                  span={span}
                  model={model}
                  named={spanId === undefined}
                  params={params}
                  utc={utc}
                />
              ))}
            </ul>
          </>
        )}
    </section>
  );
}

function Moment({ us, utc }: { readonly us: number; readonly utc: boolean }) {
  return <time dateTime={exactTime(us)} title={exactTime(us)}>{formatTime(us, utc)}</time>;
}

function Linking(
  { span, model, named, params, utc }: {
    readonly span: LinkingSpan;
    readonly model: TraceModel;
    /** Whether to say which spans of the trace are linked to. */
    readonly named: boolean;
    readonly params: URLSearchParams;
    readonly utc: boolean;
  },
) {
  const timeUs = Number(span.startTimeUs);
  const here = span.traceId === model.traceId;
  const [first, ...more] = named ? span.linkedSpanIds : [];
  const linked = first === undefined ? undefined : model.byId.get(first);
  return (
    <li>
      <Link
        path={`/traces/${span.traceId}`}
        params={linkParams(params, model.traceId, span.traceId, span.spanId)}
      >
        <span class="linked-what">
          <span class={`dot ${hueClass(span.serviceName)}`} aria-hidden="true" />
          <bdi class="muted">{visibleText(span.serviceName, 60)}</bdi>{" "}
          <bdi class="operation">{visibleText(span.spanName, 200) || "(no name)"}</bdi>
        </span>{" "}
        <Status code={span.statusCode} message={span.statusMessage} />{" "}
        <span class="muted when">
          <Moment us={timeUs} utc={utc} /> · took {formatDuration(Number(span.endTimeUs) - timeUs)}
          {" "}
          · {here ? "this trace" : (
            <span class="linked-trace">
              trace <code>{span.traceId.slice(0, 12)}…</code>
            </span>
          )}
        </span>
      </Link>
      {first !== undefined && (
        <span class="muted">
          links to{" "}
          <Link
            path={`/traces/${model.traceId}`}
            params={changed(params, { span: first })}
          >
            <bdi>{visibleText(linked?.spanName ?? "", 80) || first}</bdi>
          </Link>
          {more.length > 0 && ` and ${formatWhole(more.length)} more`}
        </span>
      )}
    </li>
  );
}

function Status(
  { code, message }: { readonly code: number; readonly message?: string | undefined },
) {
  if (code !== 2) return <span class="ok">✓ {code === 1 ? "ok" : "no error"}</span>;
  return (
    <span class="bad">
      ✕ failed{message === undefined ? "" : `: ${visibleText(message, 120)}`}
    </span>
  );
}

/** The parameters to open a span by a link: within a trace, what is chosen of its view stays. */
export function linkParams(
  params: URLSearchParams,
  traceId: string,
  toTraceId: string,
  span: string,
): URLSearchParams {
  return traceId === toTraceId
    ? changed(params, { span, linked: null, within: null })
    : sharedParams(params, { span });
}
