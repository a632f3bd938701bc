/**
 * Embeddings of what records hold, and how similar they are.
 *
 * @module
 */

import type { EvaluationConfig } from "./dataset.ts";
import { type Compatibility, compilePath } from "./path.ts";
import { mapConcurrently } from "./pool.ts";
import { plainContext } from "./record.ts";
import type { AlignedEvalResult } from "./results/record_result.ts";

/** Turns texts into vectors. */
export interface Embedder {
  /**
   * Embeds texts.
   *
   * @param texts at least one
   * @returns one vector per text, in order
   */
  embed(texts: readonly string[]): Promise<readonly (readonly number[])[]>;
}

/**
 * The cosine of the angle between two vectors.
 *
 * @param a one vector
 * @param b the other, of the same length
 * @returns 1 for the same direction, 0 for right angles, -1 for opposite ones; `undefined` when a
 * vector is zero or the lengths differ
 * @example
 * ```ts
 * import { cosineSimilarity } from "./embeddings.ts";
 *
 * cosineSimilarity([1, 0], [1, 1]); // 0.7071…
 * ```
 */
export function cosineSimilarity(a: readonly number[], b: readonly number[]): number | undefined {
  if (a.length !== b.length) return undefined;
  let dot = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    dot += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  const norm = Math.sqrt(squareA) * Math.sqrt(squareB);
  return norm > 0 ? Math.min(1, Math.max(-1, dot / norm)) : undefined;
}

/**
 * Embeds what the configuration asks for and writes means and similarities into the results.
 *
 * @param results results by record; those from a file have no context and are left alone
 * @param config embedder, targets, whether to compare
 * @throws whatever the embedder throws
 */
export async function addEmbeddings(
  results: readonly AlignedEvalResult[],
  config: EvaluationConfig,
): Promise<void> {
  const { embedder, embeddingTargets = [], computeSimilarity = false } = config;
  const compatibility = config.compatibility ?? "reference";
  if (embedder === undefined || embeddingTargets.length === 0) return;
  const paths = embeddingTargets.map((target) => compilePath(target, compatibility));
  await mapConcurrently(results, config.concurrency ?? 8, async (result) => {
    if (result.record === undefined) return;
    const context = plainContext(result.record.context);
    const names: string[] = [];
    const texts: string[] = [];
    for (const path of paths) {
      const value = path.get(context);
      if (typeof value === "string") texts.push(value);
      else if (typeof value === "object" && value !== null) texts.push(JSON.stringify(value));
      else continue;
      names.push(path.text);
    }
    if (texts.length === 0) return;
    const vectors = await embedder.embed(texts);
    result.meanEmbeddings = Object.fromEntries(names.map((name, i) => [name, mean(vectors[i])]));
    if (computeSimilarity) result.similarityScores = similarities(names, vectors, compatibility);
  });
}

function mean(vector: readonly number[] | undefined): number {
  if (vector === undefined || vector.length === 0) return 0;
  return vector.reduce((sum, value) => sum + value, 0) / vector.length;
}

/**
 * Each pair once under `a_b_similarity`. In reference mode both orders under `a_b_cosine`, and as a
 * distance: 0 for the same direction, -1 when it cannot be computed.
 */
function similarities(
  names: readonly string[],
  vectors: readonly (readonly number[])[],
  compatibility: Compatibility,
): Record<string, number> {
  const scores: Record<string, number> = {};
  names.forEach((a, i) => {
    names.forEach((b, j) => {
      if (i === j) return;
      const cosine = cosineSimilarity(vectors[i] ?? [], vectors[j] ?? []);
      if (compatibility === "reference") {
        scores[`${a}_${b}_cosine`] = cosine === undefined ? -1 : 1 - cosine;
      } else if (i < j && cosine !== undefined) {
        scores[`${a}_${b}_similarity`] = cosine;
      }
    });
  });
  return scores;
}
