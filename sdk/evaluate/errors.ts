/** What went wrong, in a form that programs can tell apart. */
export type EvaluationErrorCode =
  | "CIRCULAR_DEPENDENCY"
  | "DUPLICATE_TASK_ID"
  | "EMPTY_PATH"
  | "EMPTY_TASK_LIST"
  | "FIELD_NOT_FOUND"
  | "INDEX_NOT_FOUND"
  | "INVALID_FILE"
  | "INVALID_PATH"
  | "INVALID_PATTERN"
  | "INVALID_PROVIDER_RESPONSE"
  | "INVALID_TASK"
  | "JUDGE_FAILED"
  | "NOT_CONFIGURED"
  | "NO_RESULTS"
  | "OPERATOR_MISMATCH"
  | "PATH_TOO_LONG"
  | "PROVIDER_ERROR"
  | "TOO_MANY_PATH_SEGMENTS"
  | "UNKNOWN_DEPENDENCY";

/**
 * The error of everything under `sdk/evaluate`.
 *
 * @example
 * ```ts
 * import { EvaluationError } from "./errors.ts";
 *
 * const error = new EvaluationError("INVALID_PATH", 'context_path "a b": unexpected " "');
 * error.code; // "INVALID_PATH"
 * ```
 */
export class EvaluationError extends Error {
  /** Always `EvaluationError`. */
  override name: string = "EvaluationError";
  /** Stable code for programs. */
  readonly code: EvaluationErrorCode;

  /**
   * Makes an error.
   *
   * @param code stable code
   * @param message what was wrong, where, and the way out
   * @param options `cause`, when there is one
   */
  constructor(code: EvaluationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
