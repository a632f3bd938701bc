import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  assertionTask,
  bootstrapMean,
  cosineSimilarity,
  EvalDataset,
  histogram,
  holm,
  mcnemarExact,
  pairedPermutationTest,
  parseRecord,
  seededRandom,
  weighVotes,
  wilsonInterval,
} from "../../../sdk/evaluate/mod.ts";

const near = (actual: number | undefined, expected: number, tolerance = 1e-9): void => {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance,
    `${actual} is not ${expected}`,
  );
};

describe("McNemar's exact test", () => {
  it("is the two-sided binomial test", () => {
    // 2 · Σ_{i≤k} C(n,i) / 2ⁿ by hand.
    near(mcnemarExact(9, 1), 2 * (1 + 10) / 1024);
    near(mcnemarExact(6, 0), 2 / 64);
    near(mcnemarExact(5, 5), 1);
    near(mcnemarExact(0, 0), 1);
  });

  it("does not care which way, and holds for thousands of changes", () => {
    near(mcnemarExact(1, 9), mcnemarExact(9, 1));
    const p = mcnemarExact(3000, 2800);
    // Normal approximation with continuity correction: z = 199 / √5800, p = 0.00898.
    near(p, 0.00898, 1e-4);
  });
});

describe("the sign-flip test", () => {
  it("tries every pattern when there are few", () => {
    near(pairedPermutationTest([1, 1, 1, 1, 1], seededRandom(1)), 2 / 32);
    near(pairedPermutationTest([1, -1], seededRandom(1)), 1);
    near(pairedPermutationTest([0, 0, 0], seededRandom(1)), 1);
    near(pairedPermutationTest([], seededRandom(1)), 1);
    // |±1 ±2 ±3| ≥ 4: all but the four patterns whose sum is 0 or ±2.
    near(pairedPermutationTest([-1, 2, 3], seededRandom(1)), 4 / 8);
  });

  it("never claims certainty from samples", () => {
    const p = pairedPermutationTest(Array(40).fill(1), seededRandom(1), 999);
    near(p, 1 / 1000);
  });
});

describe("Holm's adjustment", () => {
  it("gives the published kind of example", () => {
    assert.deepEqual(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
    assert.deepEqual(holm([]), []);
  });

  it("never lowers a p-value and keeps their order", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (ps) => {
        const adjusted = holm(ps);
        ps.forEach((p, i) => {
          assert.ok((adjusted[i] ?? 0) >= p && (adjusted[i] ?? 2) <= 1);
          ps.forEach((q, j) => assert.ok(p >= q || (adjusted[i] ?? 0) <= (adjusted[j] ?? 0)));
        });
      }),
    );
  });
});

describe("intervals", () => {
  it("are Wilson's for proportions", () => {
    // Worked by hand from Wilson's formula: 8 of 10 at 95 %.
    const [low, high] = wilsonInterval(8, 10, 1.959963984540054);
    near(low, 0.4901625, 1e-6);
    near(high, 0.9433178, 1e-6);
  });

  it("decide by equal votes and stay unsure by two to one", () => {
    assert.equal(weighVotes(2, 2).verdict, "passed");
    assert.equal(weighVotes(0, 3).verdict, "failed");
    assert.equal(weighVotes(2, 3).verdict, "unsure");
    assert.equal(weighVotes(3, 3, 0.95).verdict, "unsure");
    near(weighVotes(2, 3).agreement, 2 / 3);
  });

  it("of bootstrapped means hold the mean and shrink to a constant", () => {
    assert.deepEqual(bootstrapMean([2, 2, 2], seededRandom(3)), [2, 2]);
    assert.equal(bootstrapMean([], seededRandom(3)), undefined);
    const values = Array.from({ length: 100 }, (_, i) => i);
    const [low = 0, high = 0] = bootstrapMean(values, seededRandom(3)) ?? [];
    // Standard error of 0…99 is 28.87 / 10; the interval is the mean ± 1.96 of them.
    near(low, 49.5 - 5.66, 1);
    near(high, 49.5 + 5.66, 1);
  });
});

describe("histograms", () => {
  it("count every value once, the greatest in the last bin", () => {
    assert.deepEqual(histogram([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], { bins: 2 }), {
      bins: [0, 5],
      bin_counts: [5, 6],
    });
    assert.deepEqual(histogram([1, 1, 1]).bin_counts.at(-1), 3);
    const numbers = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 });
    fc.assert(fc.property(numbers, (values) => {
      const { bin_counts } = histogram(values);
      assert.equal(bin_counts.reduce((sum, count) => sum + count, 0), values.length);
    }));
  });

  it("lose what lies on the last edge in reference mode", () => {
    const reference = { compatibility: "reference" } as const;
    assert.deepEqual(histogram([1, 1, 1], reference).bin_counts, Array(10).fill(0));
  });
});

describe("cosine similarity", () => {
  it("is one for the same direction, and nothing for a zero vector", () => {
    near(cosineSimilarity([1, 2], [2, 4]), 1);
    near(cosineSimilarity([1, 0], [0, 1]), 0);
    assert.equal(cosineSimilarity([0, 0], [1, 1]), undefined);
  });

  it("is written as a distance under both orders in reference mode only", async () => {
    const embedder = {
      embed: (texts: readonly string[]) =>
        Promise.resolve(texts.map((text) => text === "a" ? [1, 0] : [1, 1])),
    };
    const dataset = new EvalDataset(
      [parseRecord({ id: "r", context: { x: "a", y: { z: 1 }, n: 5 } })],
      [assertionTask({ id: "t", operator: "IsObject" })],
    );
    const config = { embedder, embeddingTargets: ["x", "y", "n"], computeSimilarity: true };
    const reference = (await dataset.evaluate(config)).get("r");
    assert.deepEqual(reference?.meanEmbeddings, { x: 0.5, y: 1 });
    near(reference?.similarityScores.x_y_cosine, 1 - Math.SQRT1_2);
    const strict = (await dataset.evaluate({ ...config, compatibility: "strict" })).get("r");
    assert.deepEqual(Object.keys(strict?.similarityScores ?? {}), ["x_y_similarity"]);
    near(strict?.similarityScores.x_y_similarity, Math.SQRT1_2);
  });
});

describe("comparing runs", () => {
  const run = (scores: readonly number[]) =>
    new EvalDataset(
      scores.map((score, i) => parseRecord({ id: `r${i}`, context: { score } })),
      [assertionTask({
        id: "score",
        contextPath: "score",
        operator: "GreaterThanOrEqual",
        expectedValue: 7,
      })],
    ).evaluate();

  it("counts what improved and regressed", async () => {
    const comparison = (await run([8, 5, 7, 10])).compareTo(await run([5, 8, 6, 9]));
    const { data } = comparison;
    assert.deepEqual(
      [data.improved_workflows, data.regressed_workflows, data.unchanged_workflows],
      [2, 1, 1],
    );
    near(data.mean_pass_rate_delta, 0.25);
    assert.equal(data.regressed, true);
    assert.equal(data.statistics.significant_regression, false);
  });

  it("tells a real fall from chance", async () => {
    const good = Array(20).fill(9);
    const { data } = (await run([...Array(12).fill(1), ...Array(8).fill(9)])).compareTo(
      await run(good),
    );
    // Twelve changes, all for the worse: p = 2 / 2¹².
    near(data.statistics.p_value, 2 / 4096);
    near(data.task_aggregate_stats[0]?.p_value, 2 / 4096);
    assert.equal(data.statistics.significant_regression, true);
    assert.deepEqual(data.statistics.regressed_tasks, ["score"]);
  });
});
