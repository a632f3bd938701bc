/**
 * What every handler finds in its Hono context.
 *
 * @module
 */

import type { Context, Hono } from "@hono/hono";

/** Who a request acts for, whatever way they proved it. */
export interface Principal {
  /** The user's name; for an API key, the name of its owner. */
  readonly username: string;
  /** `read:all`, `write:all`, `read:<space>`, `write:<space>`, `ingest:all`, … */
  readonly permissions: readonly string[];
  /** `admin`, `user`, … */
  readonly groupPermissions: readonly string[];
  /** How the caller proved it: `local` is the loopback user who needs no login. */
  readonly via: "local" | "token" | "api_key" | "bootstrap";
  /** The API key used, when one was. */
  readonly apiKeyId?: string;
}

/** Variables set by the middleware before any handler runs. */
export interface HttpVariables {
  /** Echoed in `x-request-id`, and part of every log line about the request. */
  requestId: string;
  /** Set by the auth middleware; absent on open routes. */
  principal: Principal | undefined;
}

/** What the listener knows of a connection. */
export interface HttpBindings {
  readonly remoteAddr?: Deno.Addr;
}

/** The environment of every Hono application and handler of the server. */
export interface HttpEnv {
  Bindings: HttpBindings;
  Variables: HttpVariables;
}

/** A handler's context. */
export type HttpContext = Context<HttpEnv>;

/** A group of routes, as a resource's route file returns it. */
export type HttpApp = Hono<HttpEnv>;

/**
 * Aborted when the client goes away; pass it to every query a handler starts.
 */
export function clientSignal(c: HttpContext): AbortSignal {
  return c.req.raw.signal;
}

/** The address at the other end of the connection; `unknown` where there is none. */
export function clientAddress(c: HttpContext): string {
  // Without bindings (a request made by a test), Hono's env is undefined.
  const address = (c.env as HttpBindings | undefined)?.remoteAddr;
  return address !== undefined && "hostname" in address ? address.hostname : "unknown";
}
