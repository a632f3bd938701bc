/**
 * A canary: the new version answers the same questions as the old one; a fall that chance does not
 * explain stops the roll-out. This one regresses on purpose. Runs offline:
 * `deno run -A examples/eval_canary.ts`.
 */

import { assertionTask, EvalDataset, type EvalResults, parseRecord } from "../sdk/evaluate/mod.ts";

const questions = Array.from({ length: 24 }, (_, i) => ({ id: `q${i}`, a: i, b: i * 2 + 1 }));

/** Asks a version of the agent every question and checks its sums. */
function evaluate(answer: (a: number, b: number) => string): Promise<EvalResults> {
  const records = questions.map(({ id, a, b }) =>
    parseRecord({ id, context: { answer: answer(a, b), expected: String(a + b) } })
  );
  return new EvalDataset(records, [
    assertionTask({
      id: "correct",
      contextPath: "answer",
      operator: "Equals",
      expectedValue: "${expected}",
    }),
    assertionTask({
      id: "just-a-number",
      contextPath: "answer",
      operator: "Matches",
      expectedValue: "^\\d+$",
    }),
  ]).evaluate();
}

const stable = await evaluate((a, b) => String(a + b));
// The canary became chatty with larger numbers.
const canary = await evaluate((a, b) => a < 12 ? String(a + b) : `The answer is ${a + b}`);

const comparison = canary.compareTo(stable, { regressionThreshold: 0.05, alpha: 0.01 });
console.log(comparison.toTable());
const { significant_regression, regressed_tasks } = comparison.data.statistics;
console.log(
  significant_regression
    ? `Stop the roll-out: ${regressed_tasks.join(", ")} fell more than chance explains`
    : "Go on",
);
