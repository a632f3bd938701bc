/**
 * Answers kept by the content of the question: a cache, and the recordings that let CI run without
 * a network.
 *
 * @module
 */

import { canonicalJson, type JsonObject, type JsonValue } from "../json.ts";

/** An answer as it is kept. Neither prompts nor keys are in it. */
export interface StoredAnswer {
  /** The vendor's response. */
  readonly response: JsonValue;
}

/** Keeps answers. */
export interface JudgeStore {
  /** The answer to a question, if it is known. */
  get(key: string): Promise<StoredAnswer | undefined>;
  /** Keeps an answer. */
  set(key: string, answer: StoredAnswer): Promise<void>;
}

/**
 * Keeps answers in memory.
 *
 * @example
 * ```ts
 * import { MemoryJudgeStore } from "./store.ts";
 *
 * const store = new MemoryJudgeStore();
 * await store.set("k", { response: { choices: [] } });
 * ```
 */
export class MemoryJudgeStore implements JudgeStore {
  readonly #answers = new Map<string, StoredAnswer>();

  /** The answer to a question, if it is known. */
  get(key: string): Promise<StoredAnswer | undefined> {
    return Promise.resolve(this.#answers.get(key));
  }

  /** Keeps an answer. */
  set(key: string, answer: StoredAnswer): Promise<void> {
    this.#answers.set(key, answer);
    return Promise.resolve();
  }
}

/**
 * What tells one question from another: provider, request body, and which asking it is.
 *
 * @param provider whose model is asked
 * @param body the request
 * @param repetition which of several askings
 * @returns SHA-256 in hex
 * @example
 * ```ts
 * import { questionKey } from "./store.ts";
 *
 * await questionKey("openai", { model: "m", messages: [] }, 0); // 64 hex digits
 * ```
 */
export async function questionKey(
  provider: string,
  body: JsonObject,
  repetition: number,
): Promise<string> {
  const text = canonicalJson({ provider, body, repetition });
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
