/**
 * Password hashing by Argon2id (RFC 9106) with OWASP's parameters: 19 MiB, two passes, one lane.
 *
 * @module
 */

import { hash, verify } from "@node-rs/argon2";
import { ScouterError } from "../errors.ts";

const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Each hash takes 19 MiB and a core for some 20 ms. */
const MAX_RUNNING = 2;
const MAX_WAITING = 64;
/** Longest password hashed, in UTF-16 units; longer ones only cost time. */
export const MAX_PASSWORD_LENGTH = 1024;
const MIN_PASSWORD_LENGTH = 8;
const PUBLISHED = new Set(["admin", "guest", "password", "12345678", "changeme", "scouter"]);

/** Hashes and checks passwords off the main thread, a few at a time. */
export class PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #decoy: Promise<string> | undefined;

  /** The PHC string of a password. */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, PARAMETERS));
  }

  /**
   * Whether the password belongs to the hash. Without a hash (unknown user) the same work is done and the answer
   * is no, so that the time tells nothing.
   */
  async verify(phc: string | undefined, password: string): Promise<boolean> {
    const given = password.slice(0, MAX_PASSWORD_LENGTH);
    const against = phc ?? await this.#decoyHash();
    const matches = await this.#inTurn(() => verify(against, given));
    return phc !== undefined && matches && given === password;
  }

  #decoyHash(): Promise<string> {
    this.#decoy ??= this.hash("no password is this one").catch((error: unknown) => {
      // Refused for too many at once: made again at the next need.
      this.#decoy = undefined;
      throw error;
    });
    return this.#decoy;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_RUNNING) {
      if (this.#waiting.length >= MAX_WAITING) {
        throw new ScouterError(
          "RATE_LIMITED",
          "Too many logins at once. Try again in a few seconds.",
          {
            retry: true,
            retryAfterSeconds: 3,
          },
        );
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

/**
 * Refuses a password that is too short, too long, or known to everybody.
 *
 * @param field The name of the field or setting, for the message.
 * @throws {ScouterError} BAD_REQUEST.
 */
export function checkNewPassword(password: string, username: string, field = "password"): void {
  const problem = password.length < MIN_PASSWORD_LENGTH
    ? `is shorter than ${MIN_PASSWORD_LENGTH} characters`
    : password.length > MAX_PASSWORD_LENGTH
    ? `is longer than ${MAX_PASSWORD_LENGTH} characters`
    : PUBLISHED.has(password.toLowerCase())
    ? "is one of the first an attacker tries"
    : password.toLowerCase() === username.toLowerCase()
    ? "is the user name"
    : undefined;
  if (problem) throw new ScouterError("BAD_REQUEST", `${field} ${problem}. Choose another one.`);
}
