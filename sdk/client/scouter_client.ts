/**
 * The typed client of a server.
 *
 * @module
 */

import {
  bool,
  camelObject,
  type Codec,
  float,
  list,
  mapOf,
  object,
  orElse,
  text,
} from "../records/codec.ts";
import { type MessageRecord, TAG, type TagRecord, writeMessage } from "../records/message.ts";
import {
  ACKNOWLEDGEMENT,
  type Acknowledgement,
  type ApiKeysApi,
  apiKeysApi,
  type UsersApi,
  usersApi,
} from "./accounts.ts";
import { type CallOptions, Connection, type ConnectionOptions } from "./connection.ts";
import { ClientError } from "./errors.ts";
import {
  BAGGAGE,
  METRICS,
  SERVICE_GRAPH,
  type ServiceGraph,
  SPANS,
  TRACE_PAGE,
  type TraceBaggageRecord,
  type TraceFilters,
  type TraceListItem,
  type TraceMetricBucket,
  type TraceMetricsRequest,
  type TracePage,
  type TraceSpan,
} from "./traces.ts";
import { bodyOf, queryOf, type TimeLike } from "./wire.ts";

/** What a server can do. */
export interface Capabilities {
  /** Version of the interface. */
  readonly apiVersion: string;
  /** Version of the server. */
  readonly serverVersion: string;
  /** Parts of the server, and whether it has them. */
  readonly features: Readonly<Record<string, boolean>>;
}

/** Entities with certain tags. */
export interface TagSearch {
  /** Kind of the entities, for example `trace`. */
  readonly entityType: string;
  /** What they are tagged with. */
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** Whether all tags are needed; one is enough by default. */
  readonly matchAll?: boolean;
}

const TAGS: Codec<{ readonly tags: readonly TagRecord[] }> = object({ tags: list(TAG) });
const ENTITIES: Codec<{ readonly entityId: readonly string[] }> = camelObject({
  entityId: list(text),
});
const INSERTED: Codec<{ readonly insertedCount: number }> = camelObject({
  insertedCount: orElse(float, 0),
});
const VALID: Codec<{ readonly isAuthenticated: boolean }> = camelObject({ isAuthenticated: bool });
const CAPABILITIES: Codec<Capabilities> = camelObject({
  apiVersion: text,
  serverVersion: text,
  features: mapOf(bool),
});

/**
 * Calls a server. Calls that only read, or that may be made twice, are repeated when the server is busy or unreachable;
 * tokens are renewed as they end.
 *
 * @example
 * ```ts
 * import { ScouterClient } from "@scouter/sdk/client";
 *
 * async function slowest(): Promise<string[]> {
 *   const client = await ScouterClient.connect({ serverUri: "http://localhost:8000" });
 *   const names: string[] = [];
 *   for await (const trace of client.traces({ query: "duration>1s" })) {
 *     names.push(`${trace.rootOperation} ${trace.durationMs} ms`);
 *   }
 *   return names;
 * }
 * console.log(slowest.length);
 * ```
 */
export class ScouterClient {
  /** Users. */
  readonly users: UsersApi;
  /** API keys. */
  readonly apiKeys: ApiKeysApi;
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.users = usersApi(connection);
    this.apiKeys = apiKeysApi(connection);
  }

  /**
   * Connects: logs in where a user is given, and checks that the server accepts the caller.
   *
   * @param options where the server is, who calls, and how
   * @returns the client
   * @throws {ClientError} `UNAUTHORIZED` when the server does not accept the caller, `NETWORK` when there is none
   */
  static async connect(
    options: ConnectionOptions & CallOptions = {},
  ): Promise<ScouterClient> {
    const { signal, ...connection } = options;
    const client = new ScouterClient(new Connection(connection));
    await client.validate(signal === undefined ? {} : { signal });
    return client;
  }

  /** Asks whether the server accepts the caller. @throws {ClientError} `UNAUTHORIZED` when it does not */
  async validate(options?: CallOptions): Promise<boolean> {
    const call = { method: "GET", path: "/scouter/auth/validate", answer: VALID } as const;
    return (await this.#connection.request(call, options)).isAuthenticated;
  }

  /** Ends the login at the server. With a user name and password, the next call logs in again. */
  async logout(options?: CallOptions): Promise<void> {
    const { session } = this.#connection;
    const { refreshToken } = session;
    await this.#connection.request({
      method: "POST",
      path: "/scouter/auth/logout",
      answer: ACKNOWLEDGEMENT,
      ...(refreshToken === null ? {} : { body: bodyOf({ refreshToken }) }),
    }, options);
    session.forget();
  }

  /** Asks what the server can do. */
  capabilities(options?: CallOptions): Promise<Capabilities> {
    const path = "/scouter/api/v1/capabilities";
    return this.#connection.request({ method: "GET", path, answer: CAPABILITIES }, options);
  }

  /**
   * One page of traces, newest first.
   *
   * @param filters conditions, page size and cursor
   * @param options signal and time limit
   */
  getPaginatedTraces(filters: TraceFilters = {}, options?: CallOptions): Promise<TracePage> {
    return this.#read("/scouter/trace/paginated", filters, TRACE_PAGE, options);
  }

  /**
   * All traces that match, page by page as they are asked for.
   *
   * @param filters conditions; `limit` is the size of a page
   * @param options signal, and time limit of each page
   * @throws {ClientError} when a page cannot be had
   */
  async *traces(
    filters: TraceFilters = {},
    options?: CallOptions,
  ): AsyncGenerator<TraceListItem, void, undefined> {
    let page = await this.getPaginatedTraces(filters, options);
    const backwards = filters.direction === "previous";
    for (;;) {
      yield* page.items;
      const more = backwards ? page.hasPrevious : page.hasNext;
      const cursor = backwards ? page.previousCursor : page.nextCursor;
      if (!more || cursor === null) return;
      page = await this.getPaginatedTraces({
        ...filters,
        cursorStartTime: cursor.startTime,
        cursorTraceId: cursor.traceId,
      }, options);
    }
  }

  /** The ten newest traces of the last day. */
  recentTraces(options?: CallOptions): Promise<TracePage> {
    const call = {
      method: "GET",
      path: "/scouter/trace/debug/recent",
      answer: TRACE_PAGE,
    } as const;
    return this.#connection.request(call, options);
  }

  /**
   * The spans of one trace, depth first.
   *
   * @param traceId 32 hex digits
   * @param options a service or a time to narrow the trace to, signal and time limit
   */
  async getTraceSpans(
    traceId: string,
    options: CallOptions & {
      readonly serviceName?: string;
      readonly startTime?: TimeLike;
      readonly endTime?: TimeLike;
    } = {},
  ): Promise<readonly TraceSpan[]> {
    const { serviceName, startTime, endTime, ...call } = options;
    const { spans } = await this.#connection.request({
      method: "GET",
      path: "/scouter/trace/spans",
      query: queryOf({ traceId, serviceName, startTime, endTime }),
      answer: SPANS,
    }, call);
    return spans;
  }

  /** The spans of the newest trace that matches; none when there is no such trace. */
  async getTraceSpansFromFilters(
    filters: TraceFilters,
    options?: CallOptions,
  ): Promise<readonly TraceSpan[]> {
    return (await this.#read("/scouter/trace/spans/filters", filters, SPANS, options)).spans;
  }

  /** The spans of all traces whose tags match. */
  async getTraceSpansFromTags(
    search: TagSearch & { readonly serviceName?: string },
    options?: CallOptions,
  ): Promise<readonly TraceSpan[]> {
    const { tags, ...rest } = search;
    const body = { ...rest, tagFilters: tags };
    return (await this.#read("/scouter/trace/spans/tags", body, SPANS, options)).spans;
  }

  /** Counts, durations and error rates of traces, by intervals. */
  async getTraceMetrics(
    request: TraceMetricsRequest,
    options?: CallOptions,
  ): Promise<readonly TraceMetricBucket[]> {
    return (await this.#read("/scouter/trace/metrics", request, METRICS, options)).metrics;
  }

  /** The baggage of a trace. */
  async getTraceBaggage(
    traceId: string,
    options?: CallOptions,
  ): Promise<readonly TraceBaggageRecord[]> {
    const { baggage } = await this.#connection.request({
      method: "GET",
      path: "/scouter/trace/baggage",
      query: { trace_id: traceId },
      answer: BAGGAGE,
    }, options);
    return baggage;
  }

  /** Who calls whom, seen in the traces since a time; optionally only calls to one service. */
  getServiceGraph(
    options: CallOptions & { readonly serviceName?: string; readonly since?: TimeLike } = {},
  ): Promise<ServiceGraph> {
    const { serviceName, since, ...call } = options;
    return this.#connection.request({
      method: "GET",
      path: "/scouter/service/graph",
      query: queryOf({ serviceName, since }),
      answer: SERVICE_GRAPH,
    }, call);
  }

  /** The tags of an entity, by key. */
  async getTags(
    entityType: string,
    entityId: string,
    options?: CallOptions,
  ): Promise<readonly TagRecord[]> {
    const { tags } = await this.#connection.request({
      method: "GET",
      path: "/scouter/tags",
      query: { entity_type: entityType, entity_id: entityId },
      answer: TAGS,
    }, options);
    return tags;
  }

  /** Sets tags; one of the same entity and key is replaced. Returns how many were stored. */
  async addTags(tags: readonly TagRecord[], options?: CallOptions): Promise<number> {
    const { insertedCount } = await this.#read("/scouter/tags", { tags }, INSERTED, options);
    return insertedCount;
  }

  /** Ids of the entities that have tags. */
  async findTaggedEntities(search: TagSearch, options?: CallOptions): Promise<readonly string[]> {
    return (await this.#read("/scouter/tags/entity", search, ENTITIES, options)).entityId;
  }

  /**
   * Sends a message of the envelope: spans or a tag, or records where the server keeps them.
   *
   * @throws {ClientError} `NOT_IMPLEMENTED` for records that this server does not keep
   * @throws {RecordError} when a value cannot be written
   */
  sendMessage(message: MessageRecord, options?: CallOptions): Promise<Acknowledgement> {
    return this.#connection.request({
      method: "POST",
      path: "/scouter/message",
      body: writeMessage(message),
      // Spans and tags are stored once however often they come; counts and means would be stored twice.
      repeatable: !("records" in message),
      answer: ACKNOWLEDGEMENT,
    }, options);
  }

  /** A POST that changes nothing when it is made twice. */
  #read<T>(path: string, body: object, answer: Codec<T>, options?: CallOptions): Promise<T> {
    return this.#connection.request(
      { method: "POST", path, body: bodyOf(body), repeatable: true, answer },
      options,
    );
  }
}

/**
 * The first span of a name.
 *
 * @param spans spans of a trace
 * @param name the span's name
 * @returns the span
 * @throws {ClientError} `NOT_FOUND`, listing the names there are
 * @example
 * ```ts
 * import { spanByName, type TraceSpan } from "@scouter/sdk/client";
 *
 * const model = (spans: readonly TraceSpan[]) => spanByName(spans, "call model").output;
 * console.log(model.length);
 * ```
 */
export function spanByName(spans: readonly TraceSpan[], name: string): TraceSpan {
  const found = spans.find((span) => span.spanName === name);
  if (found !== undefined) return found;
  const names = [...new Set(spans.map((span) => span.spanName))].slice(0, 20).join(", ");
  throw new ClientError("NOT_FOUND", `there is no span "${name}"; there are: ${names || "none"}`);
}
