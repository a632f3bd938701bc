/**
 * A trace that was read: its header, one of its views, and the span chosen.
 *
 * @module
 */

import { useEffect, useMemo } from "preact/hooks";
import type { TraceSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { genAi } from "../genai/api.ts";
import { isTyping } from "../keys.ts";
import { useLoad } from "../loading.ts";
import { currentPlace, setParams } from "../place.ts";
import { SpanPanel } from "../span_panel.tsx";
import { visibleText } from "../text.ts";
import { Waterfall } from "../waterfall.tsx";
import { Conversation } from "./conversation.tsx";
import { evaluationsOf } from "./evaluations.ts";
import { FAILED_STEP } from "./failed_step.ts";
import { useFind } from "./find.ts";
import { FindBar } from "./find_bar.tsx";
import { FlameGraph } from "./flame_graph.tsx";
import { TraceLogs } from "./logs.tsx";
import { SpanTable } from "./span_table.tsx";
import { TraceHeader } from "./trace_header.tsx";
import type { TraceModel } from "./trace_model.ts";
import { viewOf, ViewSwitch } from "./view_switch.tsx";
import { zoomOf, zoomParam } from "./zoom.ts";

/** What a screen reader is told of the span that was chosen. */
function spokenOf(span: TraceSpan): string {
  const failed = span.statusCode === 2 ? `, failed: ${span.statusMessage ?? ""}` : "";
  return visibleText(`${span.spanName}${failed}`, 200);
}

/** The page of a trace that has spans. */
export function TraceView(
  { model, open, params }: {
    readonly model: TraceModel;
    readonly open: boolean;
    readonly params: URLSearchParams;
  },
) {
  const { rows, spans } = model;
  const view = viewOf(params, model);
  const selectedId = params.get("span");
  const find = params.get("find") ?? "";
  const found = useFind(model, find);
  const select = (id: string | null) => setParams({ span: id }, true);
  const messages = useLoad(
    model.hasGenAi ? `${model.traceId} ${spans.length}` : "",
    (signal) =>
      model.hasGenAi
        ? genAi.getMessages({ of: { case: "traceId", value: model.traceId } }, { signal })
        : Promise.resolve(null),
  );
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
      if (isTyping(event)) return;
      if (event.key === "e") after(model.failed);
      else if (event.key === "Escape" && currentPlace().params.get("span") !== null) select(null);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [model]);
  useEffect(() => {
    if (selectedId === FAILED_STEP && model.failedStep !== undefined) select(model.failedStep);
  }, [selectedId, model]);
  const steps = messages.data?.steps ?? null;
  // The steps tell more than the spans: without them the numbers would change before one's eyes.
  const awaited = model.hasGenAi && steps === null && messages.failure === null;
  const evaluations = useMemo(
    () => awaited ? [] : evaluationsOf(steps, spans),
    [awaited, steps, spans],
  );
  const selected = selectedId === null ? undefined : model.byId.get(selectedId);
  const part = zoomOf(params, model.startUs, model.endUs);
  return (
    <div class="trace">
      <TraceHeader
        model={model}
        open={open}
        params={params}
        steps={steps}
        evaluations={evaluations}
        onSelect={select}
      />
      <p class="sr" role="status">{selected === undefined ? "" : spokenOf(selected)}</p>
      {model.truncated && (
        <p class="banner">This trace has more than 50,000 spans; the earliest are shown.</p>
      )}
      <div class="row view-line">
        <ViewSwitch view={view} model={model} />
        <FindBar model={model} text={find} found={found} selected={selectedId} />
        <span class="grow" />
        {view === "timeline" && (
          <span class="legend muted">
            <span class="critical-sample" aria-hidden="true" /> critical path{" "}
            <span class="tick-sample" aria-hidden="true" /> event
          </span>
        )}
      </div>
      <div
        class={selected === undefined ? "trace-body" : "trace-body with-panel"}
        onKeyDown={findInstead}
      >
        {view === "timeline"
          ? (
            <Waterfall
              model={model}
              part={part}
              onPart={(next) => setParams({ zoom: zoomParam(next, model.startUs) }, true)}
              selected={selectedId}
              onSelect={select}
              found={found.ids}
            />
          )
          : view === "conversation"
          ? (
            <Conversation
              model={model}
              messages={messages}
              selected={selectedId}
              onSelect={select}
            />
          )
          : view === "table"
          ? (
            <SpanTable
              model={model}
              params={params}
              filtered={find.trim() === "" ? null : found.ids}
              selected={selectedId}
              onSelect={select}
            />
          )
          : view === "logs"
          ? <TraceLogs model={model} params={params} onSelect={select} />
          : <FlameGraph model={model} params={params} />}
        {selected !== undefined && (
          <SpanPanel
            span={selected}
            model={model}
            params={params}
            onClose={() => select(null)}
            onSelect={select}
          />
        )}
      </div>
    </div>
  );
}

/** The browser's own search sees only the rows in view: within the list of spans its key means that of the page. */
function findInstead(event: KeyboardEvent): void {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "f") return;
  const { target } = event;
  if (!(target instanceof HTMLElement) || target.closest("[role=tree], [role=grid]") === null) {
    return;
  }
  const search = document.getElementById("search");
  if (!(search instanceof HTMLInputElement)) return;
  event.preventDefault();
  search.focus();
  search.select();
}
