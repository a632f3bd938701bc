/**
 * Spans that know inputs, outputs, tags, profiles and queues.
 *
 * @module
 */

import type {
  Attributes,
  AttributeValue,
  Link,
  OtelSpan,
  ReadableSpan,
  SpanContext,
  SpanStatus,
  TimeInput,
} from "./opentelemetry.ts";
import { SpanStatusCode } from "@opentelemetry/api";

import { type AttributeInput, flattenAttributes, toAttributeValue } from "./attribute_value.ts";
import type { TraceClock } from "./clock.ts";
import { captureJson, type CaptureLimits } from "./capture_json.ts";
import { ENTITY, INPUT, OUTPUT, QUEUE_EVENT, QUEUE_RECORD, TAG_PREFIX } from "./constants.ts";
import { TracingError } from "./errors.ts";
import { entityOf, type SpanQueue } from "./queue.ts";

/** What a span takes from the tracer that started it. */
export interface SpanSurroundings {
  /** The clock of the trace; a span of another tracer has its own. */
  readonly clock?: TraceClock;
  /** Whether whoever started it said when that was. */
  readonly startTimeGiven?: boolean;
  /** The queue of the tracer. */
  readonly queue?: SpanQueue | undefined;
}

const STATUS_WORDS: Readonly<Record<string, SpanStatusCode>> = {
  ok: SpanStatusCode.OK,
  error: SpanStatusCode.ERROR,
  unset: SpanStatusCode.UNSET,
};

/** Name of an error's type. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return error === null ? "null" : typeof error;
  return error.name === "Error" ? error.constructor.name || "Error" : error.name;
}

/** Message of anything thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : typeof error === "string" ? error : String(
    captureJson(error),
  );
}

/**
 * A span. Everything of OpenTelemetry's span, and what Scouter adds.
 *
 * @example
 * ```ts
 * import { initTracer, shutdownTracer, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * const tracer = initTracer({ serviceName: "shop", transport: new TestSpanExporter() });
 * const span = tracer.startSpan("checkout");
 * span.setTag("tenant", "acme").setInput({ cart: 7 });
 * span.end();
 * await shutdownTracer();
 * ```
 */
export class ScouterSpan implements OtelSpan {
  /** The span of the OpenTelemetry SDK underneath. */
  readonly inner: OtelSpan;
  /** The clock of the trace; null when another tracer started the span. */
  readonly clock: TraceClock | null;
  readonly #startTimeGiven: boolean;
  readonly #queue: SpanQueue | undefined;
  #ended = false;

  /**
   * Wraps a span.
   *
   * @param inner The span of the OpenTelemetry SDK
   * @param surroundings What the tracer gives along
   */
  constructor(inner: OtelSpan, surroundings: SpanSurroundings = {}) {
    this.inner = inner;
    this.clock = surroundings.clock ?? null;
    this.#startTimeGiven = surroundings.startTimeGiven ?? false;
    this.#queue = surroundings.queue;
  }

  /** Trace id, span id and flags. */
  spanContext(): SpanContext {
    return this.inner.spanContext();
  }

  /** Attributes so far, for instrumentations that look at them; empty when the span is not sampled. */
  get attributes(): Readonly<Attributes> {
    const inner: OtelSpan & Partial<ReadableSpan> = this.inner;
    return inner.attributes ?? {};
  }

  /** Resource of the provider, for instrumentations that look at it. */
  get resource(): ReadableSpan["resource"] | undefined {
    const inner: OtelSpan & Partial<ReadableSpan> = this.inner;
    return inner.resource;
  }

  /** Sets an attribute; what OpenTelemetry has no type for is written as JSON, and undefined is left out. */
  setAttribute(key: string, value: AttributeValue | AttributeInput): this {
    if (value === undefined) return this;
    this.inner.setAttribute(key, toAttributeValue(value));
    return this;
  }

  /** Sets several attributes. */
  setAttributes(attributes: Readonly<Record<string, AttributeInput>>): this {
    for (const [key, value] of Object.entries(attributes)) this.setAttribute(key, value);
    return this;
  }

  /** Tags the trace. */
  setTag(key: string, value: string): this {
    this.inner.setAttribute(TAG_PREFIX + key, value);
    return this;
  }

  /** Says which profile the span belongs to. */
  setEntity(uid: string): this {
    this.inner.setAttribute(ENTITY, uid);
    return this;
  }

  /** Records what the operation was given, as JSON cut to the limits. */
  setInput(value: unknown, limits: CaptureLimits = {}): this {
    if (this.inner.isRecording()) this.inner.setAttribute(INPUT, captureJson(value, limits));
    return this;
  }

  /** Records what the operation returned, as JSON cut to the limits. */
  setOutput(value: unknown, limits: CaptureLimits = {}): this {
    if (this.inner.isRecording()) this.inner.setAttribute(OUTPUT, captureJson(value, limits));
    return this;
  }

  /**
   * Adds an event; nested members get dotted keys.
   *
   * @throws {TracingError} `invalid_argument` when the attributes are not an object
   */
  addEvent(
    name: string,
    attributes?: Readonly<Record<string, AttributeInput>> | TimeInput,
    time?: TimeInput,
  ): this {
    if (
      typeof attributes === "number" || attributes instanceof Date || Array.isArray(attributes)
    ) {
      // An event without attributes, at a time.
      this.inner.addEvent(name, time ?? (attributes as TimeInput));
      return this;
    }
    if (attributes !== undefined && (typeof attributes !== "object" || attributes === null)) {
      throw new TracingError(
        "invalid_argument",
        `attributes of event "${name}" must be an object, got ${typeof attributes}`,
      );
    }
    this.inner.addEvent(
      name,
      flattenAttributes({ ...attributes }),
      time ?? this.#now(),
    );
    return this;
  }

  /** Links another span. */
  addLink(link: Link): this {
    this.inner.addLink(link);
    return this;
  }

  /** Links several spans. */
  addLinks(links: Link[]): this {
    this.inner.addLinks(links);
    return this;
  }

  /**
   * Sets the status, by OpenTelemetry's object or by its name in any case.
   *
   * @throws {TracingError} `invalid_argument` when the name is not `ok`, `error` or `unset`
   */
  setStatus(status: SpanStatus | string, description?: string): this {
    if (typeof status !== "string") {
      this.inner.setStatus(status);
      return this;
    }
    const code = STATUS_WORDS[status.toLowerCase()];
    if (code === undefined) {
      throw new TracingError(
        "invalid_argument",
        `status "${status}" is not one of ok, error, unset`,
      );
    }
    this.inner.setStatus(description === undefined ? { code } : { code, message: description });
    return this;
  }

  /** Renames the span. */
  updateName(name: string): this {
    this.inner.updateName(name);
    return this;
  }

  /** Ends the span; the second time does nothing. */
  end(endTime?: TimeInput): void {
    if (this.#ended) return;
    this.#ended = true;
    this.inner.end(endTime ?? this.#now());
  }

  #now(): [number, number] | undefined {
    // A start that was given may be of a clock that is a fraction of a millisecond ahead.
    return this.#startTimeGiven ? this.clock?.nowOrLater() : this.clock?.now();
  }

  /** Whether what is recorded goes anywhere. */
  isRecording(): boolean {
    return this.inner.isRecording();
  }

  /**
   * Records an exception with its stack as the event `exception`; the status is left alone.
   *
   * @param error Anything thrown
   * @param time When, now by default
   */
  recordException(error: unknown, time?: TimeInput): void {
    this.inner.addEvent("exception", exceptionAttributes(error), time ?? this.#now());
  }

  /** Records an exception that left the operation: the event and the status. */
  fail(error: unknown): this {
    this.inner.addEvent("exception", {
      ...exceptionAttributes(error),
      "exception.escaped": "true",
    }, this.#now());
    this.inner.setStatus({
      code: SpanStatusCode.ERROR,
      message: `${errorType(error)}: ${errorMessage(error)}`,
    });
    return this;
  }

  /**
   * Queues a record and ties it to this span. A record without trace id gets this trace's. Spans that are not sampled
   * queue nothing.
   *
   * @param alias Alias of the queue
   * @param item Features, metrics or an evaluation record
   * @returns Whether the record was queued
   * @throws {TracingError} `queue_missing` when the tracer has no queue, or none of this alias
   */
  addQueueItem(alias: string, item: object): boolean {
    if (!this.inner.isRecording()) return false;
    const queue = this.#queue?.get(alias);
    if (queue === undefined) {
      throw new TracingError(
        "queue_missing",
        this.#queue === undefined
          ? `span cannot queue for "${alias}": give instrument() or initTracer() a queue`
          : `there is no queue with alias "${alias}"`,
      );
    }
    if ("traceId" in item && (item.traceId === null || item.traceId === "")) {
      Reflect.set(item, "traceId", this.spanContext().traceId);
    }
    queue.insert(item);
    this.inner.addEvent(QUEUE_EVENT, {
      ...("uid" in item && typeof item.uid === "string" ? { [QUEUE_RECORD]: item.uid } : {}),
      entity: entityOf(item),
      ...(queue.entityUid === undefined ? {} : { [ENTITY]: queue.entityUid }),
    }, this.#now());
    return true;
  }

  /** The same as {@linkcode ScouterSpan.addQueueItem}. */
  insertQueueItem(alias: string, item: object): boolean {
    return this.addQueueItem(alias, item);
  }
}

function exceptionAttributes(error: unknown): Record<string, string> {
  return {
    "exception.type": errorType(error),
    "exception.message": errorMessage(error),
    ...(error instanceof Error && error.stack !== undefined
      ? { "exception.stacktrace": error.stack }
      : {}),
  };
}
