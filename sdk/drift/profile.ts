import { EvaluationError } from "../evaluate/errors.ts";
import { AgentEvalProfile } from "../evaluate/profile.ts";
import { CustomDriftProfile } from "./custom.ts";
import { DriftError } from "./error.ts";
import { JsonNode } from "./json_node.ts";
import { PsiDriftProfile } from "./psi_profile.ts";
import { SpcDriftProfile } from "./spc_profile.ts";

/** A drift profile of any kind. */
export type DriftProfile =
  | PsiDriftProfile
  | SpcDriftProfile
  | CustomDriftProfile
  | AgentEvalProfile;

/** Kinds of drift profile. */
export type DriftType = "Spc" | "Psi" | "Custom" | "Agent";

/**
 * Reads a profile of any kind; `config.drift_type` tells which. A profile wrapped in its kind, as downloads are
 * (`{"Psi": …}`), is read too.
 *
 * @param input JSON text, or what it parses to
 * @returns the profile
 * @throws DriftError naming the field that is not as it should be
 * @example
 * ```ts
 * import { createPsiProfile, parseDriftProfile } from "./mod.ts";
 *
 * parseDriftProfile(JSON.stringify(createPsiProfile({ x: [1, 2, 3] }))).driftType; // "Psi"
 * ```
 */
export function parseDriftProfile(input: unknown): DriftProfile {
  const root = JsonNode.from(input, "profile");
  const wrapper = KINDS.find((kind) => !root.get(kind).isAbsent);
  const node = wrapper === undefined ? root : root.get(wrapper);
  const type = node.get("config").get("drift_type");
  const kind = wrapper ?? type.oneOf(KINDS);
  if (kind === "Psi") return PsiDriftProfile.fromJSON(node.value);
  if (kind === "Spc") return SpcDriftProfile.fromJSON(node.value);
  if (kind === "Custom") return CustomDriftProfile.fromJSON(node.value);
  return agentProfile(node.value);
}

/** Kinds in files; those of scouter-ml up to 0.25 call agents "GenAI". */
const KINDS = ["Psi", "Spc", "Custom", "Agent", "GenAI"] as const;

/** Agent profiles complain in evaluation's words; whoever reads profiles expects one kind of error. */
function agentProfile(value: unknown): AgentEvalProfile {
  try {
    return AgentEvalProfile.fromJSON(value);
  } catch (cause) {
    if (!(cause instanceof EvaluationError)) throw cause;
    throw new DriftError("INVALID_PROFILE", cause.message, { cause });
  }
}
