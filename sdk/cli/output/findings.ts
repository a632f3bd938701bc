/** One check in a report for machines. */
export interface Finding {
  /** Groups findings: a record, a scenario. */
  readonly group: string;
  /** The check. */
  readonly name: string;
  /** What it came to. */
  readonly status: "passed" | "failed" | "unmeasured" | "skipped";
  /** For people. */
  readonly message: string;
  /** Milliseconds. */
  readonly durationMs: number;
}
