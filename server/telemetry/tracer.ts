/**
 * The server's own spans. While nobody takes them, asking for one costs a comparison.
 *
 * Spans made while the server stores telemetry of its own would cause further ones for ever, so such work is run
 * `suppressed`; and work in the background makes spans only where it says so.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";

/** A value of an attribute. */
export type AttributeValue = string | number | boolean;

/** Attributes by name. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** SpanKind of OTLP. */
export const SPAN_KIND = { internal: 1, server: 2, client: 3 } as const;

/** A finished span. */
export interface FinishedSpan {
  readonly name: string;
  /** Lowercase hex, as all ids. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly kind: number;
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** Message of what was thrown; undefined when nothing was. */
  readonly error: string | undefined;
}

/** A span under way. */
export interface ActiveSpan {
  /** Sets attributes; those of the same name are replaced. */
  set(attributes: Attributes): void;
  /** Names it anew, once more is known. */
  rename(name: string): void;
  /** Lets it go: nothing happened that is worth telling. */
  discard(): void;
}

/** How a span starts. */
export interface SpanOptions {
  readonly kind?: number;
  readonly attributes?: Attributes;
  /** W3C `traceparent` of the caller, or null. */
  readonly traceparent?: string | null;
}

interface Recording extends ActiveSpan {
  readonly traceId: string;
  readonly spanId: string;
}

const SUPPRESSED = Symbol("suppressed");
const NO_SPAN: ActiveSpan = { set() {}, rename() {}, discard() {} };
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** Makes spans and hands them on when they end. */
export class Tracer {
  readonly #context = new AsyncLocalStorage<Recording | typeof SUPPRESSED>();
  #sink: ((span: FinishedSpan) => void) | undefined;

  /** Whether somebody takes spans. */
  get isOn(): boolean {
    return this.#sink !== undefined;
  }

  /** From now on hands spans to a sink; to nobody with undefined. */
  sendTo(sink: ((span: FinishedSpan) => void) | undefined): void {
    this.#sink = sink;
  }

  /** Runs work within a span, the child of the one around it. */
  run<T>(
    name: string,
    options: SpanOptions,
    work: (span: ActiveSpan) => Promise<T>,
  ): Promise<T> {
    const sink = this.#sink;
    const around = sink === undefined ? undefined : this.#context.getStore();
    if (sink === undefined || around === SUPPRESSED) return work(NO_SPAN);
    return this.#record(sink, name, options, around, work);
  }

  /** As {@linkcode run}, but makes no span where there is none around. */
  child<T>(
    name: string,
    attributes: Attributes,
    work: (span: ActiveSpan) => Promise<T>,
  ): Promise<T> {
    const sink = this.#sink;
    const around = sink === undefined ? undefined : this.#context.getStore();
    if (sink === undefined || around === undefined || around === SUPPRESSED) return work(NO_SPAN);
    return this.#record(sink, name, { attributes }, around, work);
  }

  /** Sets attributes of the span around the caller, if there is one. */
  annotate(attributes: Attributes): void {
    if (this.#sink === undefined) return;
    const around = this.#context.getStore();
    if (around !== undefined && around !== SUPPRESSED) around.set(attributes);
  }

  /** Runs work that makes no spans, whatever it does and starts. */
  suppressed<T>(work: () => T): T {
    return this.#sink === undefined ? work() : this.#context.run(SUPPRESSED, work);
  }

  async #record<T>(
    sink: (span: FinishedSpan) => void,
    name: string,
    options: SpanOptions,
    around: Recording | undefined,
    work: (span: ActiveSpan) => Promise<T>,
  ): Promise<T> {
    const caller = around === undefined ? TRACEPARENT.exec(options.traceparent ?? "") : null;
    const traceId = around?.traceId ?? caller?.[1] ?? randomHex(16);
    const parentSpanId = around?.spanId ?? caller?.[2];
    const attributes = new Map(Object.entries(options.attributes ?? {}));
    let finalName = name;
    let wanted = true;
    const span: Recording = {
      traceId,
      spanId: randomHex(8),
      rename: (given) => {
        finalName = given;
      },
      discard: () => {
        wanted = false;
      },
      set: (more) => {
        for (const [key, value] of Object.entries(more)) attributes.set(key, value);
      },
    };
    const startUnixNano = BigInt(Date.now()) * 1_000_000n;
    const startedMs = performance.now();
    let error: string | undefined;
    try {
      return await this.#context.run(span, () => work(span));
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
      throw thrown;
    } finally {
      const lengthNano = BigInt(Math.round((performance.now() - startedMs) * 1e6));
      const finished: FinishedSpan = {
        name: finalName,
        traceId,
        spanId: span.spanId,
        parentSpanId,
        kind: options.kind ?? SPAN_KIND.internal,
        startUnixNano,
        endUnixNano: startUnixNano + lengthNano,
        attributes,
        error,
      };
      if (wanted) sink(finished);
    }
  }
}

/** The process's tracer. */
export const tracer: Tracer = new Tracer();

function randomHex(bytes: number): string {
  let hex = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) {
    hex += byte.toString(16).padStart(2, "0");
  }
  return hex;
}
