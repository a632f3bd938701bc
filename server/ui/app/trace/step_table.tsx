/**
 * The aligned steps of two traces.
 *
 * @module
 */

import type { TraceSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { formatDuration, formatWhole } from "../format.ts";
import { hueClass } from "../service_color.ts";
import { visibleText } from "../text.ts";
import { type AlignedStep, SIGNS, stepId } from "./align.ts";
import { Difference } from "./difference.tsx";
import { spanDurationUs } from "./trace_model.ts";
import { useVirtualRows } from "./virtual_rows.ts";

const ROW_HEIGHT = 28;
const HEAD_HEIGHT = 31;
const MAX_INDENTS = 12;

/** The table. Arrows move, `e` goes to the next step that differs. */
export function StepTable(
  { steps, selected, onSelect }: {
    readonly steps: readonly AlignedStep[];
    readonly selected: string | null;
    readonly onSelect: (id: string) => void;
  },
) {
  const at = steps.findIndex((step) => stepId(step) === selected);
  const { view, onScroll, first, last } = useVirtualRows(steps.length, ROW_HEIGHT, at, HEAD_HEIGHT);
  const select = (place: number) => {
    const step = steps[Math.max(0, Math.min(steps.length - 1, place))];
    if (step !== undefined) onSelect(stepId(step));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "j") select(at + 1);
    else if (event.key === "ArrowUp" || event.key === "k") select(at < 0 ? 0 : at - 1);
    else if (event.key === "Home") select(0);
    else if (event.key === "End") select(steps.length - 1);
    else if (event.key === "e") {
      const next = steps.findIndex((step, i) => i > at && step.change !== "same");
      if (next >= 0) select(next);
    } else return;
    event.preventDefault();
  };
  return (
    <div
      ref={view}
      class="span-table step-table"
      role="grid"
      aria-label="Steps. Arrow keys move, e goes to the next difference."
      aria-rowcount={steps.length + 1}
      aria-colcount={5}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div class="span-table-head" role="row" aria-rowindex={1}>
        <span role="columnheader">Step</span>
        <span role="columnheader">Change</span>
        <span role="columnheader" class="number">A</span>
        <span role="columnheader" class="number">B</span>
        <span role="columnheader" class="number">Tokens</span>
      </div>
      <div
        class="span-table-all"
        role="rowgroup"
        style={{ height: `${steps.length * ROW_HEIGHT}px` }}
      >
        {steps.slice(first, last).map((step, i) => (
          <StepRow
            key={i}
            step={step}
            index={first + i}
            selected={stepId(step) === selected}
            onSelect={() => onSelect(stepId(step))}
          />
        ))}
      </div>
      {steps.length === 0 && <p class="muted span-table-none">There are no such steps.</p>}
    </div>
  );
}

function StepRow(
  { step, index, selected, onSelect }: {
    readonly step: AlignedStep;
    readonly index: number;
    readonly selected: boolean;
    readonly onSelect: () => void;
  },
) {
  const { a, b, change } = step;
  const span = b ?? a;
  if (span === null) return null;
  return (
    <div
      class={`span-table-row change-${change}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
      onClick={onSelect}
    >
      <span
        role="gridcell"
        class="name"
        style={{ paddingLeft: `${Math.min(step.depth, MAX_INDENTS) * 14}px` }}
      >
        <span class="change-sign" aria-hidden="true">{SIGNS[change]}</span>
        {span.statusCode === 2 && <span class="bad" aria-label="failed">✕</span>}
        <bdi>{visibleText(span.spanName, 200) || "(no name)"}</bdi>{" "}
        <span class={`dot ${hueClass(span.serviceName)}`} aria-hidden="true" />
        <bdi class="muted">{visibleText(span.serviceName, 60)}</bdi>
      </span>
      <span role="gridcell" class="change">
        {change === "changed" ? step.reasons.join(", ") : change}
      </span>
      <span role="gridcell" class="number">
        {a === null ? "" : formatDuration(spanDurationUs(a))}
      </span>
      <span role="gridcell" class="number">
        {b === null ? "" : formatDuration(spanDurationUs(b))}
        {a !== null && b !== null && (
          <Difference
            before={spanDurationUs(a)}
            after={spanDurationUs(b)}
            format={formatDuration}
          />
        )}
      </span>
      <span role="gridcell" class="number">
        {tokensOf(b ?? a) === 0 ? "" : formatWhole(tokensOf(b ?? a))}
        {a !== null && b !== null && (
          <Difference before={tokensOf(a)} after={tokensOf(b)} format={formatWhole} />
        )}
      </span>
    </div>
  );
}

function tokensOf(span: TraceSpan | null): number {
  return Number(span?.genAi?.inputTokens ?? 0n) + Number(span?.genAi?.outputTokens ?? 0n);
}
