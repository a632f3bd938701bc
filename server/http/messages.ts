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

/** What the routes need. */
export interface MessageRouteDeps extends MessageDeps {
  readonly authority: Authority;
}

/** Routes that answer when the message is durable. */
export function messageRoutes(deps: MessageRouteDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  const handler = async (c: HttpContext) => {
    const { headers } = c.req.raw;
    deps.authority.authorize(await deps.authority.authenticate(headers), "ingest");
    const limit = deps.receiver.maxBodyBytes;
    const body = await readBody(c.req.raw, limit);
    return c.json(await storeMessage(deps, inflate(body, headers.get("content-encoding"), limit)));
  };
  app.post("/scouter/message", handler);
  app.post("/scouter/drift", handler);
  return app;
}
