/**
 * Reads profiles from JSON. Loaded only where there are files to read, for it brings all that checks a profile.
 *
 * @module
 */

import { AgentEvalConfig } from "../drift/agent_config.ts";
import { CustomDriftProfile } from "../drift/custom.ts";
import { PsiDriftProfile } from "../drift/psi_profile.ts";
import { SpcDriftProfile } from "../drift/spc_profile.ts";
import { QueueError } from "./errors.ts";
import type { AgentProfile, QueueProfile } from "./profile.ts";

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(message: string, cause?: unknown): QueueError {
  return new QueueError("INVALID_PROFILE", message, cause === undefined ? {} : { cause });
}

function readAgent(content: Json): AgentProfile {
  const { config, alias } = content;
  if (alias !== undefined && alias !== null && typeof alias !== "string") {
    throw invalid("profile.alias must be a text or null");
  }
  // The tasks are the server's; the queue needs only who they are for and how many records they see.
  const { uid, sampleRatio } = AgentEvalConfig.fromJSON(config);
  return { driftType: "Agent", uid, alias: alias ?? null, config: { sampleRatio } };
}

/**
 * Reads a profile's JSON form, bare or wrapped in its kind.
 *
 * @param text JSON text
 * @param what names the profile in errors
 * @throws {QueueError} `INVALID_PROFILE`
 */
export function readProfile(text: string, what: string): QueueProfile {
  try {
    const root: unknown = JSON.parse(text);
    if (!isObject(root)) throw invalid("a profile is an object");
    const kinds = ["Psi", "Spc", "Custom", "Agent"] as const;
    const wrapper = kinds.find((kind) => isObject(root[kind]));
    const content = wrapper === undefined ? root : root[wrapper];
    const config = isObject(content) ? content.config : undefined;
    if (!isObject(content) || !isObject(config)) throw invalid("profile.config must be an object");
    switch (wrapper ?? config.drift_type) {
      case "Psi":
        return PsiDriftProfile.fromJSON(content);
      case "Spc":
        return SpcDriftProfile.fromJSON(content);
      case "Custom":
        return CustomDriftProfile.fromJSON(content);
      case "Agent":
        return readAgent(content);
      default:
        throw invalid(`profile.config.drift_type must be one of ${kinds.join(", ")}`);
    }
  } catch (cause) {
    throw invalid(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}
