/**
 * What a suite of golden vectors tells its harness.
 *
 * @module
 */

/** A parsed vector file. */
export interface VectorFile {
  /** The file's name without folder. */
  readonly fileName: string;
  /** What the file is about and how exact it is. */
  readonly about: string;
  /** Relative tolerance, when the file names one. */
  readonly tolerance: number | undefined;
  /** The cases, their `{"$number": …}` turned into numbers. */
  readonly cases: readonly Readonly<Record<string, unknown>>[];
  /** The whole document, for inputs that cases share. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** Where a suite reports each of its cases, once. */
export interface VectorReport {
  /**
   * Runs one case. It passes when `run` returns, and fails when it throws.
   *
   * @param name what tells the case apart in its file, stable when cases are added
   * @param run compares and throws at the first difference
   */
  check(name: string, run: () => void | Promise<void>): Promise<void>;
}

/** One file's cases through the public API. */
export type VectorSuite = (file: VectorFile, report: VectorReport) => void | Promise<void>;

/** A case where this project answers otherwise on purpose. */
export interface Deviation {
  readonly file: string;
  readonly case: string;
  /** Why the recorded answer is not given. */
  readonly why: string;
  /** What the right answer is. */
  readonly right: string;
}
