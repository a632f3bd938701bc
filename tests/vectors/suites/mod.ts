/**
 * Which suite runs which vector file.
 *
 * @module
 */

import type { VectorSuite } from "../report.ts";
import { DRIFT_SUITES } from "./drift.ts";
import { DRIFT_STRICT_SUITES } from "./drift_strict.ts";
import { PROFILE_SUITES } from "./profile.ts";
import { EVALUATION_SUITES } from "./evaluation.ts";
import { RECORD_SUITES } from "./records.ts";

/** Suites by file name. */
export const SUITES: Readonly<Record<string, VectorSuite>> = {
  ...DRIFT_SUITES,
  ...DRIFT_STRICT_SUITES,
  ...EVALUATION_SUITES,
  ...PROFILE_SUITES,
  ...RECORD_SUITES,
};
