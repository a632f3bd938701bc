/**
 * Profiles that queues are made for.
 *
 * @module
 */

import type { CustomDriftProfile } from "../drift/custom.ts";
import type { PsiDriftProfile } from "../drift/psi_profile.ts";
import type { SpcDriftProfile } from "../drift/spc_profile.ts";

/** What a queue needs of an agent's profile; an `AgentEvalProfile` has it. */
export interface AgentProfile {
  /** Tells the kinds of profile apart. */
  readonly driftType: "Agent";
  /** The profile's id. */
  readonly uid: string;
  /** What the program calls the profile. */
  readonly alias: string | null;
  /** Share of records that are sent. */
  readonly config: { readonly sampleRatio: number };
}

/** A profile of any kind. */
export type QueueProfile = PsiDriftProfile | SpcDriftProfile | CustomDriftProfile | AgentProfile;
