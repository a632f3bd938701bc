/**
 * The secrets of authentication: given by setting, or generated once and kept in the relational store.
 *
 * @module
 */

import { ScouterError } from "../errors.ts";
import type { SecretRepository } from "../db/secrets.ts";
import type { AuthMode } from "./auth_mode.ts";

/** What the settings say; absent means "generate and keep". */
export interface GivenSecrets {
  /** SCOUTER_ENCRYPT_SECRET: signs access tokens. */
  readonly accessSecret?: string;
  /** SCOUTER_REFRESH_SECRET: keys the hashes of refresh tokens. */
  readonly refreshSecret?: string;
  /** SCOUTER_BOOTSTRAP_KEY: lets its holder create users. None when not given. */
  readonly bootstrapKey?: string;
}

/** The secrets in use. */
export interface AuthSecrets {
  readonly accessSecret: string;
  readonly refreshSecret: string;
  readonly bootstrapKey: string | undefined;
}

const MIN_SECRET_BYTES = 32;
/** Base64 of the bytes 31 down to 0, shipped as a default by another implementation and therefore public. */
const PUBLISHED = btoa(String.fromCharCode(...Array.from({ length: 32 }, (_, i) => 31 - i)));

/** What is wrong with the given secrets, one sentence each; empty when nothing is. */
export function secretProblems(given: GivenSecrets): string[] {
  const named: [string, string | undefined][] = [
    ["SCOUTER_ENCRYPT_SECRET", given.accessSecret],
    ["SCOUTER_REFRESH_SECRET", given.refreshSecret],
    ["SCOUTER_BOOTSTRAP_KEY", given.bootstrapKey],
  ];
  const problems: string[] = [];
  const advice = "Remove it to have one generated, or set the output of `openssl rand -base64 32`.";
  for (const [name, value] of named) {
    if (value === undefined) continue;
    if (value.trim().replace(/=+$/, "") === PUBLISHED.replace(/=+$/, "")) {
      problems.push(`${name} is a published default that everybody knows. ${advice}`);
    } else if (new TextEncoder().encode(value).length < MIN_SECRET_BYTES) {
      problems.push(`${name} is shorter than ${MIN_SECRET_BYTES} bytes. ${advice}`);
    } else if (new Set(value).size < 10) {
      problems.push(`${name} has fewer than 10 different characters. ${advice}`);
    }
  }
  return problems;
}

/**
 * The secrets to use.
 *
 * @throws {ScouterError} PRECONDITION_FAILED listing every unusable secret, when login is required.
 */
export async function resolveSecrets(
  given: GivenSecrets,
  kept: SecretRepository,
  mode: AuthMode,
): Promise<AuthSecrets> {
  const problems = secretProblems(given);
  if (mode === "required" && problems.length > 0) {
    throw new ScouterError("PRECONDITION_FAILED", problems.join("\n"));
  }
  return {
    accessSecret: given.accessSecret ?? await kept.getOrCreate("access_token"),
    refreshSecret: given.refreshSecret ?? await kept.getOrCreate("refresh_token"),
    bootstrapKey: problems.length > 0 ? undefined : given.bootstrapKey,
  };
}
