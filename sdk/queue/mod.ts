/**
 * Queues: what a service sees of its model or agent, gathered and sent in the background. Inserting costs next to nothing,
 * never throws, and everything that goes wrong is counted and told.
 *
 * @example
 * ```ts
 * import { createPsiProfile } from "@scouter/sdk/drift";
 * import { MockTransport, ScouterQueue } from "@scouter/sdk/queue";
 * import { features } from "@scouter/sdk/records";
 *
 * const profile = createPsiProfile({ age: [31, 44, 27, 58] });
 * const queue = await ScouterQueue.fromProfile({ churn: profile }, { transport: new MockTransport() });
 * queue.get("churn").insert(features({ age: 37 }));
 * console.log((await queue.shutdown()).complete); // true
 * ```
 *
 * @module
 */

export { QueueError, type QueueErrorCode } from "./errors.ts";
export { HttpConfig } from "./http_config.ts";
export { HttpTransport } from "./http_transport.ts";
export { MockConfig } from "./mock_config.ts";
export { MockTransport, type MockTransportOptions } from "./mock_transport.ts";
export type { OverflowPolicy, RetryOptions } from "./outbox.ts";
export type { AgentProfile, QueueProfile } from "./profile.ts";
export type { Queue, QueueItem, QueueSettings } from "./queue.ts";
export {
  ScouterQueue,
  type ScouterQueueOptions,
  type ShutdownReport,
  type UnsentItems,
} from "./scouter_queue.ts";
export type { SealedBatch, Spill, SpilledBatch, SpilledQueue } from "./spill.ts";
export type { QueueProblem, QueueStats } from "./stats.ts";
export {
  type Transport,
  type TransportConfig,
  TransportError,
  type TransportErrorOptions,
  type TransportType,
} from "./transport.ts";
