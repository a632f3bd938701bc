import type { JsonValue } from "../json.ts";
import type { Prompt } from "./prompt.ts";

/** What a call cost. */
export interface JudgeUsage {
  /** Prompt tokens. */
  readonly inputTokens: number;
  /** Completion tokens. */
  readonly outputTokens: number;
  /** US dollars, when the model's price is known. */
  readonly costUsd: number | null;
}

/** What a judge answered. */
export interface JudgeAnswer {
  /** The answer as JSON; null when the text was no JSON. */
  readonly value: JsonValue;
  /** What it cost; nothing when it came from a cache. */
  readonly usage: JudgeUsage;
  /** How many calls it took. */
  readonly attempts: number;
  /** Whether it came from a cache or a recording. */
  readonly cached: boolean;
}

/** What is asked of a judge. */
export interface JudgeRequest {
  /** The prompt with the record's values in place. */
  readonly prompt: Prompt;
  /** Further attempts after a passing failure. */
  readonly maxRetries: number;
  /** Which of several askings this is; answers to different ones are cached apart. */
  readonly repetition: number;
  /** Stops the work. */
  readonly signal?: AbortSignal;
}

/** Somebody who answers prompts. */
export interface Judge {
  /**
   * Answers.
   *
   * @param request what is asked
   * @returns the answer
   * @throws EvaluationError `JUDGE_FAILED`, `PROVIDER_ERROR` or `NOT_CONFIGURED`
   */
  ask(request: JudgeRequest): Promise<JudgeAnswer>;
}
