import { isJsonArray, isJsonObject, type JsonValue } from "../json.ts";
import type { ComparisonFactory } from "./types.ts";

function ofType(is: (value: JsonValue) => boolean): ComparisonFactory {
  return () => is;
}

/** A number. */
export const isNumeric: ComparisonFactory = ofType((value) => typeof value === "number");
/** A string. */
export const isString: ComparisonFactory = ofType((value) => typeof value === "string");
/** A boolean. */
export const isBoolean: ComparisonFactory = ofType((value) => typeof value === "boolean");
/** Null. */
export const isNull: ComparisonFactory = ofType((value) => value === null);
/** An array. */
export const isArray: ComparisonFactory = ofType(isJsonArray);
/** An object. */
export const isObject: ComparisonFactory = ofType(isJsonObject);
