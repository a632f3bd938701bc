/**
 * The message envelope over HTTP: `POST /scouter/message`, and the older name `/scouter/drift`.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { inflate } from "../ingest/inflate.ts";
import { type MessageDeps, storeMessage } from "../ingest/messages.ts";
import type { Authority } from "./authority.ts";
import { readBody } from "./body.ts";
import type { HttpApp, HttpContext, HttpEnv } from "./context.ts";
import { toScouterError } from "./errors.ts";

/** What the routes need. */
export interface MessageRouteDeps extends MessageDeps {
  readonly authority: Authority;
}

/** Routes that answer when the message is durable. */
export function messageRoutes(deps: MessageRouteDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  const handler = async (c: HttpContext) => {
    const { headers } = c.req.raw;
    const attempt = deps.receiver.health.begin("envelope-http");
    try {
      const principal = await deps.authority.authenticate(headers);
      attempt.from(principal);
      deps.authority.authorize(principal, "ingest");
      const limit = deps.receiver.maxBodyBytes;
      const body = await readBody(c.req.raw, limit);
      const message = inflate(body, headers.get("content-encoding"), limit);
      return c.json(await storeMessage(deps, message, attempt));
    } catch (error) {
      attempt.refused(toScouterError(error));
      throw error;
    }
  };
  app.post("/scouter/message", handler);
  app.post("/scouter/drift", handler);
  return app;
}
