/**
 * Sends records of connections to a server.
 *
 * @module
 */

import { Connection, type ConnectionOptions } from "../../client/connection.ts";
import { resolveHttpConfig } from "../../client/config.ts";
import { ClientError } from "../../client/errors.ts";
import { TransportError } from "../../queue/transport.ts";
import { asObject, type Codec } from "../../records/codec.ts";
import { RecordError } from "../../records/error.ts";
import {
  SERVICE_MAP_CATALOG,
  SERVICE_MAP_SCHEMA,
  SERVICE_MAP_TABLE,
  type ServiceConnectionRecord,
} from "../service_map/record.ts";
import type { ServiceMapSink } from "../service_map/service_map.ts";
import { CONNECTION_JSON_SCHEMA, connectionBatch } from "./connection_batch.ts";

const FINGERPRINT: Codec<string> = {
  read(value) {
    const { fingerprint } = asObject(value);
    if (typeof fingerprint === "string") return fingerprint;
    throw new RecordError(".fingerprint", "a text", fingerprint);
  },
  write: (fingerprint) => JSON.stringify({ fingerprint }),
};

const RECORDS_PATH =
  `/scouter/datasets/${SERVICE_MAP_CATALOG}/${SERVICE_MAP_SCHEMA}/${SERVICE_MAP_TABLE}/records`;
/** Refusals that stay what they are however often the records come. */
const FINAL: ReadonlySet<number> = new Set([400, 403, 404, 405, 413, 415, 422, 501]);

/**
 * Sends records to a server over HTTP, with the same login as a client.
 *
 * @example
 * ```ts
 * import { HttpServiceMapSink } from "@scouter/sdk/middleware/http";
 *
 * const sink = new HttpServiceMapSink({ serverUri: "http://localhost:8000", apiKey: "sk_…" });
 * console.log(sink.name); // "http"
 * ```
 */
export class HttpServiceMapSink implements ServiceMapSink {
  /** For people. */
  readonly name = "http";
  readonly #connection: Connection;
  readonly #options: ConnectionOptions;
  readonly #url: string;
  #fingerprint: string | null = null;
  /** Keeps its id through all attempts. */
  #batch: { readonly key: string; readonly bytes: Uint8Array<ArrayBuffer> } | null = null;

  /**
   * Makes a sink.
   *
   * @param options Where the server is, who calls, and how
   * @throws {ClientError} `INVALID_ARGUMENT` for an unusable address or half a login
   */
  constructor(options: ConnectionOptions = {}) {
    this.#options = options;
    // The service map repeats by itself, and longer than one call would.
    this.#connection = new Connection({ ...options, retries: 0 });
    this.#url = resolveHttpConfig(options).baseUrl + RECORDS_PATH;
  }

  /** Sends records; resolves when the server has stored them. */
  async write(records: readonly ServiceConnectionRecord[], signal: AbortSignal): Promise<void> {
    this.#fingerprint ??= await this.#register(signal);
    const key = JSON.stringify(records);
    if (this.#batch?.key !== key) {
      this.#batch = {
        key,
        bytes: connectionBatch(records, crypto.randomUUID(), Date.now()),
      };
    }
    const { session } = this.#connection;
    const token = await session.token();
    let response = await this.#post(this.#batch.bytes, token, signal);
    if (response.status === 401 && await session.replace(token)) {
      response = await this.#post(this.#batch.bytes, await session.token(), signal);
    }
    if (!response.ok) await this.#refused(response);
    this.#batch = null;
  }

  async #register(signal: AbortSignal): Promise<string> {
    const body = JSON.stringify({
      catalog: SERVICE_MAP_CATALOG,
      schema_name: SERVICE_MAP_SCHEMA,
      table: SERVICE_MAP_TABLE,
      json_schema: CONNECTION_JSON_SCHEMA,
      partition_columns: [],
    });
    const path = "/scouter/datasets/register";
    try {
      const call = { method: "POST", path, body, answer: FINGERPRINT } as const;
      return await this.#connection.request(call, { signal });
    } catch (cause) {
      if (!(cause instanceof ClientError)) throw cause;
      throw new TransportError(cause.message, {
        cause,
        retry: cause.status === undefined || !FINAL.has(cause.status),
        retryAfterMs: cause.retryAfterMs,
      });
    }
  }

  async #post(
    body: Uint8Array<ArrayBuffer>,
    token: string | null,
    signal: AbortSignal,
  ): Promise<Response> {
    const { timeoutMs = 60_000, headers, fetch: send = globalThis.fetch } = this.#options;
    try {
      return await send(this.#url, {
        method: "POST",
        headers: {
          ...headers,
          "content-type": "application/vnd.apache.arrow.stream",
          "x-dataset-fingerprint": this.#fingerprint ?? "",
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TransportError(`POST ${RECORDS_PATH}: ${reason}`, { cause });
    }
  }

  async #refused(response: Response): Promise<never> {
    const text = (await response.text()).slice(0, 500);
    // Another server may know another schema.
    if (response.status === 412) this.#fingerprint = null;
    const seconds = Number(response.headers.get("retry-after") ?? NaN);
    throw new TransportError(`POST ${RECORDS_PATH}: status ${response.status}: ${text}`, {
      retry: !FINAL.has(response.status),
      ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {}),
    });
  }
}
