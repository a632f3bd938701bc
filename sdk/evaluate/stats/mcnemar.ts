/**
 * McNemar's exact test for paired yes/no outcomes: given that an outcome changed, was it as likely
 * to change for the better as for the worse? (Q. McNemar, Psychometrika 12, 1947; exact form as the
 * two-sided binomial test with p = 1/2.)
 *
 * @param worse pairs that passed before and fail now
 * @param better pairs that failed before and pass now
 * @returns the two-sided p-value; 1 when nothing changed
 * @example
 * ```ts
 * import { mcnemarExact } from "./mcnemar.ts";
 *
 * mcnemarExact(9, 1); // 0.021484375
 * ```
 */
export function mcnemarExact(worse: number, better: number): number {
  const changed = worse + better;
  if (changed === 0) return 1;
  const fewer = Math.min(worse, better);
  // The tail in logarithms, so that thousands of changes do not underflow.
  let logTerm = -changed * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let i = 1; i <= fewer; i++) {
    logTerm += Math.log(changed - i + 1) - Math.log(i);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}
