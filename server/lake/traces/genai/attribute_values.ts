/**
 * Attribute values as the GenAI conventions mean them, from the JSON text the span table keeps. What does not fit is
 * absent, never guessed.
 *
 * @module
 */

import { EVALUATION_EVENT } from "../../../genai/messages/events.ts";

/** The value of a JSON text; undefined for bytes and for what is not JSON. */
export function attributeValue(text: string | null | undefined): unknown {
  // Bytes are marked by a leading space.
  if (text === null || text === undefined || text.startsWith(" ")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Written by something that does not keep JSON in this column: no value of any type.
    return undefined;
  }
}

/** A string, or null. */
export function stringValue(text: string | null | undefined): string | null {
  const value = attributeValue(text);
  return typeof value === "string" ? value : null;
}

/** An integer, a finite number cut to one, or a string of digits; else null. */
export function integerValue(text: string | null | undefined): bigint | null {
  const value = attributeValue(text);
  // The text itself keeps digits that a JavaScript number loses.
  const digits = typeof value === "string" ? value.trim() : text ?? "";
  if (/^[+-]?\d{1,19}$/.test(digits) && (typeof value === "string" || typeof value === "number")) {
    return BigInt.asIntN(64, BigInt(digits.replace("+", "")));
  }
  return typeof value === "number" && Number.isFinite(value) ? BigInt(Math.trunc(value)) : null;
}

/** A finite number, or a string that is one; else null. */
export function numberValue(text: string | null | undefined): number | null {
  const value = attributeValue(text);
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/**
 * The strings of an array, or of a string that is a JSON array.
 *
 * @param single Whether another string stands for a list of itself.
 */
export function listValue(text: string | null | undefined, single: boolean): string[] {
  const value = attributeValue(text);
  if (typeof value !== "string") return strings(value);
  const inner = attributeValue(value);
  if (Array.isArray(inner)) return strings(inner);
  return single ? [value] : [];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** An evaluation of a response, reported as a span event. */
export interface EvalResult {
  readonly name: string;
  readonly scoreLabel: string | null;
  readonly scoreValue: number | null;
  readonly explanation: string | null;
  readonly responseId: string | null;
}

/** The evaluations among a span's events, in order; those without a name are left out. */
export function evalResults(events: string | null): EvalResult[] {
  if (events === null || !events.includes(EVALUATION_EVENT)) return [];
  const list = attributeValue(events);
  return (Array.isArray(list) ? list : []).flatMap((event: unknown): EvalResult[] => {
    const { name: eventName, attributes } = fields(event);
    if (eventName !== EVALUATION_EVENT || !Array.isArray(attributes)) return [];
    const values = new Map(attributes.map((entry: unknown) => {
      const { key, value } = fields(entry);
      return [key, value];
    }));
    const result = evalResult((key) => values.get(key));
    return result === null ? [] : [result];
  });
}

/** One evaluation by the values of its event's attributes; null when it has no name. */
export function evalResult(valueOf: (key: string) => unknown): EvalResult | null {
  const text = (key: string) => {
    const value = valueOf(`gen_ai.${key}`);
    return typeof value === "string" ? value : null;
  };
  const name = text("evaluation.name");
  if (name === null || name === "") return null;
  return {
    name,
    scoreLabel: text("evaluation.score.label"),
    scoreValue: numberValue(JSON.stringify(valueOf("gen_ai.evaluation.score.value"))),
    explanation: text("evaluation.explanation"),
    responseId: text("response.id"),
  };
}

function fields(value: unknown): { readonly [key: string]: unknown } {
  return value !== null && typeof value === "object" ? { ...value } : {};
}
