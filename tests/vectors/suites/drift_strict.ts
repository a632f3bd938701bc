/**
 * The suite for answers of the strict mode, worked out independently of this library.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  checkSpcRules,
  computePsiDrift,
  computeSpcDrift,
  createPsiProfile,
  createSpcProfile,
  PsiDriftConfig,
  quantileBinning,
  SpcDriftConfig,
  spcAlertRule,
} from "../../../sdk/drift/mod.ts";
import { createDataProfile } from "../../../sdk/profile/mod.ts";
import { assertClose } from "../compare.ts";
import type { VectorSuite } from "../report.ts";

type Case = Readonly<Record<string, unknown>>;
type Values = (number | string | null)[];

const KINDS: Readonly<Record<string, (vector: Case, tolerance: number) => void>> = {
  spc_limits(vector, tolerance) {
    const config = new SpcDriftConfig({ sampleSize: Number(vector.sample_size) });
    const data = { x: vector.input as Values };
    const profile = createSpcProfile(data, config);
    const { id: _id, timestamp: _timestamp, ...limits } =
      JSON.parse(JSON.stringify(profile)).features.x;
    assertClose(limits, vector.expected, tolerance);
    assertClose(computeSpcDrift(data, profile).features.x?.samples, vector.samples, tolerance);
  },
  psi_quantile(vector, tolerance) {
    const expected = vector.expected as { edges: number[]; proportions: number[]; psi: number };
    const config = new PsiDriftConfig({ binningStrategy: quantileBinning(Number(vector.num_bins)) });
    const profile = createPsiProfile({ x: vector.baseline as Values }, config);
    const bins = profile.features.get("x")?.bins ?? [];
    assertClose(bins.slice(0, -1).map((bin) => bin.upperLimit), expected.edges, tolerance);
    assertClose(bins.map((bin) => bin.proportion), expected.proportions, tolerance);
    const drift = computePsiDrift({ x: vector.current as Values }, profile);
    assertClose(drift.features.x, expected.psi, tolerance);
  },
  psi_category(vector, tolerance) {
    const expected = vector.expected as { proportions: number[]; psi: number };
    const profile = createPsiProfile({ x: vector.baseline as Values });
    const bins = profile.features.get("x")?.bins ?? [];
    assertClose(bins.map((bin) => bin.proportion), expected.proportions, tolerance);
    const drift = computePsiDrift({ x: vector.current as Values }, profile);
    assertClose(drift.features.x, expected.psi, tolerance);
  },
  histogram(vector, tolerance) {
    const binSize = Number(vector.bin_size);
    const profile = createDataProfile({ x: vector.input as Values }, { binSize });
    const json = JSON.parse(JSON.stringify(profile));
    assertClose(json.features.x.numeric_stats.histogram, vector.expected, tolerance);
  },
  spc_rules(vector) {
    const found = checkSpcRules(vector.zones as number[], spcAlertRule({ rule: String(vector.rule) }));
    const texts = found.map(({ kind, zone }) => `${kind} ${zone}`).sort();
    assert.deepEqual(texts, vector.expected);
  },
};

const strict: VectorSuite = async (file, report) => {
  for (const [index, vector] of file.cases.entries()) {
    await report.check(`${index} ${vector.kind}`, () => {
      const run = KINDS[String(vector.kind)];
      assert.ok(run !== undefined, `unknown kind ${vector.kind}`);
      run(vector, file.tolerance ?? 0);
    });
  }
};

/** Strict-mode suites by file name. */
export const DRIFT_STRICT_SUITES: Readonly<Record<string, VectorSuite>> = {
  "drift_strict.json": strict,
};
