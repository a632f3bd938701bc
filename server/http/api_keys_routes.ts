/**
 * API keys.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { z } from "zod";
import { API_KEY_SCOPES, type ApiKeys } from "../auth/api_keys.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { callerOf, requireAuth } from "../auth/require_auth.ts";
import type { ApiKeyRow } from "../db/api_keys.ts";
import type { HttpApp, HttpEnv } from "./context.ts";
import { jsonBody } from "./json_body.ts";

/** What the routes need. */
export interface ApiKeysRoutesDeps {
  readonly authenticator: Authenticator;
  readonly apiKeys: ApiKeys;
}

const NewKeyBody = z.object({
  name: z.string().trim().min(1).max(128),
  scopes: z.array(z.enum(API_KEY_SCOPES)).min(1),
  space: z.string().min(1).max(256).nullish(),
  expires_at: z.iso.datetime({ offset: true }).nullish(),
});

/** Routes under `/scouter/api-keys`. */
export function apiKeysRoutes(deps: ApiKeysRoutesDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  const { apiKeys, authenticator } = deps;
  const known = requireAuth(authenticator, "any");

  app.post("/scouter/api-keys", known, async (c) => {
    const caller = callerOf(c);
    const body = await jsonBody(c, NewKeyBody);
    const { key, row } = await apiKeys.create(caller, {
      name: body.name,
      scopes: body.scopes,
      space: body.space ?? null,
      expiresAt: body.expires_at == null ? null : new Date(body.expires_at),
    });
    const owner = row.owner_id === null ? null : caller.username;
    return c.json({
      key,
      api_key: keyJson({ ...row, owner }),
      message: "The key is shown only now.",
    }, 201);
  });

  app.get("/scouter/api-keys", known, async (c) => {
    const keys = await apiKeys.list(callerOf(c));
    return c.json({ api_keys: keys.map(keyJson) });
  });

  app.delete("/scouter/api-keys/:id", known, async (c) => {
    await apiKeys.revoke(callerOf(c), c.req.param("id"));
    authenticator.forget();
    return c.json({ status: "success", message: "The API key was revoked." });
  });

  return app;
}

function keyJson(key: ApiKeyRow & { readonly owner: string | null }) {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    space: key.space,
    owner: key.owner,
    created_at: key.created_at.toISOString(),
    expires_at: key.expires_at?.toISOString() ?? null,
    revoked_at: key.revoked_at?.toISOString() ?? null,
    last_used_at: key.last_used_at?.toISOString() ?? null,
  };
}
