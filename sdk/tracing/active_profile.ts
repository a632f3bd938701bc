/**
 * The profile that spans belong to.
 *
 * @module
 */

import type { Context } from "./opentelemetry.ts";
import { context, createContextKey } from "@opentelemetry/api";

// A key of the context and not baggage: the profile is this process's business and must not reach other services.
const KEY: symbol = createContextKey("scouter.active.entity_uid");

/** A profile, or its uid. */
export type ProfileLike = string | { readonly uid: string };

/** Uid of a profile. */
export function profileUid(profile: ProfileLike): string {
  return typeof profile === "string" ? profile : profile.uid;
}

/** Uid of the profile that is active in a context. */
export function activeProfileUid(ctx: Context): string | undefined {
  const uid = ctx.getValue(KEY);
  return typeof uid === "string" ? uid : undefined;
}

/**
 * Runs a function while a profile is active: every span that is started inside, also after `await`, belongs to it.
 *
 * @param profile The profile, or its uid
 * @param fn What to run
 * @returns What `fn` returns
 * @example
 * ```ts
 * import { withActiveProfile } from "@scouter/sdk/tracing";
 *
 * const answer = withActiveProfile("01890a5d-ac96-774b-bcce-b302099a8057", () => 42);
 * console.log(answer);
 * ```
 */
export function withActiveProfile<T>(profile: ProfileLike, fn: () => T): T {
  return context.with(context.active().setValue(KEY, profileUid(profile)), fn);
}
