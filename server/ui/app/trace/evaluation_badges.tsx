/**
 * What was judged of a trace, in its header: a badge for each evaluation that leads to the step judged.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { formatWhole } from "../format.ts";
import { currentPlace, setParams } from "../place.ts";
import { visibleText } from "../text.ts";
import type { EvaluationSummary, Outcome } from "./evaluations.ts";

/** Badges at once; more are one click away. */
const SHOWN = 6;
const SCORE = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

/** The shape and the class of each outcome; told apart without colour. */
export const OUTCOME_MARKS: Readonly<
  Record<Outcome, { readonly mark: string; readonly kind: string }>
> = {
  failed: { mark: "✕", kind: "bad" },
  passed: { mark: "✓", kind: "ok" },
  unmeasured: { mark: "○", kind: "unmeasured" },
  scored: { mark: "", kind: "" },
};

const MEASURED: readonly Outcome[] = ["passed", "failed", "unmeasured"];

/** The badges; nothing where nothing was judged. */
export function EvaluationBadges(
  { evaluations, isStep }: {
    readonly evaluations: readonly EvaluationSummary[];
    /** Whether the conversation has the span. */
    readonly isStep: (spanId: string) => boolean;
  },
) {
  const [all, setAll] = useState(false);
  if (evaluations.length === 0) return null;
  const shown = all ? evaluations : evaluations.slice(0, SHOWN);
  const more = evaluations.length - shown.length;
  return (
    <p class="row evaluations" role="group" aria-label="Evaluations">
      {shown.map((evaluation) => (
        <Badge key={evaluation.name} evaluation={evaluation} isStep={isStep} />
      ))}
      {more > 0 && (
        <button type="button" class="small quiet" onClick={() => setAll(true)}>
          {formatWhole(more)} more
        </button>
      )}
    </p>
  );
}

function Badge(
  { evaluation, isStep }: {
    readonly evaluation: EvaluationSummary;
    readonly isStep: (spanId: string) => boolean;
  },
) {
  const { name, counts, meanScore, only, labels, spanIds } = evaluation;
  const open = () => {
    // Pressed again, it goes on to the next step that was judged.
    const at = spanIds.indexOf(currentPlace().params.get("span") ?? "");
    const span = spanIds[(at + 1) % spanIds.length];
    if (span === undefined) return;
    setParams({ span, view: isStep(span) ? "conversation" : null });
  };
  return (
    <button
      type="button"
      class="badge evaluation"
      title={`${visibleText(name, 300)}: ${inWords(evaluation)}. Click to see the step judged.`}
      onClick={open}
    >
      <bdi class="evaluation-name">{visibleText(name, 40)}</bdi>
      {MEASURED.map((outcome) =>
        counts[outcome] > 0 && (
          <span key={outcome} class={OUTCOME_MARKS[outcome].kind}>
            {OUTCOME_MARKS[outcome].mark} {only !== null ? visibleText(only, 24) : (
              <>
                {formatWhole(counts[outcome])}
                <span class="sr">{outcome}</span>
              </>
            )}
          </span>
        )
      )}
      {labels.slice(0, 2).map(([label, count]) => (
        <span key={label}>
          <bdi>{visibleText(label, 24)}</bdi>
          {count > 1 && ` ×${formatWhole(count)}`}
        </span>
      ))}
      {meanScore !== null && (
        <span class="score">
          {only === null && <span class="muted">mean</span>} {SCORE.format(meanScore)}
        </span>
      )}
    </button>
  );
}

function inWords({ counts, meanScore, only, labels }: EvaluationSummary): string {
  const parts: string[] = MEASURED.flatMap((outcome) =>
    counts[outcome] > 0 ? [`${formatWhole(counts[outcome])} ${outcome}`] : []
  );
  for (const [label, count] of labels) {
    parts.push(
      count === 1 ? visibleText(label, 60) : `${formatWhole(count)} ${visibleText(label, 60)}`,
    );
  }
  if (meanScore !== null) {
    parts.push(`${only === null ? "mean score" : "score"} ${SCORE.format(meanScore)}`);
  }
  return parts.join(", ");
}
