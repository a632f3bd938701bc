import type { JsonValue } from "./json.ts";

/** What a task came to. `unmeasured` is neither: the question could not be answered. */
export type TaskStatus = "passed" | "failed" | "unmeasured";

/**
 * Why a task is unmeasured: it raised an `error`, a `gated` dependency kept it from running, there
 * was nothing to look at (`empty`), or repeated judgements disagreed (`unsure`).
 */
export type UnmeasuredReason = "error" | "gated" | "empty" | "unsure";

/** An assertion's outcome as other engines write it. */
export interface AssertionResult {
  /** Whether it passed; `false` also for what could not be measured. */
  readonly passed: boolean;
  /** The value that was compared. */
  readonly actual: JsonValue;
  /** What was expected, templates resolved. */
  readonly expected: JsonValue;
  /** For people. */
  readonly message: string;
}

/** How a check ended; messages are written from it only when somebody reads them. */
export type CheckKind =
  | "scalar"
  | "transform"
  | "items"
  | "item"
  | "itemMissing"
  | "itemTransform"
  | "error"
  | "empty"
  | "noSpans";

/** The outcome of one assertion on one value. */
export class TaskCheck implements AssertionResult {
  /** Passed, failed or unmeasured. */
  readonly status: TaskStatus;
  /** The value that was compared. */
  readonly actual: JsonValue;
  /** What was expected, templates resolved. */
  readonly expected: JsonValue;
  /** How the check ended. */
  readonly kind: CheckKind;
  readonly #id: string;
  readonly #index: number;
  readonly #detail: string;

  /**
   * Makes an outcome.
   *
   * @param id the task
   * @param status what it came to
   * @param kind how it ended
   * @param actual the value that was compared
   * @param expected what was expected
   * @param index the item that decided, or how many passed
   * @param detail further words
   */
  constructor(
    id: string,
    status: TaskStatus,
    kind: CheckKind,
    actual: JsonValue,
    expected: JsonValue,
    index = 0,
    detail = "",
  ) {
    this.status = status;
    this.kind = kind;
    this.actual = actual;
    this.expected = expected;
    this.#id = id;
    this.#index = index;
    this.#detail = detail;
  }

  /** Whether the assertion passed. */
  get passed(): boolean {
    return this.status === "passed";
  }

  /** Why there is no answer, if there is none. */
  get reason(): UnmeasuredReason | undefined {
    if (this.status !== "unmeasured") return undefined;
    return this.kind === "empty" ? "empty" : "error";
  }

  /** For people. */
  get message(): string {
    const task = `Assertion '${this.#id}'`;
    switch (this.kind) {
      case "scalar":
        return this.passed
          ? `✓ ${task} passed`
          : `✗ ${task} failed: expected ${text(this.expected)}, got ${text(this.actual)}`;
      case "transform":
        return `✗ ${task} failed during transformation: ${this.#detail}`;
      case "items":
        return `✓ ${task} passed for all ${this.#index} item(s)`;
      case "item":
        return `✗ ${task} failed at item[${this.#index}]: expected ${text(this.expected)}, ` +
          `got ${text(this.actual)}`;
      case "itemMissing":
        return `✗ ${task} failed: item[${this.#index}] missing field ${this.#detail}`;
      case "itemTransform":
        return `✗ ${task} failed at item[${this.#index}] during transformation: ${this.#detail}`;
      case "noSpans":
        return `✗ ${task} failed: no spans are available for this record`;
      case "empty":
        return `∅ ${task} not measured: the array has no items`;
      default:
        return `∅ ${task} not measured: ${this.#detail}`;
    }
  }

  /** The outcome as plain data. */
  toJSON(): AssertionResult {
    return {
      passed: this.passed,
      actual: this.actual,
      expected: this.expected,
      message: this.message,
    };
  }
}

function text(value: JsonValue): string {
  return JSON.stringify(value) ?? "null";
}
