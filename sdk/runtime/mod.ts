/**
 * What differs between Deno, Node, Bun and browsers, behind one door.
 *
 * @module
 */

/** Names of the runtimes the SDK knows. */
export type RuntimeName = "deno" | "node" | "bun" | "browser" | "unknown";

interface ProcessLike {
  readonly versions?: Readonly<Record<string, string | undefined>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  on?(event: "beforeExit", listener: () => void): unknown;
  off?(event: "beforeExit", listener: () => void): unknown;
}

function member(name: string): unknown {
  return Reflect.get(globalThis, name);
}

function processOf(): ProcessLike | undefined {
  const value = member("process");
  return typeof value === "object" && value !== null ? value : undefined;
}

/**
 * Tells which runtime this is.
 *
 * @example
 * ```ts
 * import { runtimeName } from "./mod.ts";
 *
 * console.log(runtimeName()); // "deno", "node", "bun" …
 * ```
 */
export function runtimeName(): RuntimeName {
  if (member("Deno") !== undefined) return "deno";
  if (member("Bun") !== undefined) return "bun";
  if (processOf()?.versions?.["node"] !== undefined) return "node";
  return member("window") === undefined ? "unknown" : "browser";
}

/**
 * Reads an environment variable; undefined when it is empty, absent, not allowed to be read, or when there is no
 * environment at all.
 *
 * @param name Name of the variable
 * @example
 * ```ts
 * import { environment } from "./mod.ts";
 *
 * console.log(environment("OTEL_SERVICE_NAME") ?? "unnamed");
 * ```
 */
export function environment(name: string): string | undefined {
  try {
    const value = processOf()?.env?.[name];
    return value === undefined || value === "" ? undefined : value;
  } catch {
    // Deno without --allow-env: the same as having none.
    return undefined;
  }
}

/**
 * Lets a timer not keep the process alive, where the runtime can.
 *
 * @param timer What `setTimeout` or `setInterval` returned
 * @example
 * ```ts
 * import { unrefTimer } from "./mod.ts";
 *
 * unrefTimer(setTimeout(() => {}, 60_000));
 * ```
 */
export function unrefTimer(timer: unknown): void {
  if (typeof timer === "object" && timer !== null && "unref" in timer) {
    if (typeof timer.unref === "function") timer.unref();
    return;
  }
  const deno = member("Deno");
  if (typeof timer !== "number" || typeof deno !== "object" || deno === null) return;
  const unref: unknown = Reflect.get(deno, "unrefTimer");
  if (typeof unref === "function") unref(timer);
}

/**
 * Keeps the process alive although nothing else does.
 *
 * @returns Ends it
 * @example
 * ```ts
 * import { keepAlive } from "./mod.ts";
 *
 * const release = keepAlive();
 * release();
 * ```
 */
export function keepAlive(): () => void {
  const timer = setInterval(() => {}, 60_000);
  return () => clearInterval(timer);
}

/**
 * Calls back when the process is about to end because nothing is left to do. Work the listener starts is waited for, and
 * after it the listener is called again. Does nothing where there is no process.
 *
 * @param listener Must start nothing when nothing is left
 * @returns Ends it
 * @example
 * ```ts
 * import { onBeforeExit } from "./mod.ts";
 *
 * const stop = onBeforeExit(() => {});
 * stop();
 * ```
 */
export function onBeforeExit(listener: () => void): () => void {
  const process = processOf();
  process?.on?.("beforeExit", listener);
  return () => void process?.off?.("beforeExit", listener);
}
