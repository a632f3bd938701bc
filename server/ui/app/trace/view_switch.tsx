/**
 * The ways to look at a trace.
 *
 * @module
 */

import { useEffect } from "preact/hooks";
import { isTyping } from "../keys.ts";
import { setParams } from "../place.ts";
import type { TraceModel } from "./trace_model.ts";

/** A way to look at a trace. */
export type TraceViewName = "timeline" | "conversation" | "table" | "flame" | "logs";

const VIEWS: readonly { readonly name: TraceViewName; readonly title: string }[] = [
  { name: "timeline", title: "Timeline" },
  { name: "conversation", title: "Conversation" },
  { name: "table", title: "Table" },
  { name: "flame", title: "Flame" },
  { name: "logs", title: "Logs" },
];

/** The view the address names; the timeline where it names none the trace has. */
export function viewOf(params: URLSearchParams, model: TraceModel): TraceViewName {
  const wanted = params.get("view");
  return viewsOf(model).find(({ name }) => name === wanted)?.name ?? "timeline";
}

function viewsOf({ hasGenAi }: TraceModel) {
  return VIEWS.filter(({ name }) => hasGenAi || name !== "conversation");
}

/** Buttons for the views; the keys 1 to 5 are the same. */
export function ViewSwitch(
  { view, model }: { readonly view: TraceViewName; readonly model: TraceModel },
) {
  const views = viewsOf(model);
  const show = (name: TraceViewName) => setParams({ view: name === "timeline" ? null : name });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      const chosen = views[Number(event.key) - 1];
      if (chosen === undefined) return;
      event.preventDefault();
      show(chosen.name);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [model.hasGenAi]);
  return (
    <div class="segments" role="group" aria-label="View">
      {views.map(({ name, title }, i) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === view}
          title={`${title} (key ${i + 1})`}
          onClick={() => show(name)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
