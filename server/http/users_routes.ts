/**
 * Users.
 *
 * @module
 */

import { Hono, type MiddlewareHandler } from "@hono/hono";
import { z } from "zod";
import type { AccountChanges, AccountRequest, Accounts } from "../auth/accounts.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { callerOf, requireAuth } from "../auth/require_auth.ts";
import type { HttpApp, HttpEnv } from "./context.ts";
import { jsonBody } from "./json_body.ts";
import { createdUserJson, userJson } from "./users_json.ts";

/** What the routes need. */
export interface UsersRoutesDeps {
  readonly authenticator: Authenticator;
  readonly accounts: Accounts;
}

const Text = z.string().max(256);
const PermissionList = z.array(
  z.string().max(256).regex(
    /^(read|write|delete|ingest):.+$/,
    "should be action:space, such as read:all",
  ),
).max(1000);
const TextList = z.array(Text).max(1000);

const NewUserBody = z.object({
  username: z.string(),
  password: z.string(),
  email: z.string().max(320).nullish(),
  permissions: PermissionList.nullish(),
  group_permissions: TextList.nullish(),
  role: Text.nullish(),
  active: z.boolean().nullish(),
});
const ChangesBody = z.object({
  password: z.string().nullish(),
  favorite_spaces: TextList.nullish(),
  permissions: PermissionList.nullish(),
  group_permissions: TextList.nullish(),
  active: z.boolean().nullish(),
});

/** Routes under `/scouter/user`. */
export function usersRoutes(deps: UsersRoutesDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  const { accounts, authenticator } = deps;
  const admin = requireAuth(authenticator, "admin");
  const known = requireAuth(authenticator, "any");

  const adminOrBootstrapKey: MiddlewareHandler<HttpEnv> = async (c, next) => {
    const principal = authenticator.bootstrap(c.req.raw.headers);
    if (!principal) return await admin(c, next);
    c.set("principal", principal);
    await next();
  };

  app.post("/scouter/user", adminOrBootstrapKey, async (c) => {
    const request = accountRequest(await jsonBody(c, NewUserBody));
    return c.json(createdUserJson(await accounts.create(callerOf(c), request)));
  });

  app.get("/scouter/user", admin, async (c) => {
    const users = await accounts.list(callerOf(c));
    return c.json({ users: users.map(userJson) });
  });

  app.get("/scouter/user/:username", known, async (c) => {
    return c.json(userJson(await accounts.get(callerOf(c), c.req.param("username"))));
  });

  app.put("/scouter/user/:username", known, async (c) => {
    const changes = accountChanges(await jsonBody(c, ChangesBody));
    return c.json(userJson(await accounts.update(callerOf(c), c.req.param("username"), changes)));
  });

  app.delete("/scouter/user/:username", admin, async (c) => {
    const username = c.req.param("username");
    await accounts.delete(callerOf(c), username);
    return c.json({ status: "success", message: `User "${username}" was removed.` });
  });

  return app;
}

function accountRequest(body: z.infer<typeof NewUserBody>): AccountRequest {
  return {
    username: body.username,
    password: body.password,
    ...(body.email == null ? {} : { email: body.email }),
    ...(body.permissions == null ? {} : { permissions: body.permissions }),
    ...(body.group_permissions == null ? {} : { groupPermissions: body.group_permissions }),
    ...(body.role == null ? {} : { role: body.role }),
    ...(body.active == null ? {} : { active: body.active }),
  };
}

function accountChanges(body: z.infer<typeof ChangesBody>): AccountChanges {
  return {
    ...(body.password == null ? {} : { password: body.password }),
    ...(body.favorite_spaces == null ? {} : { favoriteSpaces: body.favorite_spaces }),
    ...(body.permissions == null ? {} : { permissions: body.permissions }),
    ...(body.group_permissions == null ? {} : { groupPermissions: body.group_permissions }),
    ...(body.active == null ? {} : { active: body.active }),
  };
}
