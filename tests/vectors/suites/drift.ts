/**
 * Suites for PSI, SPC, alert conditions and profile files. They run in reference mode: the vectors are what the
 * reference answered.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  AlertCondition,
  computePsiDrift,
  computeSpcDrift,
  createPsiProfile,
  createSpcProfile,
  equalWidthBinning,
  parseDriftProfile,
  PsiDriftConfig,
  PsiDriftProfile,
  quantileBinning,
  SpcDriftConfig,
  SpcDriftProfile,
} from "../../../sdk/drift/mod.ts";
import { assertClose } from "../compare.ts";
import type { VectorFile, VectorReport, VectorSuite } from "../report.ts";

type Case = Readonly<Record<string, unknown>>;
const reference = { compatibility: "reference" } as const;

/** A case's column: its own list, or one that the file's cases share. */
function inputOf(file: VectorFile, vector: Case): readonly (number | string)[] {
  const shared = file.document.columns as Record<string, (number | string)[]> | undefined;
  const { input } = vector;
  const column = typeof input === "string" ? shared?.[input] : input;
  assert.ok(Array.isArray(column), `there is no column ${String(input)}`);
  return column;
}

function strategyOf(vector: Case) {
  const { binning, num_bins: numBins } = vector;
  if (binning === "quantile") return quantileBinning(Number(numBins));
  return equalWidthBinning(binning === "manual" ? Number(numBins) : String(binning));
}

function configOf(vector: Case): PsiDriftConfig {
  return vector.binning === "categorical"
    ? new PsiDriftConfig({ categoricalFeatures: [String(vector.feature)] })
    : new PsiDriftConfig({ binningStrategy: strategyOf(vector) });
}

/** Category bins come in arbitrary order. */
function byId(bins: unknown): unknown[] {
  return (bins as { id: number }[]).toSorted((a, b) => a.id - b.id);
}

const psiProfile: VectorSuite = async (file, report) => {
  for (const [index, vector] of file.cases.entries()) {
    const name = `${index} ${vector.feature} ${vector.binning} ${vector.num_bins ?? ""}`.trim();
    await report.check(name, () => {
      const feature = String(vector.feature);
      const create = () =>
        createPsiProfile({ [feature]: inputOf(file, vector) }, configOf(vector), reference);
      if (vector.expected_error !== undefined) {
        assert.throws(create);
        return;
      }
      const json = JSON.parse(JSON.stringify(create()));
      const expected = vector.expected as Record<string, unknown>;
      assert.equal(json.features[feature].bin_type, expected.bin_type);
      assertClose(byId(json.features[feature].bins), byId(expected.bins), file.tolerance ?? 0);
      if (expected.feature_map !== undefined) {
        assertClose(json.config.feature_map, expected.feature_map, 0);
      }
    });
  }
};

const psiDrift: VectorSuite = async (file, report) => {
  for (const [index, vector] of file.cases.entries()) {
    const name = `${index} ${vector.feature} ${vector.binning} ${vector.num_bins ?? ""}`.trim();
    await report.check(name, () => {
      const feature = String(vector.feature);
      const profile = PsiDriftProfile.fromJSON({
        features: {
          [feature]: {
            id: feature,
            bin_type: vector.bin_type,
            timestamp: "2025-01-01T00:00:00Z",
            bins: vector.baseline_bins,
          },
        },
        config: {
          ...JSON.parse(JSON.stringify(new PsiDriftConfig())),
          feature_map: vector.feature_map,
        },
      });
      const drift = computePsiDrift({ [feature]: inputOf(file, vector) }, profile, reference);
      assertClose(drift.features[feature], vector.expected_psi, file.tolerance ?? 0);
    });
  }
};

const spcProfile: VectorSuite = (file, report) =>
  eachSpc(file, report, (vector) => {
    const config = new SpcDriftConfig({ sampleSize: Number(vector.sample_size) });
    const profile = createSpcProfile({ x: inputOf(file, vector) }, config, reference);
    const { id, timestamp, ...limits } = JSON.parse(JSON.stringify(profile)).features.x;
    assert.equal(id, "x");
    assert.ok(!Number.isNaN(Date.parse(timestamp)));
    assertClose(limits, vector.expected, file.tolerance ?? 0);
  });

const spcDrift: VectorSuite = (file, report) =>
  eachSpc(file, report, (vector) => {
    const config = new SpcDriftConfig({ sampleSize: Number(vector.sample_size) });
    const profile = SpcDriftProfile.fromJSON({
      features: {
        x: { id: "x", timestamp: "2025-01-01T00:00:00Z", ...vector.limits as object },
      },
      config: config.toJSON(),
    });
    const drift = computeSpcDrift({ x: inputOf(file, vector) }, profile, reference);
    assertClose(drift.features.x, vector.expected, file.tolerance ?? 0);
  });

async function eachSpc(
  file: VectorFile,
  report: VectorReport,
  run: (vector: Case) => void,
): Promise<void> {
  for (const [index, vector] of file.cases.entries()) {
    await report.check(`${index} sample size ${vector.sample_size}`, () => run(vector));
  }
}

const alertConditions: VectorSuite = async (file, report) => {
  for (const [index, vector] of file.cases.entries()) {
    await report.check(`${index} ${vector.alert_threshold}`, () => {
      const condition = new AlertCondition({
        baselineValue: vector.baseline_value as number,
        alertThreshold: vector.alert_threshold as "Above",
        delta: vector.delta as number | null,
      });
      assert.equal(condition.upperBound(), vector.upper_bound);
      assert.equal(condition.lowerBound(), vector.lower_bound);
      assert.equal(condition.shouldAlert(vector.value as number), vector.expected);
    });
  }
};

const profileJson: VectorSuite = async (file, report) => {
  for (const vector of file.cases) {
    // One case records an error instead of a profile: the generator looked for the agent profile in the wrong module,
    // so there is no answer to compare with. tests/sdk/evaluate/profile_test.ts holds the form that is documented.
    if (vector.json === undefined) continue;
    await report.check(String(vector.name), () => {
      const saved = JSON.stringify(parseDriftProfile(JSON.stringify(vector.json)));
      // Sets and maps have no order; bins of categories are sorted here.
      assertClose(normalised(JSON.parse(saved)), normalised(vector.json), 0);
    });
  }
};

function normalised(profile: unknown): unknown {
  const copy = structuredClone(profile) as {
    features?: Record<string, { bins?: unknown }>;
  };
  for (const feature of Object.values(copy.features ?? {})) {
    if (feature.bins !== undefined) feature.bins = byId(feature.bins);
  }
  return copy;
}

/** Drift suites by file name. */
export const DRIFT_SUITES: Readonly<Record<string, VectorSuite>> = {
  "psi_profile.json": psiProfile,
  "psi_drift.json": psiDrift,
  "spc_profile.json": spcProfile,
  "spc_drift.json": spcDrift,
  "alert_conditions.json": alertConditions,
  "profile_json.json": profileJson,
};
