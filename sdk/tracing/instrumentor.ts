/**
 * Tracing for the whole process.
 *
 * @module
 */

import { propagation, trace } from "@opentelemetry/api";
import { type ProfileLike, profileUid } from "./active_profile.ts";
import { DEFAULT_SCOPE } from "./constants.ts";
import { TracingError } from "./errors.ts";
import { disableLocalCapture, drainLocalSpans } from "./local_capture.ts";
import type { OtelTracerProvider } from "./opentelemetry.ts";
import { ScouterPropagator } from "./propagation/propagator.ts";
import {
  releaseContextManager,
  resolveServiceName,
  ScouterTracerProvider,
  type TracerProviderOptions,
} from "./provider.ts";
import type { ScouterTracer } from "./tracer.ts";
import { LimitedWarning } from "./warn.ts";

/** What {@linkcode instrument} takes. */
export interface InstrumentOptions extends TracerProviderOptions {
  /** Profiles the process evaluates; spans belong to the first unless another is active. */
  readonly evalProfiles?: readonly ProfileLike[];
  /** Whether W3C baggage goes in and out; true by default. */
  readonly propagateBaggage?: boolean;
  /** A provider made before, used instead of a new one; its own settings stay. */
  readonly provider?: ScouterTracerProvider;
  /**
   * Instrumentations of OpenTelemetry, OpenInference, OpenLLMetry and others; switched on with Scouter's provider, and off
   * by `uninstrument()`. Given again, they work again.
   */
  readonly instrumentations?: readonly InstrumentationLike[];
}

/** What is needed of an instrumentation. */
export interface InstrumentationLike {
  /** Sets where its spans go. */
  setTracerProvider(provider: OtelTracerProvider): void;
  /** Starts watching. */
  enable(): void;
  /** Ends watching. */
  disable(): void;
}

/** What {@linkcode initTracer} takes. */
export interface InitTracerOptions extends TracerProviderOptions {
  /** Schema of the attributes. */
  readonly schemaUrl?: string;
}

const warning = new LimitedWarning();
let provider: ScouterTracerProvider | null = null;
let isGlobal = false;
let switchedOn: readonly InstrumentationLike[] = [];

/**
 * Makes Scouter the tracer provider and propagator of OpenTelemetry for the whole process, so that every instrumentation
 * sends its spans through it. There is one; a second call only warns.
 *
 * @example
 * ```ts
 * import { ScouterInstrumentor, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * const instrumentor = new ScouterInstrumentor();
 * instrumentor.instrument({ serviceName: "shop", transport: new TestSpanExporter() });
 * console.log(new ScouterInstrumentor().isInstrumented); // true
 * await instrumentor.uninstrument();
 * ```
 */
export class ScouterInstrumentor {
  static #only: ScouterInstrumentor | null = null;

  /** Finds the instrumentor of the process. */
  constructor() {
    if (ScouterInstrumentor.#only !== null) return ScouterInstrumentor.#only;
    ScouterInstrumentor.#only = this;
  }

  /** Whether Scouter is the provider of the process. */
  get isInstrumented(): boolean {
    return isGlobal;
  }

  /** The provider; null while nothing is initialised. */
  get provider(): ScouterTracerProvider | null {
    return provider;
  }

  /**
   * Makes Scouter the provider of the process.
   *
   * @param options Where spans go and what they carry
   * @throws {TracingError} `provider_taken` when another provider is global
   */
  instrument(options: InstrumentOptions = {}): this {
    if (isGlobal) {
      warning.warn("instrument() was called again and changes nothing; call uninstrument() first");
      return this;
    }
    const { provider: given, instrumentations = [], propagateBaggage, ...settings } = options;
    const first = settings.evalProfiles?.[0];
    const made = provider === null;
    if ((!made || given !== undefined) && Object.keys(settings).length > 0) {
      warning.warn("instrument() takes a provider that was made before, whose settings stay");
    }
    provider ??= given ?? new ScouterTracerProvider({
      ...settings,
      ...(settings.defaultEntityUid === undefined && first !== undefined
        ? { defaultEntityUid: profileUid(first) }
        : {}),
    });
    if (!trace.setGlobalTracerProvider(provider)) {
      if (made) provider = null;
      throw new TracingError(
        "provider_taken",
        "another OpenTelemetry provider is global already; give it Scouter's exporter, or call trace.disable() first",
      );
    }
    propagation.setGlobalPropagator(
      new ScouterPropagator({ baggage: propagateBaggage ?? true }),
    );
    isGlobal = true;
    for (const instrumentation of instrumentations) {
      instrumentation.setTracerProvider(provider);
      instrumentation.enable();
    }
    switchedOn = instrumentations;
    return this;
  }

  /** Sends everything that has ended, and takes Scouter away from the process; tracers of before are stale. */
  async uninstrument(): Promise<void> {
    const current = provider;
    for (const instrumentation of switchedOn) instrumentation.disable();
    switchedOn = [];
    if (isGlobal) {
      trace.disable();
      propagation.disable();
    }
    isGlobal = false;
    provider = null;
    ScouterInstrumentor.#only = null;
    try {
      await current?.shutdown();
    } finally {
      drainLocalSpans();
      disableLocalCapture();
      if (provider === null) releaseContextManager();
    }
  }
}

/**
 * Makes Scouter the tracer provider of the process; see {@linkcode ScouterInstrumentor}.
 *
 * @param options Where spans go and what they carry
 * @throws {TracingError} `provider_taken` when another provider is global
 * @example
 * ```ts
 * import { getTracer, instrument, TestSpanExporter, uninstrument } from "@scouter/sdk/tracing";
 *
 * const exporter = new TestSpanExporter();
 * instrument({ transport: exporter, attributes: { "service.name": "shop" } });
 * getTracer("checkout").withSpan("pay", () => {});
 * await uninstrument();
 * console.log(exporter.spans[0]?.service_name); // shop
 * ```
 */
export function instrument(options: InstrumentOptions = {}): ScouterInstrumentor {
  return new ScouterInstrumentor().instrument(options);
}

/**
 * Sends everything that has ended, and takes Scouter away from the process.
 *
 * @example
 * ```ts
 * import { uninstrument } from "@scouter/sdk/tracing";
 *
 * await uninstrument();
 * ```
 */
export async function uninstrument(): Promise<void> {
  await new ScouterInstrumentor().uninstrument();
}

/**
 * Makes a tracer for a service, without making Scouter the provider of the process. The first call sets where spans go;
 * later calls add services and scopes that share it.
 *
 * @param options Service, scope, and where spans go
 * @example
 * ```ts
 * import { initTracer, shutdownTracer, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * const tracer = initTracer({ serviceName: "shop", transport: new TestSpanExporter() });
 * tracer.withSpan("checkout", () => {});
 * await shutdownTracer();
 * ```
 */
export function initTracer(options: InitTracerOptions = {}): ScouterTracer {
  provider ??= new ScouterTracerProvider(options);
  const serviceName = resolveServiceName(options);
  return provider.getTracer(serviceName, options.scope ?? DEFAULT_SCOPE, {
    serviceName,
    ...(options.schemaUrl === undefined ? {} : { schemaUrl: options.schemaUrl }),
  });
}

function current(): ScouterTracerProvider {
  if (provider !== null) return provider;
  throw new TracingError(
    "not_initialised",
    "tracing is not initialised; call instrument() or initTracer() first",
  );
}

/**
 * Makes a tracer of the process's provider.
 *
 * @param name Name of the scope
 * @throws {TracingError} `not_initialised` before `instrument()` or `initTracer()`
 * @example
 * ```ts
 * import { getTracer, initTracer, shutdownTracer, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * initTracer({ transport: new TestSpanExporter() });
 * getTracer("checkout").withSpan("pay", () => {});
 * await shutdownTracer();
 * ```
 */
export function getTracer(name: string): ScouterTracer {
  return current().getTracer(name, DEFAULT_SCOPE);
}

/**
 * Sends everything that has ended.
 *
 * @param timeoutMs Milliseconds to wait; 30,000 by default
 * @throws {TracingError} `not_initialised` before `instrument()` or `initTracer()`
 * @example
 * ```ts
 * import { flushTracer, initTracer, shutdownTracer, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * initTracer({ transport: new TestSpanExporter() });
 * await flushTracer();
 * await shutdownTracer();
 * ```
 */
export async function flushTracer(timeoutMs?: number): Promise<void> {
  await current().forceFlush(timeoutMs);
}

/**
 * Sends everything that has ended and forgets the provider, whichever call made it.
 *
 * @example
 * ```ts
 * import { shutdownTracer } from "@scouter/sdk/tracing";
 *
 * await shutdownTracer();
 * ```
 */
export async function shutdownTracer(): Promise<void> {
  await uninstrument();
}
