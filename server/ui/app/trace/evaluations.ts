/**
 * What was judged of a trace, added up by the name of the evaluation.
 *
 * @module
 */

import type { GenAiStep } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import type { TraceSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { valueText } from "../text.ts";

/** The event that tells a result (OpenTelemetry semantic conventions). */
const EVENT = "gen_ai.evaluation.result";

/** One result: a label, a score, both, or neither. */
export interface Verdict {
  readonly scoreLabel?: string | undefined;
  readonly scoreValue?: number | undefined;
}

/** What a result says. A label that is not a yes or a no, and a score alone, say neither. */
export type Outcome = "passed" | "failed" | "unmeasured" | "scored";

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  pass: "passed",
  passed: "passed",
  correct: "passed",
  true: "passed",
  yes: "passed",
  fail: "failed",
  failed: "failed",
  incorrect: "failed",
  false: "failed",
  no: "failed",
  unmeasured: "unmeasured",
  skipped: "unmeasured",
  error: "unmeasured",
};

/** The outcome of a result. */
export function outcomeOf({ scoreLabel, scoreValue }: Verdict): Outcome {
  const label = scoreLabel?.trim().toLowerCase() ?? "";
  if (Object.hasOwn(OUTCOMES, label)) return OUTCOMES[label] ?? "scored";
  return label === "" && scoreValue === undefined ? "unmeasured" : "scored";
}

/** All results of one name. */
export interface EvaluationSummary {
  readonly name: string;
  readonly counts: Readonly<Record<Outcome, number>>;
  /** Of those that have a score; null without any. */
  readonly meanScore: number | null;
  /** Labels that say neither yes nor no, with how often they were given, most frequent first. */
  readonly labels: readonly (readonly [string, number])[];
  /** The label or the outcome of the only result; null when there are several. */
  readonly only: string | null;
  /** Judged spans: where it failed first, then where it was not measured, then the rest. */
  readonly spanIds: readonly string[];
}

interface Judged extends Verdict {
  readonly name: string;
  readonly spanId: string;
}

/**
 * Adds up.
 *
 * @param steps The GenAI spans; null while not known.
 * @param spans All spans, for results told by spans that are no steps.
 * @returns Names with a failure first, then in the order they appear in.
 */
export function evaluationsOf(
  steps: readonly GenAiStep[] | null,
  spans: readonly TraceSpan[],
): EvaluationSummary[] {
  const known = new Set(steps?.map(({ spanId }) => spanId));
  const judged: Judged[] = [
    ...(steps ?? []).flatMap(({ spanId, evaluations }) =>
      evaluations.map(({ name, scoreLabel, scoreValue }) => ({
        name,
        spanId,
        scoreLabel,
        scoreValue,
      }))
    ),
    ...spans.flatMap((span) => known.has(span.spanId) ? [] : toldBy(span)),
  ];
  const byName = new Map<string, Judged[]>();
  for (const result of judged) {
    const group = byName.get(result.name);
    if (group === undefined) byName.set(result.name, [result]);
    else group.push(result);
  }
  return [...byName].map(([name, results]) => summary(name, results))
    .sort((a, b) => Math.sign(b.counts.failed) - Math.sign(a.counts.failed));
}

const URGENCY: readonly Outcome[] = ["failed", "unmeasured", "scored", "passed"];

function summary(name: string, results: readonly Judged[]): EvaluationSummary {
  const counts = { passed: 0, failed: 0, unmeasured: 0, scored: 0 };
  const labels = new Map<string, number>();
  const scores: number[] = [];
  for (const result of results) {
    const outcome = outcomeOf(result);
    counts[outcome]++;
    if (result.scoreValue !== undefined) scores.push(result.scoreValue);
    const label = result.scoreLabel?.trim() ?? "";
    if (outcome === "scored" && label !== "") labels.set(label, (labels.get(label) ?? 0) + 1);
  }
  const [one, ...others] = results;
  const ordered = URGENCY.flatMap((outcome) =>
    results.filter((result) => outcomeOf(result) === outcome)
  );
  return {
    name,
    counts,
    meanScore: scores.length === 0
      ? null
      : scores.reduce((sum, score) => sum + score, 0) / scores.length,
    labels: [...labels].sort((a, b) => b[1] - a[1]),
    only: one === undefined || others.length > 0 ? null : one.scoreLabel?.trim() || outcomeOf(one),
    spanIds: [...new Set(ordered.map(({ spanId }) => spanId))],
  };
}

/** Results among the events of a span. */
function toldBy({ spanId, events }: TraceSpan): Judged[] {
  return events.flatMap(({ name: eventName, attributes }) => {
    if (eventName !== EVENT) return [];
    const json = (key: string) =>
      attributes.find((attribute) => attribute.key === `gen_ai.evaluation.${key}`)?.valueJson;
    const text = (key: string) => {
      const value = json(key);
      return value === undefined ? "" : valueText(value);
    };
    const name = text("name");
    if (name === "") return [];
    const label = text("score.label");
    const score = Number(text("score.value") || NaN);
    return [{
      name,
      spanId,
      scoreLabel: label === "" ? undefined : label,
      scoreValue: Number.isNaN(score) ? undefined : score,
    }];
  });
}
