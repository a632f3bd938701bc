/**
 * Two traces side by side: which steps are new, gone or different, and by how much.
 *
 * @module
 */

import { useMemo } from "preact/hooks";
import { traces } from "../api.ts";
import { formatDuration, formatTime, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { changed, setParams } from "../place.ts";
import { useSetting } from "../settings.ts";
import { sharedParams } from "../shared_params.ts";
import { EmptyNote, FailureNote, Skeleton } from "../states.tsx";
import { visibleText } from "../text.ts";
import { type AlignedStep, alignTraces, SIGNS, type StepChange, stepId } from "./align.ts";
import { Difference } from "./difference.tsx";
import { StepDifference } from "./step_difference.tsx";
import { StepTable } from "./step_table.tsx";
import { type TraceModel, traceModel } from "./trace_model.ts";

const ID = /^[0-9a-f]{32}$/;

/** The page at `/traces/compare?a=…&b=…`. */
export function ComparePage({ params }: { readonly params: URLSearchParams }) {
  const a = (params.get("a") ?? "").toLowerCase();
  const b = (params.get("b") ?? "").toLowerCase();
  const valid = ID.test(a) && ID.test(b);
  const both = useLoad(`${a} ${b}`, async (signal) => {
    if (!valid) return null;
    const [first, second] = await Promise.all(
      [a, b].map((traceId) => traces.getTrace({ traceId }, { signal })),
    );
    return { first, second };
  });
  const { data } = both;
  const models = useMemo(() => {
    if (data?.first === undefined || data.second === undefined) return null;
    if (data.first.spans.length === 0 || data.second.spans.length === 0) return null;
    return { a: traceModel(a, data.first), b: traceModel(b, data.second) };
  }, [data]);
  const steps = useMemo(() => models === null ? [] : alignTraces(models.a, models.b), [models]);
  if (!valid) {
    return (
      <EmptyNote title="Which traces?">
        <p>Pick two traces from the list, by their boxes or by the key x, then press Compare.</p>
        <Link path="/traces" params={sharedParams(params)} class="button primary">
          Go to the traces
        </Link>
      </EmptyNote>
    );
  }
  if (both.failure !== null) return <FailureNote failure={both.failure} onRetry={both.reload} />;
  if (both.loading || data === null) return <Skeleton rows={14} />;
  if (models === null) {
    return (
      <EmptyNote title="A trace is missing">
        <p>
          Nothing is stored under{" "}
          <code>{data.first?.spans.length === 0 ? a : b}</code>. It may not have arrived yet, or
          retention has removed it.
        </p>
        <button type="button" class="button" onClick={both.reload}>Look again</button>
      </EmptyNote>
    );
  }
  return <Comparison a={models.a} b={models.b} steps={steps} params={params} />;
}

const CHANGES: readonly StepChange[] = ["changed", "added", "removed", "same"];

function Comparison(
  { a, b, steps, params }: {
    readonly a: TraceModel;
    readonly b: TraceModel;
    readonly steps: readonly AlignedStep[];
    readonly params: URLSearchParams;
  },
) {
  const only = params.get("only");
  const shown = useMemo(
    () => only === null ? steps : steps.filter(({ change }) => change === only),
    [steps, only],
  );
  const counts = Map.groupBy(steps, ({ change }) => change);
  const selectedId = params.get("step");
  const selected = steps.find((step) => stepId(step) === selectedId);
  return (
    <div class="compare">
      <p class="crumb">
        <Link
          path="/traces"
          params={changed(sharedParams(params), { pick: `${a.traceId},${b.traceId}` })}
        >
          ‹ Traces
        </Link>
      </p>
      <div class="row title-line">
        <h1>Compare two traces</h1>
        <span class="grow" />
        <button
          type="button"
          class="small"
          onClick={() => setParams({ a: b.traceId, b: a.traceId, step: null }, true)}
        >
          ⇄ Swap
        </button>
      </div>
      <div class="compare-sides">
        <Side letter="A" model={a} params={params} />
        <Side letter="B" model={b} params={params} against={a} />
      </div>
      <div class="row view-line">
        <div class="segments" role="group" aria-label="Steps shown">
          <button
            type="button"
            aria-pressed={only === null}
            onClick={() => setParams({ only: null }, true)}
          >
            All {formatWhole(steps.length)}
          </button>
          {CHANGES.map((change) => (
            <button
              key={change}
              type="button"
              aria-pressed={only === change}
              onClick={() => setParams({ only: change }, true)}
            >
              {SIGNS[change]} {formatWhole(counts.get(change)?.length ?? 0)} {change}
            </button>
          ))}
        </div>
        <span class="muted">
          Changed: another outcome, model or tokens, or time by 20 % and 5 ms or more.
        </span>
      </div>
      <div class={selected === undefined ? "trace-body" : "trace-body with-panel"}>
        <StepTable
          steps={shown}
          selected={selectedId}
          onSelect={(id) => setParams({ step: id }, true)}
        />
        {selected !== undefined && (
          <StepDifference
            key={selectedId}
            step={selected}
            onClose={() => setParams({ step: null }, true)}
          />
        )}
      </div>
    </div>
  );
}

function Side(
  { letter, model, against, params }: {
    readonly letter: string;
    readonly model: TraceModel;
    readonly against?: TraceModel;
    readonly params: URLSearchParams;
  },
) {
  const utc = useSetting("zone") === "utc";
  const root = model.byId.get(model.rootSpanId) ?? model.spans[0];
  const duration = (of: TraceModel) => of.endUs - of.startUs;
  const tokens = (of: TraceModel) => of.inputTokens + of.outputTokens;
  return (
    <section class="compare-side" aria-label={`Trace ${letter}`}>
      <h2>
        <span class="badge">{letter}</span>{" "}
        <Link path={`/traces/${model.traceId}`} params={sharedParams(params)}>
          <bdi>{visibleText(root?.spanName ?? "", 200) || "(no name)"}</bdi>
        </Link>
      </h2>
      <p class="row facts-line">
        {model.failed.length === 0
          ? <span class="ok">✓ ok</span>
          : <span class="bad">✕ {formatWhole(model.failed.length)} failed</span>}
        <span>
          <b>{formatDuration(duration(model))}</b>
          {against !== undefined && (
            <Difference
              before={duration(against)}
              after={duration(model)}
              format={formatDuration}
            />
          )}
        </span>
        <span>
          {formatWhole(model.spans.length)} spans
          {against !== undefined && (
            <Difference
              before={against.spans.length}
              after={model.spans.length}
              format={formatWhole}
              neutral
            />
          )}
        </span>
        {(tokens(model) > 0 || (against !== undefined && tokens(against) > 0)) && (
          <span>
            {formatWhole(tokens(model))} tokens
            {against !== undefined && (
              <Difference before={tokens(against)} after={tokens(model)} format={formatWhole} />
            )}
          </span>
        )}
        <span class="muted">{formatTime(model.startUs, utc)}</span>
        <code class="muted">{model.traceId.slice(0, 12)}…</code>
      </p>
    </section>
  );
}
