/**
 * The tracer.
 *
 * @module
 */

import type {
  Attributes,
  Context,
  Link,
  OtelSpan,
  OtelTracer,
  SpanContext,
  SpanKindNumber,
  TimeInput,
} from "./opentelemetry.ts";
import {
  context,
  isSpanContextValid,
  propagation,
  SpanKind,
  type SpanOptions,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import { activeProfileUid } from "./active_profile.ts";
import { type AttributeInput, toAttributeValue } from "./attribute_value.ts";
import { TraceClock } from "./clock.ts";
import {
  BAGGAGE_PREFIX,
  ENTITY,
  LABEL,
  SCENARIO_ID,
  TAG_PREFIX,
  TRACE_START_TIME,
} from "./constants.ts";
import { TracingError } from "./errors.ts";
import { isPromiseLike, observe } from "./observe.ts";
import { contextFromHeaders } from "./propagation/extract.ts";
import type { HeaderCarrier } from "./propagation/carrier.ts";
import type { SpanQueue } from "./queue.ts";
import { ScouterSpan } from "./span.ts";
import { type SpanKindName, toSpanKind } from "./span_kind.ts";

/** A span to be the parent, by its ids. */
export interface ParentIds {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** Whether its trace is recorded; true by default. */
  readonly isSampled?: boolean;
}

/** What a span is started with: OpenTelemetry's options and Scouter's. */
export interface ScouterSpanOptions {
  /** Internal by default. */
  readonly kind?: SpanKindNumber | SpanKindName;
  /** Attributes; what OpenTelemetry has no type for is written as JSON. */
  readonly attributes?: Readonly<Record<string, AttributeInput>> | undefined;
  /** Other spans this one has to do with. */
  readonly links?: Link[];
  /** When it started; now by default. */
  readonly startTime?: TimeInput;
  /** Whether it has no parent whatever the context says. */
  readonly root?: boolean;
  /** Baggage: recorded on this span and, by `startActiveSpan`, sent on to children and called services. */
  readonly baggage?: Readonly<Record<string, string>>;
  /** Tags of the trace. */
  readonly tags?: Readonly<Record<string, string>>;
  /** A label. */
  readonly label?: string;
  /** Headers of a request whose span is the parent; they win over every other parent. */
  readonly headers?: HeaderCarrier;
  /** The parent by its ids; wins over the active span, loses to headers. */
  readonly parent?: ParentIds;
}

/** What a tracer is made of. */
export interface ScouterTracerOptions {
  /** The tracer of the OpenTelemetry SDK underneath. */
  readonly inner: OtelTracer;
  /** Attributes of every span; what a span is started with wins. */
  readonly defaultAttributes: Readonly<Attributes>;
  /** Profile that spans belong to unless another is active. */
  readonly defaultEntityUid?: string | undefined;
  /** Looks the queue up when a span is started. */
  readonly queue: () => SpanQueue | undefined;
}

const SCENARIO = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Starts spans. It is an OpenTelemetry tracer, so everything that takes one takes this.
 *
 * @example
 * ```ts
 * import { initTracer, shutdownTracer, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * const tracer = initTracer({ serviceName: "shop", transport: new TestSpanExporter() });
 * const total = tracer.withSpan("checkout", (span) => {
 *   span.setTag("tenant", "acme");
 *   return 12.5;
 * });
 * console.log(total);
 * await shutdownTracer();
 * ```
 */
export class ScouterTracer implements OtelTracer {
  readonly #options: ScouterTracerOptions;
  #queue: SpanQueue | undefined;

  /**
   * Wraps a tracer; use `initTracer()` or `getTracer()`.
   *
   * @param options What it is made of
   */
  constructor(options: ScouterTracerOptions) {
    this.#options = options;
  }

  /** The active span, wrapped if another tracer started it; undefined when there is none. */
  get currentSpan(): ScouterSpan | undefined {
    return getCurrentActiveSpan();
  }

  /** Sets the queue of this tracer's spans. */
  setQueue(queue: SpanQueue): void {
    this.#queue = queue;
  }

  /**
   * Starts a span that is not made active.
   *
   * @param name Name of the operation
   * @param options What it is started with
   * @param ctx Where the parent is looked up; the active context by default
   */
  startSpan(
    name: string,
    options: ScouterSpanOptions = {},
    ctx: Context = context.active(),
  ): ScouterSpan {
    return this.#start(name, options, parentContext(ctx, options));
  }

  #start(name: string, options: ScouterSpanOptions, parent: Context): ScouterSpan {
    const parentSpan = options.root === true ? undefined : trace.getSpan(parent);
    const clock = (parentSpan instanceof ScouterSpan ? parentSpan.clock : null) ?? new TraceClock();
    const start: SpanOptions = {
      kind: options.kind === undefined ? SpanKind.INTERNAL : toSpanKind(options.kind),
    };
    if (options.links !== undefined) start.links = options.links;
    start.startTime = options.startTime ?? clock.now();
    if (options.root !== undefined) start.root = options.root;
    const inner = this.#options.inner.startSpan(name, start, parent);
    // Set one by one: given with the start, the SDK copies and checks them twice.
    if (inner.isRecording()) {
      this.#setAttributes(inner, options, parent);
      inner.setAttribute(TRACE_START_TIME, clock.startText);
    }
    return new ScouterSpan(inner, {
      clock,
      startTimeGiven: options.startTime !== undefined,
      queue: this.#queue ?? this.#options.queue(),
    });
  }

  /** Later ones win over earlier ones, and every key stands once. */
  #setAttributes(span: OtelSpan, options: ScouterSpanOptions, ctx: Context): void {
    const { defaultAttributes, defaultEntityUid } = this.#options;
    for (const key in defaultAttributes) {
      const value = defaultAttributes[key];
      if (value !== undefined) span.setAttribute(key, value);
    }
    for (const key in options.baggage) {
      span.setAttribute(BAGGAGE_PREFIX + key, options.baggage[key] ?? "");
    }
    for (const key in options.tags) {
      span.setAttribute(BAGGAGE_PREFIX + TAG_PREFIX + key, options.tags[key] ?? "");
    }
    const scenario = propagation.getBaggage(ctx)?.getEntry(SCENARIO_ID)?.value;
    if (scenario !== undefined && SCENARIO.test(scenario)) {
      span.setAttribute(SCENARIO_ID, scenario);
    }
    let named = false;
    for (const key in options.attributes) {
      const value = options.attributes[key];
      if (value === undefined) continue;
      named ||= key.startsWith(ENTITY);
      span.setAttribute(key, toAttributeValue(value));
    }
    const uid = activeProfileUid(ctx) ?? defaultEntityUid;
    if (uid !== undefined && !named) span.setAttribute(`${ENTITY}.${uid}`, uid);
    if (options.label !== undefined) span.setAttribute(LABEL, options.label);
  }

  /**
   * Runs a function with a new span that is active inside, also after `await`. The caller ends the span, as in
   * OpenTelemetry; {@linkcode ScouterTracer.withSpan} ends it by itself.
   *
   * @param name Name of the operation
   * @param fn What to run
   * @returns What `fn` returns
   */
  startActiveSpan<F extends (span: ScouterSpan) => unknown>(name: string, fn: F): ReturnType<F>;
  /** Runs a function with a new span that is active inside. */
  startActiveSpan<F extends (span: ScouterSpan) => unknown>(
    name: string,
    options: ScouterSpanOptions,
    fn: F,
  ): ReturnType<F>;
  /** Runs a function with a new span that is active inside. */
  startActiveSpan<F extends (span: ScouterSpan) => unknown>(
    name: string,
    options: ScouterSpanOptions,
    ctx: Context,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan(
    name: string,
    ...rest: (ScouterSpanOptions | Context | ((span: ScouterSpan) => unknown))[]
  ): never {
    const fn = rest.pop();
    if (typeof fn !== "function") {
      throw new TracingError(
        "invalid_argument",
        `startActiveSpan("${name}") needs a function last`,
      );
    }
    const options = (rest[0] ?? {}) as ScouterSpanOptions;
    const base = (rest[1] as Context | undefined) ?? context.active();
    const parent = withBaggage(parentContext(base, options), options.baggage);
    const span = this.#start(name, options, parent);
    // The overloads above tell the type; within, it cannot be named.
    return context.with(trace.setSpan(parent, span), () => fn(span)) as never;
  }

  /**
   * Runs a function with a new span that is active inside and ends when the function has returned or its promise is
   * settled. What is thrown is recorded with its stack and thrown again.
   *
   * @param name Name of the operation
   * @param fnOrOptions What to run, or what the span is started with
   * @param maybeFn What to run, after options
   * @returns What `fn` returns
   */
  withSpan<T>(
    name: string,
    fnOrOptions: ScouterSpanOptions | ((span: ScouterSpan) => T),
    maybeFn?: (span: ScouterSpan) => T,
  ): T {
    const options = typeof fnOrOptions === "function" ? {} : fnOrOptions;
    const fn = typeof fnOrOptions === "function" ? fnOrOptions : maybeFn;
    if (fn === undefined) {
      throw new TracingError("invalid_argument", `withSpan("${name}") needs a function last`);
    }
    return this.startActiveSpan(name, options, (span): T => {
      try {
        const result = fn(span);
        if (!isPromiseLike(result)) {
          span.end();
          return result;
        }
        return observe(result, () => span.end(), (error) => span.fail(error).end());
      } catch (error) {
        span.fail(error).end();
        throw error;
      }
    });
  }
}

function withBaggage(ctx: Context, entries: Readonly<Record<string, string>> | undefined): Context {
  if (entries === undefined) return ctx;
  let baggage = propagation.getBaggage(ctx) ?? propagation.createBaggage();
  for (const [key, value] of Object.entries(entries)) baggage = baggage.setEntry(key, { value });
  return propagation.setBaggage(ctx, baggage);
}

function parentContext(ctx: Context, options: ScouterSpanOptions): Context {
  let parent = ctx;
  if (options.parent !== undefined) {
    const { traceId, spanId, isSampled } = options.parent;
    const ids: SpanContext = {
      traceId: traceId.toLowerCase(),
      spanId: spanId.toLowerCase(),
      traceFlags: isSampled === false ? TraceFlags.NONE : TraceFlags.SAMPLED,
      isRemote: true,
    };
    if (!isSpanContextValid(ids)) {
      throw new TracingError(
        "invalid_argument",
        `parent needs 32 and 16 hex digits that are not all zero, got "${traceId}" and "${spanId}"`,
      );
    }
    parent = trace.setSpanContext(parent, ids);
  }
  return options.headers === undefined ? parent : contextFromHeaders(parent, options.headers);
}

/**
 * The span that is active here; undefined when there is none.
 *
 * @example
 * ```ts
 * import { getCurrentActiveSpan } from "@scouter/sdk/tracing";
 *
 * getCurrentActiveSpan()?.setTag("tenant", "acme");
 * ```
 */
export function getCurrentActiveSpan(): ScouterSpan | undefined {
  const span = trace.getSpan(context.active());
  if (span === undefined || span instanceof ScouterSpan) return span;
  return new ScouterSpan(span);
}
