/**
 * Functions that trace their calls.
 *
 * @module
 */

import { context, trace } from "@opentelemetry/api";
import type { CaptureLimits } from "./capture_json.ts";
import { getTracer } from "./instrumentor.ts";
import type { ScouterSpan } from "./span.ts";
import { isPromiseLike, observe } from "./observe.ts";
import type { ScouterSpanOptions, ScouterTracer } from "./tracer.ts";

/** How a function is traced. */
export interface TracedOptions extends ScouterSpanOptions, CaptureLimits {
  /** Name of the spans; the function's by default. */
  readonly name?: string;
  /** The tracer; one of the process's provider by default. */
  readonly tracer?: ScouterTracer;
  /** Names of the arguments, which make the input an object; a list of the arguments by default. */
  readonly argNames?: readonly string[];
  /** Whether arguments are recorded; true by default. */
  readonly captureInput?: boolean;
  /** Whether the result is recorded; true by default. */
  readonly captureOutput?: boolean;
  /** Of a stream, record the last item only. */
  readonly captureLastStreamItem?: boolean;
  /** Of a stream, record all items joined into one text. */
  readonly joinStreamItems?: boolean;
  /** Items of a stream that are kept for the output; 1,000 by default. */
  readonly maxStreamItems?: number;
}

/** What a traced function is to its tracer. */
export type FunctionType = "Sync" | "Async" | "SyncGenerator" | "AsyncGenerator";

/**
 * Tells what kind of function this is, by how it was written.
 *
 * @param fn Any function
 * @example
 * ```ts
 * import { getFunctionType } from "@scouter/sdk/tracing";
 *
 * console.log(getFunctionType(async function* () {})); // AsyncGenerator
 * ```
 */
export function getFunctionType(fn: (...args: never[]) => unknown): FunctionType {
  const tag = Object.prototype.toString.call(fn);
  if (tag === "[object AsyncGeneratorFunction]") return "AsyncGenerator";
  if (tag === "[object GeneratorFunction]") return "SyncGenerator";
  return tag === "[object AsyncFunction]" ? "Async" : "Sync";
}

/**
 * Makes a function that traces its calls: one span each, active while it runs, with arguments as input and result as
 * output. Synchronous and asynchronous functions and both kinds of generators keep their type. A generator's span
 * lasts from its first step to its last; its output is recorded when it ran to the end.
 *
 * @param fn The function
 * @param options How it is traced
 * @returns A function with the same signature
 * @example
 * ```ts
 * import { initTracer, shutdownTracer, TestSpanExporter, traced } from "@scouter/sdk/tracing";
 *
 * const exporter = new TestSpanExporter();
 * initTracer({ transport: exporter });
 * const add = traced((a: number, b: number) => a + b, { name: "add", argNames: ["a", "b"] });
 * console.log(add(2, 3)); // 5
 * await shutdownTracer();
 * console.log(exporter.spans[0]?.input, exporter.spans[0]?.output); // { a: 2, b: 3 } 5
 * ```
 */
export function traced<This, Args extends unknown[], Result>(
  fn: (this: This, ...args: Args) => Result,
  options: TracedOptions = {},
): (this: This, ...args: Args) => Result {
  const call = new TracedCall(fn.name, options);
  const isGenerator = getFunctionType(fn).endsWith("Generator");
  const wrapper = function (this: This, ...args: Args): Result {
    return isGenerator ? fn.apply(this, args) : call.run(args, () => fn.apply(this, args));
  };
  const generatorWrapper = function (this: This, ...args: Args): Result {
    return call.stream(args, fn.apply(this, args)) as Result;
  };
  const result = isGenerator ? generatorWrapper : wrapper;
  Object.defineProperty(result, "name", { value: fn.name, configurable: true });
  return result;
}

interface StreamIterator {
  next(value?: unknown): unknown;
  return?(value?: unknown): unknown;
  throw?(error?: unknown): unknown;
}

function isIterator(value: unknown): value is StreamIterator & object {
  return typeof value === "object" && value !== null && "next" in value &&
    typeof value.next === "function" && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

/** Promises of API clients have methods of their own, which a derived promise would lose. */
function isPlainPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise && Object.getPrototypeOf(value) === Promise.prototype;
}

class TracedCall {
  readonly #options: TracedOptions;
  readonly #name: string;

  constructor(functionName: string, options: TracedOptions) {
    this.#options = options;
    this.#name = options.name ?? (functionName === "" ? "anonymous" : functionName);
  }

  get #tracer(): ScouterTracer {
    return this.#options.tracer ?? getTracer("scouter");
  }

  #input(span: ScouterSpan, args: readonly unknown[]): void {
    if (this.#options.captureInput === false) return;
    const names = this.#options.argNames;
    const value = names === undefined
      ? args
      : Object.fromEntries(args.map((arg, at) => [names[at] ?? `arg${at}`, arg]));
    span.setInput(value, this.#options);
  }

  #output(span: ScouterSpan, value: unknown): void {
    if (this.#options.captureOutput !== false) span.setOutput(value, this.#options);
  }

  run<T>(args: readonly unknown[], fn: () => T): T {
    return this.#tracer.startActiveSpan(this.#name, this.#options, (span): T => {
      this.#input(span, args);
      try {
        const result = fn();
        if (isPlainPromise(result)) {
          return result.then((value) => this.#settle(span, value), (error: unknown) => {
            span.fail(error).end();
            throw error;
          }) as T;
        }
        if (isPromiseLike(result)) {
          return observe(result, (value) => {
            this.#output(span, value);
            span.end();
          }, (error) => span.fail(error).end());
        }
        return this.#settle(span, result) as T;
      } catch (error) {
        span.fail(error).end();
        throw error;
      }
    });
  }

  /** A stream that a function returns, or its promise resolves to, goes on after it: the span ends with the stream. */
  #settle(span: ScouterSpan, value: unknown): unknown {
    if (isIterator(value)) return this.#watch(span, value);
    this.#output(span, value);
    span.end();
    return value;
  }

  /** A generator's body runs with its first step, so its span starts there: one never stepped has none. */
  stream(args: readonly unknown[], iterator: unknown): unknown {
    if (!isIterator(iterator)) return iterator;
    const home = context.active();
    return this.#watch(() => {
      const span = this.#tracer.startSpan(this.#name, this.#options, home);
      this.#input(span, args);
      return span;
    }, iterator);
  }

  #watch(
    spanOrStart: ScouterSpan | (() => ScouterSpan),
    iterator: StreamIterator & object,
  ): object {
    const items = new StreamItems(this.#options);
    let span = typeof spanOrStart === "function" ? null : spanOrStart;
    const start = (): ScouterSpan =>
      span ??= typeof spanOrStart === "function" ? spanOrStart() : spanOrStart;
    const settle = (step: IteratorResult<unknown>, isReturn: boolean): IteratorResult<unknown> => {
      if (step.done !== true) {
        items.add(step.value);
      } else {
        const open = start();
        if (!isReturn) this.#output(open, items.output());
        open.end();
      }
      return step;
    };
    const fail = (error: unknown): never => {
      start().fail(error).end();
      throw error;
    };
    const step = (method: "next" | "return" | "throw") => (value?: unknown): unknown => {
      // Left before the first step: the body never ran.
      if (span === null && method !== "next") return call(iterator, method, value);
      const open = start();
      try {
        const result = context.with(
          trace.setSpan(context.active(), open),
          () => call(iterator, method, value),
        );
        return isPromiseLike(result)
          ? Promise.resolve(result).then(
            (settled) => settle(settled as IteratorResult<unknown>, method === "return"),
            fail,
          )
          : settle(result as IteratorResult<unknown>, method === "return");
      } catch (error) {
        return fail(error);
      }
    };
    return wrapIterator(iterator, step);
  }
}

function call(
  iterator: StreamIterator,
  method: "next" | "return" | "throw",
  value: unknown,
): unknown {
  return iterator[method]?.(value);
}

/** The same object to its caller, with its three methods watched. */
function wrapIterator(
  iterator: StreamIterator & object,
  step: (method: "next" | "return" | "throw") => (value?: unknown) => unknown,
): object {
  const methods = { next: step("next"), return: step("return"), throw: step("throw") };
  const proxy: object = new Proxy(iterator, {
    get(target, key) {
      if (key === Symbol.iterator || key === Symbol.asyncIterator) {
        return key in target ? () => proxy : undefined;
      }
      if (key === "next" || key === "return" || key === "throw") {
        return typeof Reflect.get(target, key) === "function" ? methods[key] : undefined;
      }
      if (key === Symbol.dispose || key === Symbol.asyncDispose) {
        if (!(key in target)) return undefined;
        return key === Symbol.dispose
          ? () => void methods.return()
          : async () => void await methods.return();
      }
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  return proxy;
}

class StreamItems {
  readonly #options: TracedOptions;
  readonly #max: number;
  readonly #items: unknown[] = [];
  #last: unknown = null;
  #count = 0;

  constructor(options: TracedOptions) {
    this.#options = options;
    this.#max = options.maxStreamItems ?? 1_000;
  }

  add(item: unknown): void {
    this.#count++;
    this.#last = item;
    if (this.#options.captureLastStreamItem !== true && this.#items.length < this.#max) {
      this.#items.push(item);
    }
  }

  output(): unknown {
    if (this.#options.captureLastStreamItem === true) return this.#last;
    const more = this.#count - this.#items.length;
    if (this.#options.joinStreamItems === true) {
      const text = this.#items.map((item) => typeof item === "string" ? item : JSON.stringify(item))
        .join("");
      return more === 0 ? text : `${text}...[${more} more items]`;
    }
    return more === 0 ? this.#items : [...this.#items, `...[${more} more items]`];
  }
}
