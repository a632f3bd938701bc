/**
 * Authentication in the way of a route.
 *
 * @module
 */

import type { MiddlewareHandler } from "@hono/hono";
import { ScouterError } from "../errors.ts";
import type { HttpContext, HttpEnv, Principal } from "../http/context.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Need } from "./permissions.ts";

/**
 * Middleware that lets a request pass only when its caller is known and may do what is needed. Sets `principal`,
 * and returns a renewed access token in the response header `Authorization`.
 *
 * @example
 * ```ts
 * app.post("/v1/traces", requireAuth(authenticator, "ingest"), handler);
 * ```
 */
export function requireAuth(
  authority: Pick<Authenticator, "authenticateWithRefresh" | "authorize">,
  need: Need,
): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const { principal, refreshedToken } = await authority.authenticateWithRefresh(
      c.req.raw.headers,
    );
    authority.authorize(principal, need);
    c.set("principal", principal);
    await next();
    if (refreshedToken !== undefined) c.header("Authorization", `Bearer ${refreshedToken}`);
  };
}

/** The caller of a route behind {@linkcode requireAuth}. */
export function callerOf(c: HttpContext): Principal {
  const principal = c.get("principal");
  if (!principal) {
    throw new ScouterError(
      "INTERNAL_ERROR",
      `The route ${c.req.path} is not behind authentication.`,
    );
  }
  return principal;
}
