/**
 * The REST and RPC doors of GenAI analytics, on a free port.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { authorize, LOCAL_PRINCIPAL } from "../../../server/auth/permissions.ts";
import type { Authority } from "../../../server/http/authority.ts";
import type { HttpApp, HttpEnv } from "../../../server/http/context.ts";
import { errorResponse } from "../../../server/http/errors.ts";
import type { StoredPrice } from "../../../server/db/genai_prices.ts";
import { PriceBook } from "../../../server/genai/price_book.ts";
import { genAiPriceRoutes } from "../../../server/http/genai_price_routes.ts";
import { genAiRoutes } from "../../../server/http/genai_routes.ts";
import { listenHttp } from "../../../server/http/listener.ts";
import type { GenAiQueries } from "../../../server/lake/traces/genai/genai_queries.ts";

/** Requests with the header `authorization: ingester` may not read, those with `authorization: reader` only read. */
export const authority: Authority = {
  mode: "open",
  authenticate: (headers) => {
    const name = headers.get("authorization");
    const permissions = name === "ingester" ? ["ingest:all"] : ["read:all"];
    return Promise.resolve(
      name === null
        ? LOCAL_PRINCIPAL
        : { username: name, permissions, groupPermissions: [], via: "token" },
    );
  },
  authenticateWithRefresh: async (headers) => ({
    principal: await authority.authenticate(headers),
  }),
  authorize,
};

/** Open doors. */
export interface GenAiDoors extends AsyncDisposable {
  /** Sends JSON (GET without a body) and reads the JSON answer. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ readonly status: number; readonly body: unknown }>;
  /** The text a GET answers with. */
  text(path: string): Promise<string>;
}

/** Prices kept in memory. */
export function memoryPrices(): PriceBook {
  let stored: StoredPrice[] = [];
  let serial = 0;
  return new PriceBook({
    list: () => Promise.resolve(stored),
    put: (price, updatedBy) => {
      stored = [...stored, { ...price, id: `p${++serial}`, updatedAtUs: 0, updatedBy }];
      return Promise.resolve();
    },
    remove: (id) => {
      const before = stored.length;
      stored = stored.filter((price) => price.id !== id);
      return Promise.resolve(stored.length < before);
    },
  });
}

/** Opens the doors. */
export function openGenAiDoors(queries: GenAiQueries, prices = memoryPrices()): GenAiDoors {
  const app: HttpApp = new Hono<HttpEnv>();
  app.onError((error) => errorResponse(error));
  app.route("/", genAiRoutes({ authority, queries, prices }));
  app.route("/", genAiPriceRoutes({ authority, prices }));
  const http = listenHttp(app, "127.0.0.1", 0);
  return {
    async ask(method, path, body, headers = {}) {
      const response = await fetch(`http://127.0.0.1:${http.port}${path}`, {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    text: async (path) => await (await fetch(`http://127.0.0.1:${http.port}${path}`)).text(),
    async [Symbol.asyncDispose]() {
      await http.close();
    },
  };
}
