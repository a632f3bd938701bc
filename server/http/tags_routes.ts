/**
 * Tags of entities, and the baggage of traces.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { z } from "zod";
import { requireAuth } from "../auth/require_auth.ts";
import type { TagRepository } from "../db/tags.ts";
import type { TraceBaggageRepository } from "../db/trace_baggage.ts";
import type { TagRow } from "../lake/traces/contract.ts";
import type { Authority } from "./authority.ts";
import type { HttpApp, HttpEnv } from "./context.ts";
import { jsonBody, queryOf } from "./json_body.ts";

/** What the routes need. */
export interface TagsRoutesDeps {
  readonly authority: Authority;
  readonly tags: TagRepository;
  readonly baggage: TraceBaggageRepository;
}

const MAX_ID = 200;
const TAGS_BODY_BYTES = 8 << 20;
/** Ids returned by a search at most. */
const MAX_ENTITIES = 10_000;

const Id = z.string().min(1).max(MAX_ID, `must have at most ${MAX_ID} characters`);
const Pair = z.object({ key: z.string().min(1).max(1024), value: z.string().max(65_536) });
const TagsBody = z.object({
  tags: z.array(Pair.extend({ entity_type: Id, entity_id: Id })).max(10_000),
});
const EntityQuery = z.object({ entity_type: Id, entity_id: Id });
const SearchBody = z.object({
  entity_type: Id,
  tags: z.array(Pair).min(1).max(100),
  match_all: z.boolean().default(false),
});
const TraceQuery = z.object({
  trace_id: z.string().regex(/^[0-9a-fA-F]{32}$/, "must be 32 hexadecimal digits"),
});

/** Routes under `/scouter/tags`, and `/scouter/trace/baggage`. */
export function tagsRoutes(deps: TagsRoutesDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  const read = requireAuth(deps.authority, "read");

  app.post("/scouter/tags", requireAuth(deps.authority, "ingest"), async (c) => {
    const body = await jsonBody(c, TagsBody, TAGS_BODY_BYTES);
    const inserted = await deps.tags.upsert(body.tags.map((tag): TagRow => ({
      entityType: tag.entity_type,
      entityId: tag.entity_id,
      key: tag.key,
      value: tag.value,
    })));
    return c.json({
      status: "success",
      message: `${inserted} tags stored.`,
      inserted_count: inserted,
    });
  });

  app.get("/scouter/tags", read, async (c) => {
    const query = queryOf(c, EntityQuery);
    const tags = await deps.tags.ofEntity(query.entity_type, query.entity_id);
    return c.json({
      tags: tags.map((tag) => ({
        entity_type: tag.entityType,
        entity_id: tag.entityId,
        key: tag.key,
        value: tag.value,
      })),
    });
  });

  app.post("/scouter/tags/entity", read, async (c) => {
    const body = await jsonBody(c, SearchBody);
    const ids = await deps.tags.entitiesWith(
      body.entity_type,
      body.tags,
      body.match_all,
      MAX_ENTITIES,
    );
    return c.json({ entity_id: ids });
  });

  app.get("/scouter/trace/baggage", read, async (c) => {
    const { trace_id } = queryOf(c, TraceQuery);
    const entries = await deps.baggage.ofTrace(trace_id);
    return c.json({
      baggage: entries.map((entry) => ({
        created_at: rfc3339(entry.createdAtUs),
        trace_id: entry.traceIdHex,
        scope: entry.scope,
        key: entry.key,
        value: entry.value,
      })),
    });
  });

  return app;
}

/** RFC 3339 in UTC, with microseconds. */
function rfc3339(timeUs: number): string {
  const milliseconds = new Date(Math.floor(timeUs / 1000)).toISOString().slice(0, -1);
  return `${milliseconds}${String(timeUs % 1000).padStart(3, "0")}Z`;
}
