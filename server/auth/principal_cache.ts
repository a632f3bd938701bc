/**
 * Remembers who a credential stands for, for seconds, so that the hot path neither asks the database nor checks a
 * signature.
 *
 * @module
 */

import type { Principal } from "../http/context.ts";

/** How long an answer holds: a key revoked by another process is refused after this at the latest. */
export const CACHE_MS = 5000;

interface Entry {
  readonly principal: Principal | null;
  readonly untilMs: number;
}

/** Bounded; the oldest answers go first. */
export class PrincipalCache {
  readonly #entries = new Map<string, Entry>();
  readonly #lookups = new Map<string, Promise<Principal | null>>();
  readonly #nowMs: () => number;
  readonly #maxEntries: number;
  #generation = 0;

  constructor(nowMs: () => number, maxEntries = 10_000) {
    this.#nowMs = nowMs;
    this.#maxEntries = maxEntries;
  }

  /** The principal, null when the credential is known to be worthless, undefined when nothing is known. */
  get(credential: string): Principal | null | undefined {
    const entry = this.#entries.get(credential);
    return entry === undefined || entry.untilMs <= this.#nowMs() ? undefined : entry.principal;
  }

  /** Looks a credential up once, however many ask at the same time, and remembers the answer. */
  async resolve(
    credential: string,
    lookup: () => Promise<{ principal: Principal | null; validUntilMs?: number }>,
  ): Promise<Principal | null> {
    const known = this.get(credential);
    if (known !== undefined) return known;
    const running = this.#lookups.get(credential);
    if (running) return await running;
    const generation = this.#generation;
    const started = (async () => {
      const { principal, validUntilMs } = await lookup();
      // An answer from before a revocation must not be kept after it.
      if (generation === this.#generation) {
        this.#put(
          credential,
          principal,
          Math.min(this.#nowMs() + CACHE_MS, validUntilMs ?? Infinity),
        );
      }
      return principal;
    })();
    this.#lookups.set(credential, started);
    try {
      return await started;
    } finally {
      if (this.#lookups.get(credential) === started) this.#lookups.delete(credential);
    }
  }

  /** Forgets everything: called when any user, session or key changes. */
  clear(): void {
    this.#generation += 1;
    this.#entries.clear();
    this.#lookups.clear();
  }

  #put(credential: string, principal: Principal | null, untilMs: number): void {
    this.#entries.delete(credential);
    this.#entries.set(credential, { principal, untilMs });
    if (this.#entries.size > this.#maxEntries) {
      const oldest = this.#entries.keys().next().value;
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
  }
}
