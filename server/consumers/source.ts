/**
 * Keeps one source connected: runs a session on a connection, and another when that broke.
 *
 * @module
 */

import { getLogger } from "../telemetry/log.ts";
import { pause } from "../workers/supervisor.ts";
import { backoffMs } from "./backoff.ts";
import type { Session } from "./contract.ts";
import { describeError } from "./redact.ts";
import type { SourceMetrics } from "./source_metrics.ts";

const logger = getLogger("consumers");
/** A session that lasted this long starts the waits over. */
const RECOVERED_MS = 30_000;

/** What {@linkcode Source} needs. */
export interface SourceOptions {
  readonly metrics: SourceMetrics;
  /** Where, for people; without credentials. */
  readonly address: string;
  /** Texts that must not be shown. */
  readonly secrets: readonly string[];
  readonly session: Session;
  /** Wait after the first failure at most. Default 500. */
  readonly minBackoffMs?: number;
  /** Longest wait. Default 10,000. */
  readonly maxBackoffMs?: number;
}

/** One source. */
export class Source {
  readonly #options: SourceOptions;
  #problem = "not connected yet";

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /** The source's name. */
  get name(): string {
    return this.#options.metrics.source;
  }

  /** Why no messages flow; empty when they do. */
  get problem(): string {
    return this.#problem;
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { metrics, address, secrets, session } = this.#options;
    for (let failures = 0; !signal.aborted;) {
      const startedAt = performance.now();
      try {
        await session({
          signal,
          connected: () => {
            if (this.#problem !== "") {
              logger.info("Consuming from {source} at {address}", { source: this.name, address });
            }
            this.#problem = "";
            metrics.up(true);
          },
        });
        if (!signal.aborted) throw new Error("the connection ended");
      } catch (error) {
        if (!signal.aborted) {
          if (performance.now() - startedAt > RECOVERED_MS) failures = 0;
          failures++;
          this.#problem = describeError(error, secrets);
          metrics.disconnected();
        } else {
          logger.warn(
            "{source} did not close cleanly; what was not acknowledged comes again: {error}",
            {
              source: this.name,
              error: describeError(error, secrets),
            },
          );
        }
      } finally {
        metrics.up(false);
      }
      if (signal.aborted) break;
      const waitMs = backoffMs(
        failures,
        this.#options.minBackoffMs ?? 500,
        this.#options.maxBackoffMs ?? 10_000,
      );
      logger.warn("No messages from {source} at {address}, next try in {waitMs} ms: {problem}", {
        source: this.name,
        address,
        waitMs: Math.round(waitMs),
        problem: this.#problem,
      });
      await pause(waitMs, signal);
    }
    this.#problem = "stopped";
  }
}
