/**
 * What a trace was, in a few lines, and what can be done with it as a whole.
 *
 * @module
 */

import type { GenAiStep } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { CopyButton } from "../copy_button.tsx";
import { exactTime, formatAgo, formatDuration, formatTime, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { BASE_URL, changed } from "../place.ts";
import { hueClass } from "../service_color.ts";
import { useSetting } from "../settings.ts";
import { visibleText } from "../text.ts";
import { CostOf, costOf } from "./cost.tsx";
import { otlpAddress } from "./download.ts";
import { EvaluationBadges } from "./evaluation_badges.tsx";
import type { EvaluationSummary } from "./evaluations.ts";
import { isLinkedOpen, LinkedFrom, LinkedFromButton } from "./linked_from.tsx";
import type { TraceModel } from "./trace_model.ts";

/** Services named one by one; the rest are counted. */
const NAMED_SERVICES = 8;

/** The header. */
export function TraceHeader(
  { model, open, params, steps, evaluations, onSelect }: {
    readonly model: TraceModel;
    readonly open: boolean;
    readonly params: URLSearchParams;
    /** What the GenAI spans cost; null while not known. */
    readonly steps: readonly GenAiStep[] | null;
    readonly onSelect: (spanId: string) => void;
    readonly evaluations: readonly EvaluationSummary[];
  },
) {
  const { spans, traceId, startUs, endUs, services, failed, failedStep } = model;
  const utc = useSetting("zone") === "utc";
  const root = model.byId.get(model.rootSpanId) ?? spans[0];
  const more = services.length - NAMED_SERVICES;
  const entities = [...new Set(spans.flatMap((span) => span.entityIds))];
  return (
    <header class="trace-header">
      <p class="crumb">
        <Link
          path="/traces"
          params={changed(params, {
            span: null,
            view: null,
            find: null,
            zoom: null,
            linked: null,
            within: null,
            sel: traceId,
          })}
        >
          ‹ Traces
        </Link>{" "}
        {open && (
          <span class="muted" role="status">
            · still open: the last span ended {formatAgo(endUs)}; new spans appear by themselves
          </span>
        )}
      </p>
      <div class="row title-line">
        <h1>
          <bdi>{visibleText(root?.spanName ?? "", 300) || "(no name)"}</bdi>
        </h1>
        <span class="grow" />
        <CopyButton label="Copy link" text={() => location.href} />
        <CopyButton label="Copy id" text={() => traceId} />
        <CopyButton label="Copy curl" text={() => curlOf(traceId)} />
        <CopyButton label="Copy JSON" text={() => fetchText(otlpAddress([traceId]))} />
        <a class="button small" href={otlpAddress([traceId])} download>Download OTLP</a>
        <Link
          path="/traces"
          class="button small"
          title="Pick the trace to compare with from the list"
          params={changed(params, {
            span: null,
            view: null,
            find: null,
            zoom: null,
            linked: null,
            within: null,
            pick: traceId,
          })}
        >
          Compare…
        </Link>
        <LinkedFromButton params={params} />
      </div>
      <p class="row facts-line">
        {failedStep === undefined ? <span class="ok">✓ ok</span> : (
          <button
            type="button"
            class="small bad to-failure"
            title="Show where the failure began; the key e goes from failure to failure"
            onClick={() => onSelect(failedStep)}
          >
            ✕ {formatWhole(failed.length)} failed
          </button>
        )}
        <b>{formatDuration(endUs - startUs)}</b>
        <span>{spans.length === 1 ? "1 span" : `${formatWhole(spans.length)} spans`}</span>
        {model.inputTokens + model.outputTokens > 0 && (
          <span>
            {formatWhole(model.inputTokens)} tokens in, {formatWhole(model.outputTokens)} out
          </span>
        )}
        {steps !== null && steps.length > 0 && <CostOf cost={costOf(steps)} />}
        <time class="muted" dateTime={exactTime(startUs)} title={exactTime(startUs)}>
          {formatTime(startUs, utc)}
        </time>
        {services.slice(0, NAMED_SERVICES).map((service) => (
          <span key={service} class="service-name">
            <span class={`dot ${hueClass(service)}`} aria-hidden="true" />
            <bdi>{visibleText(service, 60)}</bdi>
          </span>
        ))}
        {more > 0 && (
          <span class="muted" title={visibleText(services.slice(NAMED_SERVICES).join(", "), 2000)}>
            +{more} services
          </span>
        )}
        {entities.slice(0, 5).map((entity) => (
          <span key={entity} class="badge" title="A profile named on its spans">
            {visibleText(entity, 40)}
          </span>
        ))}
      </p>
      <EvaluationBadges
        evaluations={evaluations}
        isStep={(spanId) => steps?.some((step) => step.spanId === spanId) ?? false}
      />
      {isLinkedOpen(params) && <LinkedFrom model={model} params={params} />}
      {model.skew.differences.length > 0 && (
        <p class="warn skew-line">
          ⚠ Clocks differ: {model.skew.differences.slice(0, 3).map((difference, i) => (
            <span key={i}>
              {i > 0 && "; "}
              <bdi>{visibleText(difference.service, 60)}</bdi> is at least{" "}
              {formatDuration(Math.abs(difference.behindUs))}{" "}
              {difference.behindUs > 0 ? "behind" : "ahead of"}{" "}
              <bdi>{visibleText(difference.reference, 60)}</bdi>
            </span>
          ))}. Times are shown as they were sent.
        </p>
      )}
    </header>
  );
}

function curlOf(traceId: string): string {
  return `curl -s '${BASE_URL}scouter.v1.TraceService/GetTrace' -H 'content-type: application/json' -d '{"traceId":"${traceId}","includePayloads":true}'`;
}

async function fetchText(address: string): Promise<string> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return await response.text();
}
