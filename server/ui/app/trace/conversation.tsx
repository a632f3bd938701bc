/**
 * What was said in a trace: the messages of its models, agents and tools, in order.
 *
 * @module
 */

import { useEffect } from "preact/hooks";
import type { GetMessagesResponse } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import type { Loaded } from "../loading.ts";
import { EmptyNote, FailureNote, Skeleton } from "../states.tsx";
import { Step } from "./conversation_step.tsx";
import type { TraceModel } from "./trace_model.ts";

/** What the bar at the top of the page covers, and some more. */
const HEAD_PX = 60;

/** The view. `j` and `k` move from step to step. */
export function Conversation(
  { model, messages, selected, onSelect }: {
    readonly model: TraceModel;
    readonly messages: Loaded<GetMessagesResponse | null>;
    readonly selected: string | null;
    readonly onSelect: (spanId: string) => void;
  },
) {
  const { data, failure, reload } = messages;
  const here = selected !== null && data?.steps.some(({ spanId }) => spanId === selected);
  useEffect(() => {
    if (here) showStep(selected);
  }, [selected, here]);
  if (failure !== null) return <FailureNote failure={failure} onRetry={reload} />;
  if (data === null) return <Skeleton rows={8} />;
  const { steps } = data;
  if (steps.length === 0) {
    return (
      <EmptyNote title="Nothing was said">
        <p>No span of this trace is a call of a model, an agent or a tool.</p>
      </EmptyNote>
    );
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "j" && event.key !== "k") return;
    const at = steps.findIndex((step) => step.spanId === selected);
    const next = steps[Math.max(0, Math.min(steps.length - 1, at + (event.key === "j" ? 1 : -1)))];
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next.spanId);
  };
  const told = steps.some((step) =>
    step.system.length > 0 || step.input.length > 0 || step.output.length > 0
  );
  return (
    <div
      class="conversation"
      role="region"
      aria-label="Conversation"
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {!told && (
        <p class="banner">
          These spans tell no messages. Instrumentations often record them only when they are told
          to, such as by <code>OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true</code>.
        </p>
      )}
      <ol class="steps">
        {steps.map((step) => (
          <Step
            key={step.spanId}
            step={step}
            traceStartUs={model.startUs}
            selected={step.spanId === selected}
            onSelect={() => onSelect(step.spanId)}
          />
        ))}
      </ol>
      {data.truncated && <p class="muted">The first {steps.length} steps are shown.</p>}
    </div>
  );
}

/** Brings the head of a step into view; one that is there already stays where it is. */
function showStep(spanId: string): void {
  const step = document.getElementById(`step-${spanId}`);
  if (step === null) return;
  const { top } = step.getBoundingClientRect();
  if (top < HEAD_PX || top > innerHeight - 2 * HEAD_PX) step.scrollIntoView({ block: "center" });
}
