/**
 * The suite for data profiles, in reference mode.
 *
 * @module
 */

import { createDataProfile, type DataProfile } from "../../../sdk/profile/mod.ts";
import { assertClose } from "../compare.ts";
import type { VectorSuite } from "../report.ts";

type Json = Record<string, unknown>;

/** Takes out what this library adds to the reference's file. */
function withoutAdditions(profile: DataProfile): Json {
  const json = JSON.parse(JSON.stringify(profile)) as { features: Record<string, Json> };
  for (const feature of Object.values(json.features)) {
    delete feature.date_stats;
    delete feature.missing;
    delete feature.rank_correlations;
    const numeric = feature.numeric_stats as Json | null;
    if (numeric !== null) delete numeric.infinite;
    const text = feature.string_stats as { word_stats: Json } | null;
    if (text !== null) delete text.word_stats.other;
  }
  return json;
}

/** Separates correlations, which agree less closely: the reference takes them in single precision. */
function split(profile: Json): { rest: Json; correlations: unknown } {
  const rest = structuredClone(profile) as { features: Record<string, Json> };
  const correlations = Object.entries(rest.features).map(([name, feature]) => {
    const own = feature.correlations;
    delete feature.correlations;
    return [name, own];
  });
  return { rest, correlations: Object.fromEntries(correlations) };
}

const dataProfile: VectorSuite = async (file, report) => {
  for (const [index, vector] of file.cases.entries()) {
    await report.check(`${index} bin size ${vector.bin_size}`, () => {
      const expected = split(vector.expected as Json);
      const wanted = Object.values(expected.correlations as Json).some((own) => own !== null);
      const profile = createDataProfile(vector.columns as Record<string, number[]>, {
        binSize: Number(vector.bin_size),
        computeCorrelations: wanted,
        compatibility: "reference",
      });
      const actual = split(withoutAdditions(profile));
      assertClose(actual.rest, expected.rest, file.tolerance ?? 0);
      const loose = Number(file.document.correlation_tolerance ?? file.tolerance);
      assertClose(actual.correlations, expected.correlations, loose);
    });
  }
};

/** Profile suites by file name. */
export const PROFILE_SUITES: Readonly<Record<string, VectorSuite>> = {
  "data_profile.json": dataProfile,
};
