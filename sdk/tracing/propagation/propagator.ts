/**
 * The propagator that `instrument()` makes global.
 *
 * @module
 */

import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from "../opentelemetry.ts";
import { isSpanContextValid, propagation, trace } from "@opentelemetry/api";
import { isTracingSuppressed, W3CBaggagePropagator } from "@opentelemetry/core";
import { contextFromHeaders, remoteSpanContext } from "./extract.ts";
import { formatTraceparent } from "./traceparent.ts";

const BASE_FIELDS = ["traceparent", "tracestate"];
const READ = [...BASE_FIELDS, "baggage", "trace_id", "span_id", "is_sampled"];

/**
 * W3C Trace Context and, unless switched off, W3C Baggage; reads the headers of older Scouter clients too.
 *
 * @example
 * ```ts
 * import { context, propagation } from "@opentelemetry/api";
 * import { ScouterPropagator } from "@scouter/sdk/tracing";
 *
 * propagation.setGlobalPropagator(new ScouterPropagator());
 * propagation.inject(context.active(), {});
 * ```
 */
export class ScouterPropagator implements TextMapPropagator {
  readonly #baggage: W3CBaggagePropagator | null;

  /**
   * Makes a propagator.
   *
   * @param options `baggage`: whether baggage goes in and out; true by default
   */
  constructor(options: { readonly baggage?: boolean } = {}) {
    this.#baggage = options.baggage === false ? null : new W3CBaggagePropagator();
  }

  /** Writes the active span and the baggage into headers. */
  inject<Carrier>(ctx: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    const span = trace.getSpanContext(ctx);
    if (span !== undefined && isSpanContextValid(span) && !isTracingSuppressed(ctx)) {
      setter.set(carrier, "traceparent", formatTraceparent(span));
      const state = span.traceState?.serialize();
      if (state !== undefined && state !== "") setter.set(carrier, "tracestate", state);
    }
    if (propagation.getBaggage(ctx) !== undefined) this.#baggage?.inject(ctx, carrier, setter);
  }

  /** Reads the caller's span and baggage from headers. */
  extract<Carrier>(ctx: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    const headers: Record<string, string | readonly string[]> = {};
    const names = getter.keys(carrier);
    for (const name of READ) {
      // Getters match names exactly, headers do not.
      const spelled = names.find((key) => key.toLowerCase() === name) ?? name;
      const value = getter.get(carrier, spelled);
      if (value !== undefined && value !== null) headers[name] = value;
    }
    if (this.#baggage !== null) return contextFromHeaders(ctx, headers);
    const remote = remoteSpanContext(headers);
    return remote === null ? ctx : trace.setSpanContext(ctx, remote);
  }

  /** Names of the headers it writes. */
  fields(): string[] {
    return this.#baggage === null ? [...BASE_FIELDS] : [...BASE_FIELDS, "baggage"];
  }
}
