import type { JsonObject } from "../../json.ts";
import type { Prompt } from "../prompt.ts";

/** Environment variables, or what stands for them. */
export type Env = Readonly<Record<string, string | undefined>>;

/** One HTTP call to a vendor. */
export interface ProviderCall {
  /** Where to. */
  readonly url: string;
  /** Headers, secrets included; never stored or shown. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; the same prompt always gives the same one. */
  readonly body: JsonObject;
}

/** Settings that are not in environment variables. */
export interface ProviderSettings {
  /** Base URL, in place of the vendor's. */
  readonly baseUrl?: string;
  /** Key, in place of the environment's. */
  readonly apiKey?: string;
  /** Reads the key file that GOOGLE_APPLICATION_CREDENTIALS names; browsers have none. */
  readonly readText?: (path: string) => Promise<string>;
  /** Gives an OAuth access token, for Google. */
  readonly accessToken?: () => Promise<string>;
}

/** How a vendor is spoken to. */
export interface ProviderAdapter {
  /** The body of the request; it tells one question from another in caches. */
  body(prompt: Prompt): JsonObject;
  /** Adds address and credentials. Throws EvaluationError `NOT_CONFIGURED` without them. */
  call(
    prompt: Prompt,
    body: JsonObject,
    env: Env,
    settings: ProviderSettings,
  ): Promise<ProviderCall>;
}

/** An environment variable that is set and not empty. */
export function envOf(env: Env, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = env[name];
    if (value !== undefined && value !== "") return value;
  }
  return undefined;
}

/** A base URL without a slash at its end. */
export function trimSlash(url: string): string {
  return url.endsWith("/") ? url.slice(0, -1) : url;
}
