/**
 * Settings of a transport that goes nowhere.
 *
 * @module
 */

import { MockTransport } from "./mock_transport.ts";
import type { TransportConfig } from "./transport.ts";

/**
 * Settings of a {@linkcode MockTransport}: there are none, and what is given is not looked at, so that any other
 * transport's settings can be exchanged for it.
 *
 * @example
 * ```ts
 * import { MockConfig, ScouterQueue } from "@scouter/sdk/queue";
 *
 * const queue = await ScouterQueue.fromProfile({}, { transport: new MockConfig() });
 * console.log(queue.transport.name); // "mock"
 * await queue.shutdown();
 * ```
 */
export class MockConfig implements TransportConfig {
  /** Tells the kinds of transport apart. */
  readonly transportType = "Mock";

  /**
   * Makes settings.
   *
   * @param _options anything
   */
  constructor(_options: Readonly<Record<string, unknown>> = {}) {}

  /** Makes the transport. */
  createTransport(): MockTransport {
    return new MockTransport();
  }
}
