/**
 * Slows the guessing of passwords.
 *
 * @module
 */

import { ScouterError } from "../errors.ts";

interface Attempts {
  failures: number;
  /** Attempts under way. */
  pending: number;
  /** No attempt is let through before this time, in milliseconds. */
  blockedUntilMs: number;
  lastMs: number;
}

interface Limit {
  readonly key: string;
  /** Failures that cost nothing. */
  readonly free: number;
  /** Attempts under way at once. */
  readonly pending: number;
}

const MAX_DELAY_MS = 15 * 60_000;
const FORGET_AFTER_MS = 60 * 60_000;

/**
 * Delays attempts exponentially by user name and address, and, more leniently, by address alone. Attempts at once
 * are bounded too, so that a burst gains nothing. Memory is bounded: the least recently used entries are forgotten
 * first.
 */
export class LoginThrottle {
  readonly #entries = new Map<string, Attempts>();
  readonly #maxEntries: number;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now(), maxEntries = 10_000) {
    this.#nowMs = nowMs;
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Makes one attempt. `attempt` resolves to undefined when it failed; anything thrown is neither failure nor
   * success.
   *
   * @throws {ScouterError} RATE_LIMITED with the seconds to wait, without having made the attempt.
   */
  async run<T>(
    username: string,
    address: string,
    attempt: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const network = networkOf(address);
    const limits: Limit[] = [
      // People mistype, and several programs of one user may log in at once.
      { key: `name ${network} ${username.slice(0, 256)}`, free: 3, pending: 16 },
      // One address may serve many people; beyond this it is guessing names.
      { key: `address ${network}`, free: 30, pending: 64 },
    ];
    for (const limit of limits) this.#refuseIfBlocked(limit);
    for (const limit of limits) this.#entry(limit.key).pending += 1;
    let result: T | undefined;
    let outcome: "failed" | "succeeded" | "unknown" = "unknown";
    try {
      result = await attempt();
      outcome = result === undefined ? "failed" : "succeeded";
    } finally {
      for (const limit of limits) {
        const entry = this.#entry(limit.key);
        entry.pending = Math.max(0, entry.pending - 1);
        if (outcome === "failed") this.#fail(entry, limit);
      }
      const first = limits[0];
      if (outcome === "succeeded" && first) this.#entries.delete(first.key);
    }
    return result;
  }

  #refuseIfBlocked(limit: Limit): void {
    const entry = this.#entries.get(limit.key);
    if (!entry) return;
    const blockedMs = entry.blockedUntilMs - this.#nowMs();
    const most = entry.failures < limit.free ? limit.pending : 1;
    if (blockedMs <= 0 && entry.pending < most) return;
    const seconds = Math.max(1, Math.ceil(blockedMs / 1000));
    throw new ScouterError("RATE_LIMITED", `Too many failed logins. Try again in ${seconds} s.`, {
      retry: true,
      retryAfterSeconds: seconds,
    });
  }

  #fail(entry: Attempts, limit: Limit): void {
    entry.failures += 1;
    const beyond = entry.failures - limit.free;
    if (beyond >= 0) {
      entry.blockedUntilMs = this.#nowMs() +
        Math.min(MAX_DELAY_MS, 1000 * 2 ** Math.min(20, beyond));
    }
  }

  /** The entry of a key, made the most recent one. */
  #entry(key: string): Attempts {
    const nowMs = this.#nowMs();
    const known = this.#entries.get(key);
    const entry = known && nowMs - known.lastMs < FORGET_AFTER_MS
      ? known
      : { failures: 0, pending: 0, blockedUntilMs: 0, lastMs: nowMs };
    entry.lastMs = nowMs;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#maxEntries) {
      const oldest = this.#entries.keys().next().value;
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    return entry;
  }
}

/** An IPv4 address, or the /64 of an IPv6 address: whoever has one has them all. */
function networkOf(address: string): string {
  return address.includes(":")
    ? address.slice(0, 64).split(":").slice(0, 4).join(":")
    : address.slice(0, 64);
}
