/**
 * Logging in, refreshing, logging out, recovering a password, and making the first administrator.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { z } from "zod";
import type { Bootstrap } from "../auth/bootstrap.ts";
import type { Login, Logins } from "../auth/login.ts";
import { requireAuth } from "../auth/require_auth.ts";
import { headerText } from "../auth/usernames.ts";
import { ACCESS_TOKEN_SECONDS } from "../auth/access_tokens.ts";
import { ScouterError } from "../errors.ts";
import type { Authority } from "./authority.ts";
import type { HttpApp, HttpContext, HttpEnv } from "./context.ts";
import { jsonBody } from "./json_body.ts";
import { createdUserJson } from "./users_json.ts";

/** What the routes need. */
export interface AuthRoutesDeps {
  readonly authority: Authority;
  readonly logins: Logins;
  readonly bootstrap: Bootstrap;
  /** The caller's network address, as the connection tells it; used to slow guessing. */
  readonly clientAddress: (c: HttpContext) => string;
}

const LoginBody = z.object({ username: z.string(), password: z.string() });
const RefreshBody = z.object({ refresh_token: z.string() });
const LogoutBody = z.object({ refresh_token: z.string().optional() });
const RecoveryBody = z.object({
  username: z.string(),
  recovery_code: z.string(),
  new_password: z.string(),
});
const BootstrapBody = z.object({
  token: z.string(),
  username: z.string(),
  password: z.string(),
  email: z.string().max(320).optional(),
});

/** Open routes under `/scouter/auth`; all but `validate` and `logout` take a credential of another kind. */
export function authRoutes(deps: AuthRoutesDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  const { logins, bootstrap, clientAddress } = deps;

  app.get("/scouter/auth/login", async (c) => {
    const username = requiredHeader(c, "Username");
    const password = requiredHeader(c, "Password");
    const login = await logins.login(username, password, clientAddress(c));
    return c.json({ token: login.accessToken });
  });

  app.post("/scouter/auth/login", async (c) => {
    const body = await jsonBody(c, LoginBody);
    return c.json(tokensJson(await logins.login(body.username, body.password, clientAddress(c))));
  });

  app.get("/scouter/auth/refresh", async (c) => {
    const login = await logins.renew(c.req.raw.headers);
    return c.json({ token: login.accessToken });
  });

  app.post("/scouter/auth/refresh", async (c) => {
    const body = await jsonBody(c, RefreshBody);
    return c.json(tokensJson(await logins.refresh(body.refresh_token)));
  });

  app.get("/scouter/auth/validate", requireAuth(deps.authority, "any"), (c) => {
    return c.json({ is_authenticated: true });
  });

  app.post("/scouter/auth/logout", async (c) => {
    const hasBody = c.req.header("content-type")?.includes("json") ?? false;
    const body = hasBody ? await jsonBody(c, LogoutBody) : {};
    await logins.logout(c.req.raw.headers, body.refresh_token);
    return c.json({ status: "success", message: "Logged out." });
  });

  app.post("/scouter/auth/recovery", async (c) => {
    const body = await jsonBody(c, RecoveryBody);
    await logins.recover(body.username, body.recovery_code, body.new_password, clientAddress(c));
    return c.json({
      status: "success",
      message: "The password was changed and all logins were ended. The recovery code is used up.",
    });
  });

  app.post("/scouter/auth/bootstrap", async (c) => {
    const body = await jsonBody(c, BootstrapBody);
    const created = await bootstrap.redeem(
      body.token,
      {
        username: body.username,
        password: body.password,
        ...(body.email === undefined ? {} : { email: body.email }),
      },
      clientAddress(c),
    );
    return c.json(createdUserJson(created));
  });

  return app;
}

function tokensJson(login: Login) {
  return {
    token: login.accessToken,
    ...(login.refreshToken === undefined ? {} : { refresh_token: login.refreshToken }),
    token_type: "Bearer",
    expires_in: ACCESS_TOKEN_SECONDS,
  };
}

function requiredHeader(c: HttpContext, name: string): string {
  const value = c.req.raw.headers.get(name);
  if (value === null) {
    throw new ScouterError("BAD_REQUEST", `The header ${name} is missing.`, {
      suggestedAction: "Send the headers Username and Password, or POST them as JSON.",
    });
  }
  return headerText(value);
}
