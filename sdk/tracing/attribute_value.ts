/**
 * Any value as an OpenTelemetry attribute.
 *
 * @module
 */

import type { Attributes, AttributeValue } from "./opentelemetry.ts";
import { captureJson } from "./capture_json.ts";

/** Values from which attributes are made; what is not a primitive is written as JSON. */
export type AttributeInput = unknown;

/**
 * Makes an attribute value: primitives stay, lists of one primitive type become typed lists, mixed lists become lists of
 * JSON texts, everything else becomes JSON.
 *
 * @param value Anything
 * @example
 * ```ts
 * import { toAttributeValue } from "@scouter/sdk/tracing";
 *
 * console.log(toAttributeValue(["tea", "mug"]), toAttributeValue({ total: 12.5 }));
 * ```
 */
export function toAttributeValue(value: AttributeInput): AttributeValue {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    if (items.every((item) => typeof item === "string")) return items;
    if (items.every((item) => typeof item === "boolean")) return items;
    if (items.every((item) => typeof item === "number")) return items;
    return items.map((item) => captureJson(item));
  }
  return captureJson(value);
}

/**
 * Makes attributes of an object's members; undefined ones are left out.
 *
 * @param values Names and values
 * @example
 * ```ts
 * import { toAttributes } from "@scouter/sdk/tracing";
 *
 * console.log(toAttributes({ user: { id: 7 } })); // { user: '{"id":7}' }
 * ```
 */
export function toAttributes(values: Readonly<Record<string, AttributeInput>>): Attributes {
  const attributes: Attributes = {};
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) attributes[key] = toAttributeValue(value);
  }
  return attributes;
}

/**
 * Makes attributes of nested members, named by dotted keys.
 *
 * @param values Names and values, nested
 * @example
 * ```ts
 * import { flattenAttributes } from "@scouter/sdk/tracing";
 *
 * console.log(flattenAttributes({ user: { id: 7 } })); // { "user.id": 7 }
 * ```
 */
export function flattenAttributes(values: Readonly<Record<string, AttributeInput>>): Attributes {
  const out: Attributes = {};
  const visit = (prefix: string, members: object, depth: number) => {
    for (const [key, value] of Object.entries(members)) {
      const name = prefix + key;
      const nested = typeof value === "object" && value !== null && depth < 16 &&
        Object.getPrototypeOf(value) === Object.prototype;
      if (nested) visit(`${name}.`, value, depth + 1);
      else out[name] = toAttributeValue(value);
    }
  };
  visit("", values, 0);
  return out;
}
