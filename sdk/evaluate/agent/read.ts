/**
 * Tolerant reading of JSON from elsewhere: a member of the wrong type is as good as absent.
 *
 * @module
 */

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { ToolCall } from "./types.ts";

/** The first of these members that is present and not null. */
export function pick(value: JsonValue | undefined, ...keys: readonly string[]): JsonValue {
  if (value === undefined || !isJsonObject(value)) return null;
  for (const key of keys) {
    if (!Object.hasOwn(value, key)) continue;
    const found = value[key];
    if (found !== undefined && found !== null) return found;
  }
  return null;
}

/** Like {@linkcode pick}, for strings. */
export function pickText(value: JsonValue | undefined, ...keys: readonly string[]): string | null {
  const found = pick(value, ...keys);
  return typeof found === "string" ? found : null;
}

/** Like {@linkcode pick}, for numbers. */
export function pickNumber(
  value: JsonValue | undefined,
  ...keys: readonly string[]
): number | null {
  const found = pick(value, ...keys);
  return typeof found === "number" ? found : null;
}

/** Like {@linkcode pick}, for the objects in an array; empty when there is none. */
export function pickObjects(
  value: JsonValue | undefined,
  ...keys: readonly string[]
): readonly JsonObject[] {
  const found = pick(value, ...keys);
  return isJsonArray(found) ? found.filter(isJsonObject) : [];
}

/** Arguments as vendors send them: JSON text, or already a value; null when the text is no JSON. */
export function parseArguments(value: JsonValue): JsonValue {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    // A model wrote broken JSON: that is a finding about the call, not an error of ours.
    return null;
  }
}

/** A text, or the text of the parts that have one, joined; null when there is none. */
export function textOf(value: JsonValue): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  if (!isJsonArray(value)) return null;
  let text = "";
  for (const part of value) {
    if (typeof part === "string") text += part;
    else text += pickText(part, "text") ?? "";
  }
  return text === "" ? null : text;
}

/** Calls with the results that belong to them. */
export function withResults(
  calls: readonly ToolCall[],
  results: ReadonlyMap<string, JsonValue>,
): readonly ToolCall[] {
  if (results.size === 0) return calls;
  return calls.map((call) => {
    if (call.result !== null) return call;
    const byId = call.callId === null ? undefined : results.get(call.callId);
    return { ...call, result: byId ?? null };
  });
}
