/**
 * The SDK's front door: tracing, middleware, queues, the client and the records they send.
 *
 * Engines and tools have sub-paths of their own, so that importing this stays light: `@scouter/sdk/drift`,
 * `/profile`, `/evaluate`, `/data`, `/bifrost`, `/testing`.
 *
 * @example
 * ```ts
 * import { instrument, TestSpanExporter, traced, uninstrument } from "@scouter/sdk";
 *
 * const exporter = new TestSpanExporter();
 * instrument({ serviceName: "shop", transport: exporter });
 * const add = traced((a: number, b: number) => a + b, { name: "add" });
 * console.log(add(2, 3)); // 5
 * await uninstrument();
 * console.log(exporter.spans.length); // 1
 * ```
 *
 * @module
 */

export * from "./client/mod.ts";
export * from "./middleware/mod.ts";
export * from "./queue/mod.ts";
export * from "./records/mod.ts";
export * from "./tracing/mod.ts";

// The client has an interface of this name, which the class satisfies.
export { HttpConfig } from "./queue/mod.ts";
export type { TagRecord } from "./records/mod.ts";

/** Version of the SDK. */
export const VERSION: string = "0.1.0";
