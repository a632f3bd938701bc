/**
 * Rows of existing clients' service map middleware over HTTP.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { z } from "zod";
import { ScouterError } from "../errors.ts";
import type { ConnectionIntake } from "../service_map/intake.ts";
import type { Authority } from "./authority.ts";
import { readBody } from "./body.ts";
import type { HttpApp, HttpEnv } from "./context.ts";
import { jsonBody } from "./json_body.ts";

/** What the routes need. */
export interface DatasetRouteDeps {
  readonly authority: Authority;
  readonly connections: ConnectionIntake;
  readonly maxBodyBytes: number;
}

const registration = z.object({
  catalog: z.string(),
  schema_name: z.string(),
  table: z.string(),
  json_schema: z.string(),
  partition_columns: z.array(z.string()).nullish(),
});

/** `/scouter/datasets/register` and `/scouter/datasets/{catalog}/{schema}/{table}/records`. */
export function datasetRoutes({ authority, connections, maxBodyBytes }: DatasetRouteDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  app.post("/scouter/datasets/register", async (c) => {
    authority.authorize(await authority.authenticate(c.req.raw.headers), "ingest");
    const body = await jsonBody(c, registration);
    const name = { catalog: body.catalog, schemaName: body.schema_name, table: body.table };
    return c.json(await connections.register(name, body.json_schema));
  });
  app.post("/scouter/datasets/:catalog/:schema/:table/records", async (c) => {
    const { headers } = c.req.raw;
    const principal = await authority.authenticate(headers);
    authority.authorize(principal, "ingest");
    const fingerprint = headers.get("x-dataset-fingerprint");
    if (fingerprint === null) {
      throw new ScouterError("BAD_REQUEST", "Missing x-dataset-fingerprint header");
    }
    const { catalog, schema, table } = c.req.param();
    const rows = await connections.insert(
      "envelope-http",
      principal,
      { catalog, schemaName: schema, table },
      fingerprint,
      await readBody(c.req.raw, maxBodyBytes),
    );
    return c.json({ rows_accepted: rows });
  });
  return app;
}
