/**
 * The REST routes that count and read GenAI operations.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { z } from "zod";
import { requireAuth } from "../auth/require_auth.ts";
import { ScouterError } from "../errors.ts";
import type { PriceBook } from "../genai/price_book.ts";
import { requestPricing } from "../genai/pricing.ts";
import type { GenAiQueries } from "../lake/traces/genai/genai_queries.ts";
import type { GenAiFilter } from "../lake/traces/genai/genai_rows.ts";
import { formatTimeUs, parseTimeUs } from "../lake/traces/queries/identifiers.ts";
import { parseInterval } from "../lake/traces/queries/interval.ts";
import { parseSearch } from "../lake/traces/queries/search_grammar.ts";
import type { Authority } from "./authority.ts";
import { clientSignal, type HttpApp, type HttpContext, type HttpEnv } from "./context.ts";
import {
  agentDashboardJson,
  agentJson,
  conversationJson,
  genAiSpanJson,
  modelJson,
  operationJson,
  tokenBucketJson,
  toolBucketJson,
  toolJson,
} from "./genai_json.ts";
import { jsonBody } from "./json_body.ts";

/** What {@linkcode genAiRoutes} needs. */
export interface GenAiRoutesDeps {
  readonly authority: Authority;
  readonly queries: GenAiQueries;
  readonly prices: PriceBook;
}

const MAX_CONVERSATION_ID_BYTES = 256;
const MAX_CONVERSATION_SPANS = 1000;

const filters = z.object({
  start_time: z.string().nullish(),
  end_time: z.string().nullish(),
  service_name: z.string().nullish(),
  operation_name: z.string().nullish(),
  provider_name: z.string().nullish(),
  model: z.string().nullish(),
  conversation_id: z.string().nullish(),
  agent_name: z.string().nullish(),
  tool_name: z.string().nullish(),
  error_type: z.string().nullish(),
  query: z.string().nullish(),
});

const windowed = filters.extend({ start_time: z.string(), end_time: z.string() });
const metrics = windowed.extend({ bucket_interval: z.string().default("hour") });
const spans = filters.extend({ limit: z.int().min(1).max(10_000).nullish() });
const conversations = filters.extend({
  limit: z.int().min(1).max(1000).nullish(),
  cursor_last_seen: z.string().nullish(),
  cursor_conversation_id: z.string().nullish(),
});
const perMillion = z.number().min(0).nullish().transform((price) => price ?? 0);
const agentMetrics = metrics.extend({
  model_pricing: z.record(
    z.string(),
    z.object({
      input_per_million: perMillion,
      output_per_million: perMillion,
      cache_creation_per_million: perMillion,
      cache_read_per_million: perMillion,
    }),
  ).nullish(),
});

/** Routes under `/scouter/genai`. */
export function genAiRoutes({ authority, queries, prices }: GenAiRoutesDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  const read = requireAuth(authority, "read");

  app.post("/scouter/genai/metrics/tokens", read, async (c) => {
    const body = await jsonBody(c, metrics);
    const interval = parseInterval(body.bucket_interval);
    const filter = filterOf(body);
    const pricing = await prices.table();
    return await answer(c, async (signal) => ({
      buckets: (await queries.tokens(filter, interval, pricing, { signal })).map(tokenBucketJson),
    }));
  });

  app.post("/scouter/genai/metrics/operations", read, async (c) => {
    const filter = await metricsFilter(c);
    return await answer(c, async (signal) => ({
      operations: (await queries.operations(filter, { signal })).map(operationJson),
    }));
  });

  app.post("/scouter/genai/metrics/models", read, async (c) => {
    const filter = await metricsFilter(c);
    const pricing = await prices.table();
    return await answer(c, async (signal) => ({
      models: (await queries.models(filter, pricing, { signal })).map(modelJson),
    }));
  });

  app.post("/scouter/genai/metrics/agents", read, async (c) => {
    const agentName = c.req.query("agent_name");
    const filter = {
      ...await metricsFilter(c),
      ...(agentName === undefined ? {} : { agentName }),
    };
    return await answer(c, async (signal) => ({
      agents: (await queries.agents(filter, { signal })).map(agentJson),
    }));
  });

  app.post("/scouter/genai/metrics/tools", read, async (c) => {
    const filter = await metricsFilter(c);
    return await answer(c, async (signal) => ({
      tools: (await queries.tools(filter, { signal })).map(toolJson),
    }));
  });

  app.post("/scouter/genai/metrics/errors", read, async (c) => {
    const filter = await metricsFilter(c);
    return await answer(c, async (signal) => ({
      errors: (await queries.errors(filter, { signal })).map((error) => ({
        error_type: error.errorType,
        count: error.count,
      })),
    }));
  });

  app.post("/scouter/genai/spans", read, async (c) => {
    const body = await jsonBody(c, spans);
    const filter = filterOf(body);
    const pricing = await prices.table();
    return await answer(c, async (signal) => {
      const found = await queries.spans(filter, "newest", body.limit ?? 100, { signal });
      return { spans: found.spans.map((span) => genAiSpanJson(span, pricing)) };
    });
  });

  app.get("/scouter/genai/conversation/:id", read, async (c) => {
    const conversationId = c.req.param("id");
    if (new TextEncoder().encode(conversationId).length > MAX_CONVERSATION_ID_BYTES) {
      throw new ScouterError(
        "BAD_REQUEST",
        `The conversation id is longer than ${MAX_CONVERSATION_ID_BYTES} bytes.`,
      );
    }
    const filter = {
      ...windowOf(c.req.query("start_time"), c.req.query("end_time")),
      conversationId,
    };
    const pricing = await prices.table();
    return await answer(c, async (signal) => {
      const found = await queries.spans(filter, "oldest", MAX_CONVERSATION_SPANS, { signal });
      return {
        spans: found.spans.map((span) => genAiSpanJson(span, pricing)),
        truncated: found.truncated,
      };
    });
  });

  app.post("/scouter/genai/conversations", read, async (c) => {
    const body = await jsonBody(c, conversations);
    const filter = filterOf(body);
    const { cursor_last_seen: time, cursor_conversation_id: id } = body;
    if ((time == null) !== (id == null)) {
      throw new ScouterError(
        "BAD_REQUEST",
        "A cursor needs both cursor_last_seen and cursor_conversation_id.",
      );
    }
    const page = {
      limit: body.limit ?? 50,
      ...(time == null || id == null ? {} : {
        after: { lastSeenUs: parseTimeUs(time, "cursor_last_seen"), conversationId: id },
      }),
    };
    const pricing = await prices.table();
    return await answer(c, async (signal) => {
      const found = await queries.conversations(filter, page, pricing, { signal });
      return {
        conversations: found.conversations.map(conversationJson),
        has_next: found.next !== null,
        next_cursor: found.next === null ? null : {
          last_seen: formatTimeUs(found.next.lastSeenUs),
          conversation_id: found.next.conversationId,
        },
      };
    });
  });

  app.post("/scouter/genai/agent/metrics", read, async (c) => {
    const body = await jsonBody(c, agentMetrics);
    const interval = parseInterval(body.bucket_interval);
    const filter = filterOf(body);
    const pricing = requestPricing(
      new Map(
        Object.entries(body.model_pricing ?? {}).map(([model, price]) => [model, {
          inputPerMillion: price.input_per_million,
          outputPerMillion: price.output_per_million,
          cacheCreationPerMillion: price.cache_creation_per_million,
          cacheReadPerMillion: price.cache_read_per_million,
        }]),
      ),
      await prices.table(),
    );
    return await answer(
      c,
      async (signal) =>
        agentDashboardJson(await queries.agentDashboard(filter, interval, pricing, { signal })),
    );
  });

  app.post("/scouter/genai/tool/metrics", read, async (c) => {
    const body = await jsonBody(c, metrics);
    const interval = parseInterval(body.bucket_interval);
    const filter = filterOf(body);
    return await answer(c, async (signal) => {
      const found = await queries.toolDashboard(filter, interval, { signal });
      return {
        aggregates: found.tools.map(toolJson),
        time_series: found.buckets.map(toolBucketJson),
      };
    });
  });

  return app;
}

/** The filter of a metrics request whose answer has no buckets; the interval is checked all the same. */
async function metricsFilter(c: HttpContext): Promise<GenAiFilter> {
  const body = await jsonBody(c, metrics);
  parseInterval(body.bucket_interval);
  return filterOf(body);
}

/** Answers with JSON and says how long the query took; stops the work when the client goes away. */
async function answer(
  c: HttpContext,
  ask: (signal: AbortSignal) => Promise<unknown>,
): Promise<Response> {
  const startedMs = performance.now();
  const value = await ask(clientSignal(c));
  c.header("server-timing", `query;dur=${(performance.now() - startedMs).toFixed(2)}`);
  return c.body(JSON.stringify(value), 200, { "content-type": "application/json" });
}

function windowOf(
  start: string | null | undefined,
  end: string | null | undefined,
): { startUs?: number; endUs?: number } {
  // An unescaped "+" of a time zone arrives as a space.
  const time = (text: string, field: string) =>
    parseTimeUs(text.replace(/ (\d{2}:\d{2})$/, "+$1"), field);
  const startUs = start == null ? undefined : time(start, "start_time");
  const endUs = end == null ? undefined : time(end, "end_time");
  if (startUs !== undefined && endUs !== undefined && startUs > endUs) {
    throw new ScouterError("BAD_REQUEST", "start_time is after end_time; swap them.");
  }
  return {
    ...(startUs === undefined ? {} : { startUs }),
    ...(endUs === undefined ? {} : { endUs }),
  };
}

function filterOf(body: z.infer<typeof filters>): GenAiFilter {
  return {
    ...windowOf(body.start_time, body.end_time),
    ...(body.service_name == null ? {} : { serviceName: body.service_name }),
    ...(body.operation_name == null ? {} : { operationName: body.operation_name }),
    ...(body.provider_name == null ? {} : { providerName: body.provider_name }),
    ...(body.model == null ? {} : { model: body.model }),
    ...(body.conversation_id == null ? {} : { conversationId: body.conversation_id }),
    ...(body.agent_name == null ? {} : { agentName: body.agent_name }),
    ...(body.tool_name == null ? {} : { toolName: body.tool_name }),
    ...(body.error_type == null ? {} : { errorType: body.error_type }),
    ...(body.query == null ? {} : { search: parseSearch(body.query) }),
  };
}
