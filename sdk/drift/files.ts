/**
 * Drift profiles as files. Kept out of the pure core: import it from here.
 *
 * @module
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { DriftError } from "./error.ts";
import { type DriftProfile, parseDriftProfile } from "./profile.ts";

/**
 * Saves a profile of drift or of an agent. The name is given the extension `.json`, and folders are
 * made as needed.
 *
 * @param profile what to save
 * @param path where; `psi_drift_profile.json` and its like by default,
 * `agent_eval_profile.json` for agents
 * @returns the path written
 * @example
 * ```ts
 * import { createPsiProfile } from "./mod.ts";
 * import { saveProfile } from "./files.ts";
 *
 * await saveProfile(createPsiProfile({ x: [1, 2, 3] }), "/tmp/profiles/x"); // "/tmp/profiles/x.json"
 * ```
 */
export async function saveProfile(profile: DriftProfile, path?: string): Promise<string> {
  const chosen = path ?? defaultName(profile);
  const target = chosen.replace(/(\.[^./\\]*)?$/, ".json");
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, JSON.stringify(profile));
  return target;
}

function defaultName({ driftType }: DriftProfile): string {
  return driftType === "Agent"
    ? "agent_eval_profile.json"
    : `${driftType.toLowerCase()}_drift_profile.json`;
}

/**
 * Loads a drift profile of any kind, bare or wrapped in its kind.
 *
 * @param path the file
 * @returns the profile
 * @throws DriftError when the file cannot be read, or is no profile
 * @example
 * ```ts
 * import { loadProfile } from "./files.ts";
 *
 * const profile = await loadProfile("psi_drift_profile.json").catch(() => null);
 * ```
 */
export async function loadProfile(path: string): Promise<DriftProfile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new DriftError("FILE", `${path} could not be read: ${String(cause)}`, { cause });
  }
  try {
    return parseDriftProfile(text);
  } catch (cause) {
    if (!(cause instanceof DriftError)) throw cause;
    throw new DriftError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}
