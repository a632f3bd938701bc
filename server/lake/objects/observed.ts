/**
 * Counts and times the requests to an object store, and makes spans of those that serve a traced request.
 *
 * @module
 */

import { ATTRIBUTE, METRIC, type Metrics, SPAN } from "../../telemetry/contract.ts";
import { tracer } from "../../telemetry/tracer.ts";
import type { ObjectInfo, ObjectStore } from "./store.ts";

/** What kind of store answers. */
export type Backend = "local" | "s3" | "gcs" | "azure" | "cache";

/** The kinds of requests. */
export type Operation = "list" | "get" | "get_range" | "head" | "put" | "delete" | "copy";

/** What an object is, by its key. */
export type PathKind = "delta_log" | "parquet_data" | "checkpoint" | "unknown";

const BUCKETS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** What an object is, by its key. */
export function pathKind(key: string): PathKind {
  if (key.includes("/_delta_log") || key.startsWith("_delta_log")) {
    return /checkpoint/.test(key.slice(key.lastIndexOf("/") + 1)) ? "checkpoint" : "delta_log";
  }
  return key.endsWith(".parquet") ? "parquet_data" : "unknown";
}

/** An object store that is watched. Answers and errors are those of the store inside. */
export class ObservedStore implements ObjectStore {
  readonly uri: string;
  readonly #inner: ObjectStore;
  readonly #backend: Backend;
  readonly #requests;
  readonly #duration;
  readonly #bytes;

  constructor(inner: ObjectStore, backend: Backend, metrics: Metrics) {
    this.uri = inner.uri;
    this.#inner = inner;
    this.#backend = backend;
    this.#requests = metrics.counter(
      METRIC.objectStoreRequests,
      "Requests to object stores by operation, kind of path, backend and status.",
    );
    this.#duration = metrics.histogram(
      METRIC.objectStoreDurationMs,
      "Time of requests to object stores, in milliseconds.",
      BUCKETS_MS,
    );
    this.#bytes = metrics.counter(METRIC.objectStoreBytes, "Bytes read from and written to them.");
  }

  get(key: string): Promise<Uint8Array | null> {
    return this.#watch("get", key, () => this.#inner.get(key), (bytes) => bytes?.length ?? 0);
  }

  getRange(key: string, start: number, end: number): Promise<Uint8Array | null> {
    return this.#watch(
      "get_range",
      key,
      () => this.#inner.getRange(key, start, end),
      (bytes) => bytes?.length ?? 0,
    );
  }

  head(key: string): Promise<ObjectInfo | null> {
    return this.#watch("head", key, () => this.#inner.head(key));
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    return this.#watch("put", key, () => this.#inner.put(key, bytes), () => bytes.length);
  }

  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    return this.#watch(
      "put",
      key,
      () => this.#inner.putIfAbsent(key, bytes),
      (won) => won ? bytes.length : 0,
    );
  }

  putFile(key: string, sourcePath: string): Promise<void> {
    return this.#watch("put", key, () => this.#inner.putFile(key, sourcePath));
  }

  /** Counted once, when the last object wanted has been taken. */
  async *list(prefix: string, startAfter?: string): AsyncIterable<ObjectInfo> {
    const startedMs = performance.now();
    // A reader that has seen enough ends it early, which is no error.
    let status = "ok";
    try {
      yield* this.#inner.list(prefix, startAfter);
    } catch (error) {
      status = "error";
      throw error;
    } finally {
      this.#note("list", pathKind(prefix), status, performance.now() - startedMs, 0);
    }
  }

  delete(key: string): Promise<void> {
    return this.#watch("delete", key, () => this.#inner.delete(key));
  }

  #watch<T>(
    operation: Operation,
    key: string,
    work: () => Promise<T>,
    bytesOf: (answer: T) => number = () => 0,
  ): Promise<T> {
    const kind = pathKind(key);
    const attributes = {
      [ATTRIBUTE.objectStoreOperation]: operation,
      [ATTRIBUTE.objectStorePathKind]: kind,
      [ATTRIBUTE.objectStoreBackend]: this.#backend,
      [ATTRIBUTE.objectStoreCacheHit]: "unknown",
    };
    return tracer.child(SPAN.objectStoreRequest, attributes, async (span) => {
      const startedMs = performance.now();
      let status = "error";
      let bytes = 0;
      try {
        const answer = await work();
        bytes = bytesOf(answer);
        status = "ok";
        return answer;
      } finally {
        span.set({ [ATTRIBUTE.objectStoreStatus]: status });
        this.#note(operation, kind, status, performance.now() - startedMs, bytes);
      }
    });
  }

  #note(
    operation: Operation,
    kind: PathKind,
    status: string,
    durationMs: number,
    bytes: number,
  ): void {
    const labels = {
      operation,
      path_kind: kind,
      backend: this.#backend,
      status,
      cache_hit: "unknown",
    };
    this.#requests.add(1, labels);
    this.#duration.observe(durationMs, { operation, path_kind: kind, backend: this.#backend });
    if (bytes > 0) this.#bytes.add(bytes, { operation, path_kind: kind, backend: this.#backend });
  }
}
