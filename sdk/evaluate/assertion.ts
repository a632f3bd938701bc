/**
 * Assertions: a path, an operator, an expectation; compiled once, asked of many records.
 *
 * @module
 */

import { TaskCheck } from "./check.ts";
import { EvaluationError } from "./errors.ts";
import { isJsonArray, isJsonObject, type JsonValue, strictEquals } from "./json.ts";
import type { ComparisonOperator } from "./operators/names.ts";
import { kindOf, OPERATOR_TABLE, type OperatorEntry } from "./operators/table.ts";
import type { Comparison } from "./operators/types.ts";
import { type Compatibility, type CompiledPath, compilePath } from "./path.ts";
import { compileTemplate, type Template } from "./template.ts";

/** What all kinds of tasks have in common when it comes to comparing. */
export interface AssertionSpec {
  /** The task's name in messages. */
  readonly id: string;
  /** Where the value is; absent: the whole value. */
  readonly contextPath?: string | null;
  /** Where the value is inside each item when an array is iterated. */
  readonly itemContextPath?: string | null;
  /** How to compare. */
  readonly operator: ComparisonOperator;
  /** With what. */
  readonly expectedValue: JsonValue;
}

/** A compiled assertion. */
export interface CompiledAssertion {
  /**
   * Asks the question. Never throws: what cannot be answered is an unmeasured check.
   *
   * @param value the value to look at
   * @param scope where templates may also look, for values that are not the record's context
   */
  evaluate(value: JsonValue, scope?: JsonValue): TaskCheck;
}

/**
 * Compiles an assertion.
 *
 * `reference` (the default) passes and fails exactly what task files written for the original
 * pass and fail. `strict` differs where the original misleads: an empty array passes nothing
 * (unmeasured), `Equals` compares an array with an expected array as a whole, `NotContains` on an
 * array is the opposite of `Contains`, templates may be nested, paths are checked when compiling.
 *
 * @param spec the assertion
 * @param compatibility which rules
 * @returns the compiled assertion
 * @throws EvaluationError in strict mode, when a path, template or pattern cannot be parsed
 * @example
 * ```ts
 * import { compileAssertion } from "./assertion.ts";
 *
 * const adult = compileAssertion({
 *   id: "adult",
 *   contextPath: "user.age",
 *   operator: "GreaterThanOrEqual",
 *   expectedValue: 18,
 * });
 * adult.evaluate({ user: { age: 21 } }).passed; // true
 * ```
 */
export function compileAssertion(
  spec: AssertionSpec,
  compatibility: Compatibility = "reference",
): CompiledAssertion {
  try {
    return new Assertion(spec, compatibility);
  } catch (error) {
    if (compatibility === "strict" || !(error instanceof EvaluationError)) throw error;
    const { message } = error;
    const { id, expectedValue } = spec;
    return {
      evaluate: (value) =>
        new TaskCheck(id, "unmeasured", "error", value, expectedValue, 0, message),
    };
  }
}

class Assertion implements CompiledAssertion {
  readonly #id: string;
  readonly #path: CompiledPath | undefined;
  readonly #itemPath: CompiledPath | undefined;
  readonly #operator: ComparisonOperator;
  readonly #entry: OperatorEntry;
  readonly #plain: boolean;
  readonly #expected: JsonValue;
  readonly #template: Template | undefined;
  readonly #compare: Comparison;
  readonly #strict: boolean;

  constructor(spec: AssertionSpec, compatibility: Compatibility) {
    const { id, contextPath, itemContextPath, operator, expectedValue } = spec;
    this.#id = id;
    this.#strict = compatibility === "strict";
    this.#path = typeof contextPath === "string"
      ? compilePath(contextPath, compatibility)
      : undefined;
    this.#itemPath = typeof itemContextPath === "string"
      ? compilePath(itemContextPath, compatibility)
      : undefined;
    this.#operator = operator;
    this.#entry = OPERATOR_TABLE[operator];
    this.#plain = this.#entry.transform === "none";
    this.#expected = expectedValue;
    this.#template = compileTemplate(expectedValue, compatibility);
    this.#compare = this.#entry.bind(expectedValue);
  }

  evaluate(value: JsonValue, scope: JsonValue = value): TaskCheck {
    const path = this.#path;
    if (path !== undefined && isJsonArray(value)) return this.#items(value, path, scope);
    let actual = value;
    if (path !== undefined) {
      const found = path.get(value);
      if (found === undefined) {
        return this.#error(null, this.#expected, path.explain(value).message);
      }
      actual = found;
    }
    if (isJsonArray(actual) && this.#iterates()) {
      return this.#items(actual, this.#itemPath, scope);
    }
    let expected = this.#expected;
    let compare = this.#compare;
    if (this.#template !== undefined) {
      try {
        expected = this.#template.resolve(scope === value ? [value] : [value, scope]);
      } catch (error) {
        return this.#error(actual, expected, messageOf(error));
      }
      compare = this.#entry.bind(expected);
    }
    if (!this.#plain) {
      const problem = this.#untransformable(actual);
      if (problem !== undefined) {
        return new TaskCheck(this.#id, "failed", "transform", actual, expected, 0, problem);
      }
      if (this.#entry.transform === "length") actual = lengthOf(actual);
    } else if (this.#strict && isJsonArray(actual) && isEquality(this.#operator)) {
      const equal = strictEquals(actual, expected);
      const status = equal === (this.#operator === "Equals") ? "passed" : "failed";
      return new TaskCheck(this.#id, status, "scalar", actual, expected);
    }
    const verdict = compare(actual);
    if (typeof verdict === "string") return this.#error(actual, expected, verdict);
    return new TaskCheck(this.#id, verdict ? "passed" : "failed", "scalar", actual, expected);
  }

  /** Whether an array is asked item by item. */
  #iterates(): boolean {
    if (this.#entry.arrayNative) return false;
    if (!this.#strict || this.#itemPath !== undefined) return true;
    if (this.#operator === "NotContains") return false;
    return !(isEquality(this.#operator) && isJsonArray(this.#expected));
  }

  #items(
    items: readonly JsonValue[],
    path: CompiledPath | undefined,
    scope: JsonValue,
  ): TaskCheck {
    if (items.length === 0 && this.#strict) {
      return new TaskCheck(this.#id, "unmeasured", "empty", items, this.#expected);
    }
    let expected = this.#expected;
    let compare = this.#compare;
    if (this.#strict && this.#template !== undefined) {
      try {
        expected = this.#template.resolve([scope]);
      } catch (error) {
        return this.#error(items, expected, messageOf(error));
      }
      compare = this.#entry.bind(expected);
    }
    for (let i = 0; i < items.length; i++) {
      const item = items[i] as JsonValue;
      let actual = item;
      if (path !== undefined) {
        const found = path.get(item);
        if (found === undefined) {
          const detail = `'${path.text}': ${path.explain(item).message}`;
          return new TaskCheck(this.#id, "failed", "itemMissing", items, expected, i, detail);
        }
        actual = found;
      }
      if (!this.#plain) {
        const problem = this.#untransformable(actual);
        if (problem !== undefined) {
          return new TaskCheck(this.#id, "failed", "itemTransform", items, expected, i, problem);
        }
        if (this.#entry.transform === "length") actual = lengthOf(actual);
      }
      const verdict = compare(actual);
      if (typeof verdict === "string") {
        return this.#error(actual, expected, `item[${i}]: ${verdict}`);
      }
      if (!verdict) return new TaskCheck(this.#id, "failed", "item", actual, expected, i);
    }
    return new TaskCheck(this.#id, "passed", "items", items, expected, items.length);
  }

  /** Why the value cannot be transformed, or `undefined` when it can. */
  #untransformable(actual: JsonValue): string | undefined {
    if (this.#entry.transform === "number") {
      return typeof actual === "number" ? undefined : "Cannot compare non-numeric values";
    }
    return typeof actual === "string" || (typeof actual === "object" && actual !== null)
      ? undefined
      : `Cannot get the length of a value of type ${kindOf(actual)}`;
  }

  #error(actual: JsonValue, expected: JsonValue, message: string): TaskCheck {
    return new TaskCheck(this.#id, "unmeasured", "error", actual, expected, 0, message);
  }
}

function isEquality(operator: ComparisonOperator): boolean {
  return operator === "Equals" || operator === "NotEqual";
}

/** Code points of a string, items of an array, keys of an object; the caller excluded the rest. */
function lengthOf(value: JsonValue): number {
  if (typeof value === "string") {
    let count = value.length;
    for (let i = 0; i + 1 < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit < 0xd800 || unit > 0xdbff) continue;
      const next = value.charCodeAt(i + 1);
      if (next >= 0xdc00 && next <= 0xdfff) count--;
    }
    return count;
  }
  if (isJsonArray(value)) return value.length;
  return isJsonObject(value) ? Object.keys(value).length : 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
