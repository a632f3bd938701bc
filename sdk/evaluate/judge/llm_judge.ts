/**
 * Asks language models over HTTP.
 *
 * @module
 */

import { normaliseResponse } from "../agent/normalise.ts";
import type { AgentResponse } from "../agent/types.ts";
import { EvaluationError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { checkAnswer } from "./answer_schema.ts";
import { Limiter, type Sleep, sleep } from "./limiter.ts";
import type { JudgeProvider, Prompt } from "./prompt.ts";
import { anthropic } from "./providers/anthropic.ts";
import { gemini, vertex } from "./providers/google.ts";
import { openAi, openAiCompatible } from "./providers/openai.ts";
import type { Env, ProviderAdapter, ProviderSettings } from "./providers/types.ts";
import { type JudgeStore, questionKey } from "./store.ts";
import type { Judge, JudgeAnswer, JudgeRequest, JudgeUsage } from "./types.ts";

/** US dollars per million tokens. */
export interface ModelPrice {
  /** Prompt tokens. */
  readonly inputPerMillionUsd: number;
  /** Completion tokens. */
  readonly outputPerMillionUsd: number;
}

/**
 * Where answers come from: `live` asks every time; `cache` asks what the store does not know;
 * `record` asks and keeps every answer; `replay` never asks.
 */
export type JudgeMode = "live" | "cache" | "record" | "replay";

/** Options of {@linkcode LlmJudge}. */
export interface LlmJudgeOptions {
  /** Where keys and addresses are; nothing unless told. Pass `process.env`. */
  readonly env?: Env;
  /** Addresses and keys by provider, before the environment. */
  readonly providers?: Readonly<Partial<Record<JudgeProvider, ProviderSettings>>>;
  /** Calls at once; 8 unless told. */
  readonly concurrency?: number;
  /** Calls begun per minute; unbounded unless told. */
  readonly requestsPerMinute?: number;
  /** Time for one call, in milliseconds; 30,000 unless told. */
  readonly timeoutMs?: number;
  /** First wait before a further attempt, in milliseconds; 500 unless told. Doubles each time. */
  readonly retryBaseMs?: number;
  /** Longest wait of our own choosing, in milliseconds; 20,000 unless told. */
  readonly retryMaxMs?: number;
  /** Longest wait that a vendor may ask for, in milliseconds; 60,000 unless told. */
  readonly retryAfterMaxMs?: number;
  /** Prices by model, for the cost of a run. */
  readonly prices?: Readonly<Record<string, ModelPrice>>;
  /** Where answers are kept. */
  readonly store?: JudgeStore;
  /** How the store is used; `cache` with a store, else `live`. */
  readonly mode?: JudgeMode;
  /** How to reach the network; replaced in tests. */
  readonly fetch?: typeof fetch;
  /** Waits; replaced in tests. */
  readonly sleep?: Sleep;
  /** Milliseconds since the epoch; replaced in tests. */
  readonly now?: () => number;
  /** Numbers in [0, 1) for jitter; replaced in tests. */
  readonly random?: () => number;
}

/** What a judge has done so far. */
export interface JudgeTotals {
  /** Calls over the network, failed ones too. */
  readonly calls: number;
  /** Answers from the store. */
  readonly cached: number;
  /** Calls that had to be repeated. */
  readonly retries: number;
  /** Tokens and dollars of the answers that came over the network. */
  readonly usage: JudgeUsage;
}

const ADAPTERS: Readonly<Record<JudgeProvider, ProviderAdapter>> = {
  openai: openAi,
  "openai-compatible": openAiCompatible,
  anthropic,
  gemini,
  vertex,
};

/** Nothing was asked of a vendor. */
const NO_USAGE: JudgeUsage = { inputTokens: 0, outputTokens: 0, costUsd: null };

/** An attempt that may succeed when repeated. */
class PassingFailure extends Error {
  override name = "PassingFailure";
  /** How long the vendor wants to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Asks language models: OpenAI, Anthropic, Gemini, Vertex AI, and servers compatible with OpenAI's.
 *
 * Attempts that fail for a passing reason (no connection, time-out, 408, 429, 5xx, an answer that
 * does not follow the schema) are repeated with exponential backoff and full jitter; `Retry-After`
 * is honoured and holds back other calls to the same vendor too.
 *
 * @example
 * ```ts ignore
 * import process from "node:process";
 * import { LlmJudge } from "./llm_judge.ts";
 *
 * const judge = new LlmJudge({ env: process.env, concurrency: 4, requestsPerMinute: 120 });
 * const results = await dataset.evaluate({ judge });
 * ```
 */
export class LlmJudge implements Judge {
  readonly #options: LlmJudgeOptions;
  readonly #mode: JudgeMode;
  readonly #limiters = new Map<JudgeProvider, Limiter>();
  readonly #underWay = new Map<string, Promise<JudgeAnswer>>();
  #calls = 0;
  #cached = 0;
  #retries = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #costUsd: number | null = null;

  /**
   * Makes a judge.
   *
   * @param options see {@linkcode LlmJudgeOptions}
   * @throws EvaluationError `NOT_CONFIGURED` when the mode needs a store and there is none
   */
  constructor(options: LlmJudgeOptions = {}) {
    this.#options = options;
    this.#mode = options.mode ?? (options.store === undefined ? "live" : "cache");
    if (this.#mode !== "live" && options.store === undefined) {
      throw new EvaluationError("NOT_CONFIGURED", `Judge mode "${this.#mode}" needs a store`);
    }
  }

  /** What was done so far. */
  get totals(): JudgeTotals {
    return {
      calls: this.#calls,
      cached: this.#cached,
      retries: this.#retries,
      usage: {
        inputTokens: this.#inputTokens,
        outputTokens: this.#outputTokens,
        costUsd: this.#costUsd,
      },
    };
  }

  /** Answers a prompt; see {@linkcode Judge.ask}. */
  async ask(request: JudgeRequest): Promise<JudgeAnswer> {
    const { prompt, repetition } = request;
    const adapter = ADAPTERS[prompt.provider];
    const body = adapter.body(prompt);
    if (this.#mode === "live") return await this.#askLive(request, adapter, body);
    const key = await questionKey(prompt.provider, body, repetition);
    // Two records may ask the same at the same moment: once is enough.
    const running = this.#underWay.get(key);
    if (running !== undefined) return { ...await running, usage: NO_USAGE, cached: true };
    const answer = this.#askKept(request, adapter, body, key);
    this.#underWay.set(key, answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #askKept(
    request: JudgeRequest,
    adapter: ProviderAdapter,
    body: JsonObject,
    key: string,
  ): Promise<JudgeAnswer> {
    const { store } = this.#options;
    const { prompt } = request;
    if (this.#mode !== "record") {
      const known = await store?.get(key);
      if (known !== undefined) {
        const answer = await checkAnswer(prompt, valueOf(normaliseResponse(known.response)));
        if (answer.problem === undefined) {
          this.#cached++;
          return { value: answer.value, usage: NO_USAGE, attempts: 0, cached: true };
        }
        if (this.#mode === "replay") throw new EvaluationError("JUDGE_FAILED", answer.problem);
      } else if (this.#mode === "replay") {
        throw new EvaluationError(
          "JUDGE_FAILED",
          `The recording has no answer to this prompt (${prompt.provider} ${prompt.model}, ` +
            `key ${key.slice(0, 12)}…); record it again`,
        );
      }
    }
    return await this.#askLive(request, adapter, body, key);
  }

  async #askLive(
    request: JudgeRequest,
    adapter: ProviderAdapter,
    body: JsonObject,
    key?: string,
  ): Promise<JudgeAnswer> {
    const { prompt, maxRetries, signal } = request;
    const limiter = this.#limiterOf(prompt.provider);
    let inputTokens = 0;
    let outputTokens = 0;
    for (let attempt = 0;; attempt++) {
      try {
        const raw = await limiter.run(() => this.#call(prompt, adapter, body, signal), signal);
        const response = readResponse(raw);
        inputTokens += response.usage.inputTokens ?? 0;
        outputTokens += response.usage.outputTokens ?? 0;
        const answer = await checkAnswer(prompt, valueOf(response));
        if (answer.problem !== undefined) throw new PassingFailure(answer.problem);
        const usage = this.#account(prompt.model, inputTokens, outputTokens);
        if (key !== undefined) await this.#options.store?.set(key, { response: raw });
        return { value: answer.value, usage, attempts: attempt + 1, cached: false };
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof PassingFailure)) throw error;
        const waitMs = this.#wait(attempt, error.retryAfterMs);
        if (attempt >= maxRetries || waitMs === undefined) {
          this.#account(prompt.model, inputTokens, outputTokens);
          throw new EvaluationError(
            "JUDGE_FAILED",
            `${prompt.provider} ${prompt.model} gave no usable answer in ${attempt + 1} ` +
              `attempt(s): ${error.message}`,
            { cause: error },
          );
        }
        this.#retries++;
        if (error.retryAfterMs !== undefined) limiter.hold(waitMs);
        await (this.#options.sleep ?? sleep)(waitMs, signal);
      }
    }
  }

  /** Milliseconds before the next attempt; `undefined` when the vendor wants too long a break. */
  #wait(attempt: number, retryAfterMs: number | undefined): number | undefined {
    const { retryBaseMs = 500, retryMaxMs = 20_000, retryAfterMaxMs = 60_000 } = this.#options;
    const ceiling = Math.min(retryMaxMs, retryBaseMs * 2 ** attempt);
    const jittered = (this.#options.random ?? Math.random)() * ceiling;
    if (retryAfterMs === undefined) return jittered;
    return retryAfterMs > retryAfterMaxMs ? undefined : retryAfterMs + jittered;
  }

  async #call(
    prompt: Prompt,
    adapter: ProviderAdapter,
    body: JsonObject,
    signal: AbortSignal | undefined,
  ): Promise<JsonValue> {
    const { env = {}, providers = {}, timeoutMs = 30_000 } = this.#options;
    const call = await adapter.call(prompt, body, env, providers[prompt.provider] ?? {});
    const timeout = AbortSignal.timeout(timeoutMs);
    this.#calls++;
    let response: Response;
    let text: string;
    try {
      response = await (this.#options.fetch ?? fetch)(call.url, {
        method: "POST",
        headers: { "content-type": "application/json", ...call.headers },
        body: JSON.stringify(call.body),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      text = await response.text();
    } catch (error) {
      const reason = timeout.aborted
        ? `no answer within ${timeoutMs} ms`
        : `no connection: ${error instanceof Error ? error.message : String(error)}`;
      throw new PassingFailure(reason, undefined, { cause: error });
    }
    if (!response.ok) throw httpFailure(prompt, response, text, this.#options.now ?? Date.now);
    try {
      return JSON.parse(text) as JsonValue;
    } catch (error) {
      throw new PassingFailure("the response is not JSON", undefined, { cause: error });
    }
  }

  #account(model: string, inputTokens: number, outputTokens: number): JudgeUsage {
    const price = this.#options.prices?.[model];
    const costUsd = price === undefined ? null : (
      inputTokens * price.inputPerMillionUsd + outputTokens * price.outputPerMillionUsd
    ) / 1e6;
    this.#inputTokens += inputTokens;
    this.#outputTokens += outputTokens;
    if (costUsd !== null) this.#costUsd = (this.#costUsd ?? 0) + costUsd;
    return { inputTokens, outputTokens, costUsd };
  }

  #limiterOf(provider: JudgeProvider): Limiter {
    let limiter = this.#limiters.get(provider);
    if (limiter === undefined) {
      const { concurrency = 8, requestsPerMinute } = this.#options;
      limiter = new Limiter({
        concurrency,
        sleep: this.#options.sleep ?? sleep,
        now: this.#options.now ?? Date.now,
        ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
      });
      this.#limiters.set(provider, limiter);
    }
    return limiter;
  }
}

/** Status codes that may pass. 529 is Anthropic's "overloaded". */
function httpFailure(
  prompt: Prompt,
  response: Response,
  text: string,
  now: () => number,
): Error {
  const { status } = response;
  const message = `HTTP ${status}: ${text.slice(0, 500)}`;
  if (status === 408 || status === 409 || status === 429 || status >= 500) {
    return new PassingFailure(message, retryAfter(response.headers, now));
  }
  return new EvaluationError("PROVIDER_ERROR", `${prompt.provider} ${prompt.model}: ${message}`);
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), or OpenAI's `retry-after-ms`. */
function retryAfter(headers: Headers, now: () => number): number | undefined {
  const ms = Number(headers.get("retry-after-ms") ?? NaN);
  if (Number.isFinite(ms)) return Math.max(0, ms);
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const seconds = Number(text);
  const delayMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now();
  return Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined;
}

function readResponse(raw: JsonValue): AgentResponse {
  try {
    return normaliseResponse(raw);
  } catch (error) {
    throw new PassingFailure("the response has an unknown shape", undefined, { cause: error });
  }
}

const FENCED = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/;

/** The text as JSON, else the arguments of a tool call, else null. */
function valueOf(response: AgentResponse): JsonValue {
  const text = response.content;
  if (text !== null) {
    try {
      return JSON.parse(FENCED.exec(text)?.[1] ?? text) as JsonValue;
    } catch {
      // Prose: a tool call may still hold data.
    }
  }
  return response.toolCalls[0]?.arguments ?? null;
}
