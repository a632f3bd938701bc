/**
 * Calls to the server.
 *
 * @module
 */

import { type Client, Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { TraceService } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { BASE_URL } from "./place.ts";

/** How all calls travel. */
export const transport: Transport = createConnectTransport({
  baseUrl: BASE_URL.replace(/\/$/, ""),
  useBinaryFormat: true,
});

/** Reads traces. */
export const traces: Client<typeof TraceService> = createClient(TraceService, transport);

/** A failure as it is shown. */
export interface Failure {
  readonly message: string;
  readonly requestId: string | null;
  /** A login would help. */
  readonly needsLogin: boolean;
}

/** What to say of anything a call threw. */
export function failureOf(thrown: unknown): Failure {
  const error = ConnectError.from(thrown);
  const unreachable = error.cause instanceof TypeError;
  return {
    message: unreachable
      ? "The server could not be reached. Check that it is running, then try again."
      : error.rawMessage,
    requestId: error.metadata.get("x-request-id"),
    needsLogin: error.code === Code.Unauthenticated,
  };
}

/** Microseconds as the wire has them. */
export function int64(value: number): bigint {
  return BigInt(Math.round(value));
}
