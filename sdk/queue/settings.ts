/**
 * Settings of transports: argument, then environment, then default.
 *
 * @module
 */

import { environment } from "../runtime/mod.ts";
import { QueueError } from "./errors.ts";

/** The first that is given: the argument, then the variables in their order. */
export function setting(given: string | undefined, ...variables: string[]): string | undefined {
  if (given !== undefined) return given;
  for (const name of variables) {
    const value = environment(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** A whole number from `min` on. @throws {QueueError} `INVALID_ARGUMENT` naming the setting */
export function wholeNumber(
  name: string,
  given: number | undefined,
  fallback: number,
  min = 0,
): number {
  const value = given ?? fallback;
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new QueueError(
    "INVALID_ARGUMENT",
    `${name} must be a whole number from ${min} on, got ${value}`,
  );
}

/** An address of one of some protocols. @throws {QueueError} `INVALID_ARGUMENT`, without repeating credentials */
export function address(
  name: string,
  text: string,
  protocols: readonly string[],
  example: string,
): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && protocols.includes(url.protocol) && url.hostname !== "") return url;
  const shown = text.includes("@") ? "what was given" : `"${text}"`;
  throw new QueueError(
    "INVALID_ARGUMENT",
    `${name}: ${shown} is not an address such as ${example}`,
  );
}
