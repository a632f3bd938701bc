/**
 * A transport that goes nowhere.
 *
 * @module
 */

import { type MessageRecord, parseMessage } from "../records/message.ts";
import type { Transport } from "./transport.ts";

/** How a {@linkcode MockTransport} behaves. */
export interface MockTransportOptions {
  /** Called with every message before it counts as sent; what it throws is what sending throws. */
  readonly onSend?: (message: MessageRecord, signal: AbortSignal) => void | Promise<void>;
}

/**
 * Keeps messages instead of sending them: for tests, and for offline evaluation.
 *
 * @example
 * ```ts
 * import { customMetric, CustomDriftProfile, CustomMetricDriftConfig } from "@scouter/sdk/drift";
 * import { MockTransport, ScouterQueue } from "@scouter/sdk/queue";
 * import { metrics } from "@scouter/sdk/records";
 *
 * const mae = customMetric({ name: "mae", baselineValue: 1, alertThreshold: "Above" });
 * const profile = new CustomDriftProfile(new CustomMetricDriftConfig(), [mae]);
 * const transport = new MockTransport();
 * const queue = await ScouterQueue.fromProfile({ prices: profile }, { transport });
 * queue.get("prices").insert(metrics({ mae: 1.5 }));
 * await queue.shutdown();
 * console.log(transport.messages.length); // 1
 * ```
 */
export class MockTransport implements Transport {
  /** For people. */
  readonly name = "mock";
  /** What was sent, in its order. */
  readonly messages: MessageRecord[] = [];
  readonly #onSend: MockTransportOptions["onSend"];

  /**
   * Makes a transport.
   *
   * @param options how it behaves
   */
  constructor(options: MockTransportOptions = {}) {
    this.#onSend = options.onSend;
  }

  /** Keeps a message. */
  async send(message: string, signal: AbortSignal): Promise<void> {
    const parsed = parseMessage(message);
    await this.#onSend?.(parsed, signal);
    this.messages.push(parsed);
  }
}
