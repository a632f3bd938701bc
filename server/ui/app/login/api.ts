/**
 * Calls about people, API keys and logging in.
 *
 * @module
 */

import { type Client, ConnectError, createClient } from "@connectrpc/connect";
import { AccountsService, SessionService } from "../../../../sdk/gen/scouter/v1/accounts_pb.ts";
import { failureOf, transport } from "../api.ts";
import { BASE_URL } from "../place.ts";

/** Logs in and out. */
export const session: Client<typeof SessionService> = createClient(SessionService, transport);

/** People and API keys. */
export const accounts: Client<typeof AccountsService> = createClient(AccountsService, transport);

/** Where the cookie of a login is sent: the folder this page is served from. */
export const COOKIE_PATH: string = new URL(BASE_URL).pathname;

/** Why a form was not taken. */
export interface Refusal {
  readonly message: string;
  /** Seconds to wait before trying again; 0 when there is nothing to wait for. */
  readonly waitSeconds: number;
}

/** What to say of anything a call threw. */
export function refusalOf(thrown: unknown): Refusal {
  const { metadata } = ConnectError.from(thrown);
  return {
    message: failureOf(thrown).message,
    waitSeconds: Math.max(0, Number(metadata.get("retry-after") ?? 0) || 0),
  };
}
