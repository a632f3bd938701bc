/** A server's authentication routes without the server. */

import { Hono } from "@hono/hono";
import assert from "node:assert/strict";
import { type Auth, type AuthOptions, createAuth } from "../../../server/auth/mod.ts";
import type { Database } from "../../../server/db/database.ts";
import { TagRepository } from "../../../server/db/tags.ts";
import { TraceBaggageRepository } from "../../../server/db/trace_baggage.ts";
import { apiKeysRoutes } from "../../../server/http/api_keys_routes.ts";
import { authRoutes } from "../../../server/http/auth_routes.ts";
import type { HttpEnv } from "../../../server/http/context.ts";
import { errorResponse } from "../../../server/http/errors.ts";
import { tagsRoutes } from "../../../server/http/tags_routes.ts";
import { usersRoutes } from "../../../server/http/users_routes.ts";
import { MetricsRegistry } from "../../../server/telemetry/metrics.ts";

/** Thirty-two bytes and more that nobody has published. */
export const SECRET = "k3J9vQ0pLr7mXw2ZtB8yNf5sHc1aDg4e";
export const OTHER_SECRET = "Zt7pW1rXk9Lm3Qv5Nc8Ys2Jf6Hb0Dg4a";
export const ADMIN = { username: "root", password: "correct horse battery" };

/** A clock that tests move. */
export class Clock {
  ms = Date.parse("2026-03-01T12:00:00Z");
  readonly now = () => new Date(this.ms);
  advance(seconds: number): void {
    this.ms += seconds * 1000;
  }
}

/** One process as far as authentication goes. */
export interface TestServer {
  readonly auth: Auth;
  readonly clock: Clock;
  /** Sends a request; a body given as an object goes as JSON. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
  /** Logs in by JSON and returns both tokens. */
  login(username: string, password: string): Promise<{ token: string; refresh_token: string }>;
}

export interface CallOptions {
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly address?: string;
}

/** Starts one with login required, unless told otherwise. */
export async function startAuth(
  database: Database,
  options: Partial<AuthOptions> = {},
  clock = new Clock(),
): Promise<TestServer> {
  const auth = await createAuth({
    database,
    metrics: new MetricsRegistry(),
    setting: "required",
    hosts: ["127.0.0.1"],
    defaultUsername: ADMIN.username,
    defaultPassword: ADMIN.password,
    now: clock.now,
    ...options,
  });
  const app = new Hono<HttpEnv>();
  app.onError((error) => errorResponse(error));
  const { authenticator } = auth;
  app.route(
    "/",
    authRoutes({
      authority: authenticator,
      logins: auth.logins,
      bootstrap: auth.bootstrap,
      clientAddress: (c) => c.req.header("test-address") ?? "192.0.2.1",
    }),
  );
  app.route("/", usersRoutes({ authenticator, accounts: auth.accounts }));
  app.route("/", apiKeysRoutes({ authenticator, apiKeys: auth.apiKeys }));
  app.route(
    "/",
    tagsRoutes({
      authority: authenticator,
      tags: new TagRepository(database.db),
      baggage: new TraceBaggageRepository(database.db),
    }),
  );
  const call = async (method: string, path: string, given: CallOptions = {}) => {
    const headers = new Headers(given.headers);
    if (given.token !== undefined) headers.set("authorization", `Bearer ${given.token}`);
    if (given.address !== undefined) headers.set("test-address", given.address);
    let body: string | null = null;
    if (given.body !== undefined) {
      headers.set("content-type", "application/json");
      body = typeof given.body === "string" ? given.body : JSON.stringify(given.body);
    }
    return await app.request(path, { method, headers, body });
  };
  return {
    auth,
    clock,
    call,
    async login(username, password) {
      const response = await call("POST", "/scouter/auth/login", { body: { username, password } });
      const body = await response.json();
      assert.equal(response.status, 200, JSON.stringify(body));
      return body;
    },
  };
}

/** Asserts a status and returns the body. */
export async function expectStatus(response: Response, status: number) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  return text === "" ? undefined : JSON.parse(text);
}
