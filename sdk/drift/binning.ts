import type { Compatibility } from "./compatibility.ts";
import { DriftError } from "./error.ts";
import type { JsonNode } from "./json_node.ts";

/** Rules that choose how many bins of equal width a column gets. */
export const EQUAL_WIDTH_RULES = [
  "SquareRoot",
  "Sturges",
  "Rice",
  "Doane",
  "Scott",
  "TerrellScott",
  "FreedmanDiaconis",
] as const;

/** A rule for the number of equal-width bins, or the number itself. */
export type EqualWidthMethod =
  | { readonly rule: (typeof EQUAL_WIDTH_RULES)[number] }
  | { readonly rule: "Manual"; readonly numBins: number };

/** How a numeric column is cut into bins. */
export type BinningStrategy =
  | { readonly kind: "Quantile"; readonly numBins: number }
  | { readonly kind: "EqualWidth"; readonly method: EqualWidthMethod };

/** More bins than this are refused in reference mode, and not asked for in strict mode. */
export const MAX_BINS: { readonly reference: 1_000_000; readonly strict: 1000 } = {
  reference: 1_000_000,
  strict: 1000,
};

/**
 * Bins with equal shares of the baseline, cut at its quantiles.
 *
 * @param numBins how many, at least 2
 * @returns the strategy
 * @throws DriftError when there would be fewer than 2
 * @example
 * ```ts
 * import { quantileBinning } from "./mod.ts";
 *
 * quantileBinning(10).kind; // "Quantile"
 * ```
 */
export function quantileBinning(numBins: number = 10): BinningStrategy {
  checkNumBins(numBins);
  return { kind: "Quantile", numBins };
}

/**
 * Bins of equal width between the baseline's smallest and largest value.
 *
 * @param method the rule that chooses how many (in any case), or how many
 * @returns the strategy
 * @throws DriftError when the rule is unknown or there would be fewer than 2 bins
 * @example
 * ```ts
 * import { equalWidthBinning } from "./mod.ts";
 *
 * equalWidthBinning("freedmanDiaconis");
 * equalWidthBinning(12);
 * ```
 */
export function equalWidthBinning(method: string | number = "Doane"): BinningStrategy {
  if (typeof method === "number") {
    checkNumBins(method);
    return { kind: "EqualWidth", method: { rule: "Manual", numBins: method } };
  }
  const rule = EQUAL_WIDTH_RULES.find((known) => known.toLowerCase() === method.toLowerCase());
  if (rule === undefined) {
    throw new DriftError(
      "INVALID_CONFIG",
      `Unknown equal-width rule "${method}"; use ${
        EQUAL_WIDTH_RULES.join(", ")
      } or a number of bins`,
    );
  }
  return { kind: "EqualWidth", method: { rule } };
}

function checkNumBins(numBins: number): void {
  if (!Number.isInteger(numBins) || numBins < 2) {
    throw new DriftError("INVALID_CONFIG", `At least 2 bins are needed, got ${numBins}`);
  }
}

/** What the rules look at. */
export interface BinningFacts {
  /** Finite values. */
  readonly count: number;
  /** The smallest value. */
  readonly min: number;
  /** The largest value. */
  readonly max: number;
  /** Population standard deviation; only Scott asks. */
  readonly stddev: () => number;
  /** Population skewness g₁; only Doane asks. */
  readonly skewness: () => number;
  /** First and third quartile without interpolation; only Freedman–Diaconis asks. */
  readonly quartiles: () => readonly [number, number];
}

/**
 * The number of equal-width bins that a rule asks for. Sources: Sturges 1926; Doane 1976; Scott 1979; Freedman and
 * Diaconis 1981; Terrell and Scott 1985; the Rice University rule.
 *
 * @param method the rule
 * @param facts what is known of the column
 * @param compatibility see {@linkcode Compatibility}
 * @returns the number of bins
 * @throws DriftError in reference mode when the rule gives fewer than 2 or more than a million
 */
export function numberOfBins(
  method: EqualWidthMethod,
  facts: BinningFacts,
  compatibility: Compatibility,
): number {
  let k = ruleOfThumb(method, facts);
  if (compatibility === "strict") {
    if (!Number.isFinite(k) && method.rule === "FreedmanDiaconis") {
      k = ruleOfThumb({ rule: "Scott" }, facts);
    }
    return Number.isNaN(k) ? 2 : Math.min(Math.max(k, 2), MAX_BINS.strict);
  }
  if (!(k >= 2)) {
    throw new DriftError(
      "NOT_ENOUGH_BINS",
      `${method.rule} gives ${k} bins for this column, at least 2 are needed; choose quantile binning, or check for a ` +
        "constant column",
    );
  }
  if (k > MAX_BINS.reference) {
    throw new DriftError(
      "TOO_MANY_BINS",
      `${method.rule} asks for ${k} bins, at most ${MAX_BINS.reference} are made; choose another rule`,
    );
  }
  return k;
}

function ruleOfThumb(method: EqualWidthMethod, facts: BinningFacts): number {
  const { count: n, min, max } = facts;
  // pow and not cbrt: the two differ in the last digit where 2·n^(1/3) is about to round up.
  const rootN = n ** (1 / 3);
  switch (method.rule) {
    case "Manual":
      return method.numBins;
    case "SquareRoot":
      return Math.ceil(Math.sqrt(n));
    case "Sturges":
      return Math.ceil(Math.log2(n)) + 1;
    case "Rice":
      return Math.ceil(2 * rootN);
    case "TerrellScott":
      return Math.round((2 * n) ** (1 / 3));
    case "Doane": {
      const sigma = Math.sqrt(6 * (n - 2) / ((n + 1) * (n + 3)));
      return Math.round(1 + Math.log2(n) + Math.log2(1 + Math.abs(facts.skewness()) / sigma));
    }
    case "Scott":
      return Math.ceil((max - min) / (3.49 * facts.stddev() * n ** (-1 / 3)));
    case "FreedmanDiaconis": {
      const [q1, q3] = facts.quartiles();
      return Math.ceil((max - min) / (2 * (q3 - q1) * n ** (-1 / 3)));
    }
  }
}

/** The JSON form. */
export function binningToJson(strategy: BinningStrategy): Record<string, unknown> {
  if (strategy.kind === "Quantile") return { QuantileBinning: { num_bins: strategy.numBins } };
  const { method } = strategy;
  return {
    EqualWidthBinning: {
      method: method.rule === "Manual"
        ? { Manual: { num_bins: method.numBins } }
        : { [method.rule]: null },
    },
  };
}

/** Reads the JSON form. */
export function binningFromJson(node: JsonNode): BinningStrategy {
  const [kind, content] = node.tagged();
  if (kind === "QuantileBinning") {
    return { kind: "Quantile", numBins: content.get("num_bins").integer() };
  }
  if (kind !== "EqualWidthBinning") return node.fail("QuantileBinning or EqualWidthBinning");
  const method = content.get("method");
  // A method without parameters may also stand as a bare string.
  const [rule, parameters] = typeof method.value === "string"
    ? [method.value, method]
    : method.tagged();
  if (rule === "Manual") {
    return {
      kind: "EqualWidth",
      method: { rule, numBins: parameters.get("num_bins").integer() },
    };
  }
  const known = EQUAL_WIDTH_RULES.find((candidate) => candidate === rule);
  return known === undefined
    ? method.fail(`Manual or one of ${EQUAL_WIDTH_RULES.join(", ")}`)
    : { kind: "EqualWidth", method: { rule: known } };
}
