/**
 * Runs work with a bound on how much is under way at once; results keep the order of the items.
 *
 * @param items what to work on
 * @param concurrency how many at once, at least 1
 * @param work what to do with one
 * @returns the results in order
 * @throws the first error, after the work under way is done
 * @example
 * ```ts
 * import { mapConcurrently } from "./pool.ts";
 *
 * await mapConcurrently([1, 2, 3], 2, (n) => Promise.resolve(n * 2)); // [2, 4, 6]
 * ```
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results[index] = await work(items[index] as Item, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const count = Math.max(1, Math.min(Math.floor(concurrency), items.length));
  const settled = await Promise.allSettled(Array.from({ length: count }, worker));
  for (const outcome of settled) if (outcome.status === "rejected") throw outcome.reason;
  return results;
}
