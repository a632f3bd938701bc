/**
 * One step of a conversation: a call of a model, an agent or a tool, with what it was told and what it answered.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { GenAiEvaluation, GenAiStep } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { genAi } from "../genai/api.ts";
import { formatDuration, formatMoney, formatWhole } from "../format.ts";
import { hueClass } from "../service_color.ts";
import { visibleText } from "../text.ts";
import { Message, Part } from "./conversation_message.tsx";
import { OUTCOME_MARKS } from "./evaluation_badges.tsx";
import { outcomeOf } from "./evaluations.ts";

/** More characters than any message has. */
const EVERYTHING = 2_000_000_000;

/** A step. Texts that were cut are read when somebody unfolds one. */
export function Step(
  { step: cut, traceStartUs, selected, onSelect }: {
    readonly step: GenAiStep;
    readonly traceStartUs: number;
    readonly selected: boolean;
    readonly onSelect: () => void;
  },
) {
  const [whole, setWhole] = useState<GenAiStep | null>(null);
  const [problem, setProblem] = useState(false);
  const step = whole ?? cut;
  const readWhole = () => {
    setProblem(false);
    genAi.getMessages({
      of: { case: "traceId", value: step.traceId },
      spanId: step.spanId,
      maxTextChars: EVERYTHING,
    }).then(
      // What is a repetition is known only among all steps.
      (answer) => setWhole(withRepeats(answer.steps[0], cut)),
      () => setProblem(true),
    );
  };
  const fresh = step.input.filter((message) => !message.repeated);
  const repeated = step.input.filter((message) => message.repeated);
  const model = step.responseModel ?? step.requestModel;
  return (
    <li
      id={`step-${step.spanId}`}
      class={`step${selected ? " selected" : ""}`}
      style={{ marginLeft: `${Math.min(step.depth, 8) * 20}px` }}
    >
      <div class="step-head">
        <span class={`dot ${hueClass(step.serviceName)}`} aria-hidden="true" />
        <button
          type="button"
          class="as-link step-name"
          aria-pressed={selected}
          title="Show the span"
          onClick={onSelect}
        >
          <bdi>{visibleText(step.spanName, 200) || "(no name)"}</bdi>
        </button>
        {model !== undefined && <span class="muted">{visibleText(model, 80)}</span>}
        {step.agentName !== undefined && step.operationName !== "invoke_agent" && (
          <span class="muted">agent {visibleText(step.agentName, 60)}</span>
        )}
        {step.statusCode === 2 && (
          <span class="bad">
            ✕ {visibleText(step.errorType ?? step.statusMessage ?? "failed", 200)}
          </span>
        )}
        <span class="grow" />
        <Numbers step={step} traceStartUs={traceStartUs} />
      </div>
      {step.system.length > 0 && !step.systemRepeated && (
        <div class="message role-system">
          <span class="role">system</span>
          <div class="parts">
            {step.system.map((part, i) => <Part key={i} part={part} onWhole={readWhole} />)}
          </div>
        </div>
      )}
      {repeated.length > 0 && (
        <details class="repeated">
          <summary>
            {repeated.length === 1
              ? "1 message said before"
              : `${repeated.length} messages said before`}
          </summary>
          {repeated.map((message, i) => <Message key={i} message={message} onWhole={readWhole} />)}
        </details>
      )}
      {fresh.map((message, i) => <Message key={i} message={message} onWhole={readWhole} />)}
      {step.output.map((message, i) =>
        !message.repeated && <Message key={i} message={message} onWhole={readWhole} />
      )}
      {step.evaluations.map((evaluation, i) => (
        <p key={i} class="verdict">
          <b>{visibleText(evaluation.name, 100)}</b> <Verdict evaluation={evaluation} />{" "}
          {evaluation.explanation !== undefined && (
            <span class="muted">{visibleText(evaluation.explanation, 1000)}</span>
          )}
        </p>
      ))}
      {problem && (
        <p class="bad" role="alert">
          The whole text could not be read. Unfold it again.
        </p>
      )}
    </li>
  );
}

function Verdict({ evaluation }: { readonly evaluation: GenAiEvaluation }) {
  const { scoreLabel, scoreValue } = evaluation;
  const { mark, kind } = OUTCOME_MARKS[outcomeOf(evaluation)];
  const said = [
    ...(scoreLabel === undefined || scoreLabel === "" ? [] : [scoreLabel]),
    ...(scoreValue === undefined ? [] : [String(scoreValue)]),
  ];
  return (
    <span class={kind}>
      {mark} {visibleText(said.join(" · ") || "unmeasured", 100)}
    </span>
  );
}

function withRepeats(whole: GenAiStep | undefined, cut: GenAiStep): GenAiStep | null {
  if (whole === undefined) return null;
  const marked = (to: GenAiStep["input"], from: GenAiStep["input"]) =>
    to.map((message, i) => ({ ...message, repeated: from[i]?.repeated ?? false }));
  return {
    ...whole,
    systemRepeated: cut.systemRepeated,
    input: marked(whole.input, cut.input),
    output: marked(whole.output, cut.output),
  };
}

function Numbers(
  { step, traceStartUs }: { readonly step: GenAiStep; readonly traceStartUs: number },
) {
  const { inputTokens, outputTokens, costUsd } = step;
  const tokens = inputTokens !== undefined || outputTokens !== undefined;
  return (
    <span class="step-numbers">
      {tokens && (
        <span>
          {inputTokens === undefined ? "?" : formatWhole(Number(inputTokens))} in,{" "}
          {outputTokens === undefined ? "?" : formatWhole(Number(outputTokens))} out
        </span>
      )}
      {costUsd !== undefined
        ? <span title={`${costUsd} US dollars`}>{formatMoney(costUsd)}</span>
        : tokens && <span class="muted" title="No price is known for the model">unpriced</span>}
      <span>{formatDuration(Number(step.endTimeUs - step.startTimeUs))}</span>
      <span class="muted">at {formatDuration(Number(step.startTimeUs) - traceStartUs)}</span>
    </span>
  );
}
