/**
 * What the OpenAPI document says of each route beyond its method and path.
 *
 * @module
 */

import type { Json } from "./openapi.ts";

/** The documentation of one route. */
export interface RouteDoc {
  readonly summary: string;
  /** True when no credential is needed. */
  readonly open?: boolean;
  readonly query?: readonly Json[];
  /** Media types of the request body. */
  readonly request?: Json;
  /** Media types of the successful response. */
  readonly response?: Json;
}

const json = (schema: Json): Json => ({ "application/json": { schema } });
const ref = (name: string): Json => json({ $ref: `#/components/schemas/${name}` });

const OTLP_REQUEST: Json = {
  "application/x-protobuf": { schema: { type: "string", format: "binary" } },
  ...json({ type: "object", required: ["resourceSpans"] }),
};

const otlpResponse = (rejected: string): Json => ({
  "application/x-protobuf": { schema: { type: "string", format: "binary" } },
  ...json({
    type: "object",
    properties: {
      partialSuccess: {
        type: "object",
        properties: { [rejected]: { type: "string" }, errorMessage: { type: "string" } },
      },
    },
  }),
});

const OTLP: RouteDoc = {
  summary: "Store spans (OTLP trace export). Answers when they are durable.",
  request: OTLP_REQUEST,
  response: otlpResponse("rejectedSpans"),
};

const OTLP_LOGS: RouteDoc = {
  summary: "Store log records (OTLP log export). Answers when they are durable.",
  request: {
    "application/x-protobuf": { schema: { type: "string", format: "binary" } },
    ...json({ type: "object", required: ["resourceLogs"] }),
  },
  response: otlpResponse("rejectedLogRecords"),
};

const OTLP_METRICS: RouteDoc = {
  summary: "Metrics are not stored: the answer counts and names what was refused.",
  request: {
    "application/x-protobuf": { schema: { type: "string", format: "binary" } },
    ...json({ type: "object", required: ["resourceMetrics"] }),
  },
  response: otlpResponse("rejectedDataPoints"),
};

const MESSAGE: RouteDoc = {
  summary: "Store one message of the envelope: traces or a tag. Answers when it is durable.",
  request: json({
    oneOf: [
      { type: "object", required: ["request"] },
      { type: "object", required: ["records"] },
      { $ref: "#/components/schemas/Tag" },
    ],
  }),
  response: ref("Success"),
};

/** By method and path template. */
export const ROUTE_DOCS: Readonly<Record<string, RouteDoc>> = {
  "POST /v1/traces": OTLP,
  "POST /v1/logs": OTLP_LOGS,
  "POST /v1/metrics": OTLP_METRICS,
  "POST /scouter/v1/traces": OTLP,
  "POST /scouter/message": MESSAGE,
  "POST /scouter/drift": { ...MESSAGE, summary: `${MESSAGE.summary} Older name.` },
  "GET /scouter/healthcheck": { summary: "Whether the process runs, and its version.", open: true },
  "GET /health/live": { summary: "Whether the process runs.", open: true },
  "GET /health/ready": { summary: "Whether requests can be served; 503 with reasons.", open: true },
  "GET /metrics": {
    summary: "Metrics in Prometheus text.",
    open: true,
    response: { "text/plain": { schema: { type: "string" } } },
  },
  "GET /scouter/api/v1/capabilities": { summary: "What this server offers.", open: true },
  "GET /scouter/api/v1/openapi.json": { summary: "This document.", open: true },
  "GET /scouter/auth/login": {
    summary: "Log in by the headers Username and Password (older clients).",
    open: true,
  },
  "POST /scouter/auth/login": {
    summary: "Log in.",
    open: true,
    request: json({
      type: "object",
      required: ["username", "password"],
      properties: { username: { type: "string" }, password: { type: "string" } },
    }),
  },
  "GET /scouter/auth/refresh": { summary: "A new access token for an old one.", open: true },
  "GET /scouter/auth/validate": { summary: "Whether the token is valid." },
  "POST /scouter/tags": {
    summary: "Add tags.",
    request: json({
      type: "object",
      required: ["tags"],
      properties: { tags: { type: "array", items: { $ref: "#/components/schemas/Tag" } } },
    }),
    response: ref("Success"),
  },
  "POST /scouter/trace/paginated": { summary: "List traces, newest first, page by page." },
  "GET /scouter/trace/spans": { summary: "The spans of one trace as a tree in depth-first order." },
  "GET /scouter/v1/traces/{id}/spans": { summary: "The spans of one trace, whatever its age." },
  "GET /scouter/v1/traces/otlp": {
    summary:
      "All spans of up to 100 traces as an OTLP/JSON export request, which POST /v1/traces takes back.",
  },
  "POST /scouter/trace/metrics": { summary: "Counts, error rates and latencies over time." },
  "POST /scouter/genai/metrics/tokens": { summary: "GenAI tokens and failures over time." },
  "POST /scouter/genai/metrics/operations": { summary: "GenAI usage by operation and provider." },
  "POST /scouter/genai/metrics/models": { summary: "GenAI usage by model and provider." },
  "POST /scouter/genai/metrics/agents": { summary: "GenAI usage by agent and conversation." },
  "POST /scouter/genai/metrics/tools": { summary: "Tool calls by tool." },
  "POST /scouter/genai/metrics/errors": { summary: "GenAI failures by type." },
  "POST /scouter/genai/spans": { summary: "Single GenAI spans, newest first." },
  "GET /scouter/genai/conversation/{id}": {
    summary: "The GenAI spans of a conversation, oldest first.",
  },
  "POST /scouter/genai/conversations": {
    summary: "Conversations with their tokens and cost, the one heard from last first.",
  },
  "GET /scouter/genai/prices": { summary: "Prices of models: those set here and the defaults." },
  "PUT /scouter/genai/prices": { summary: "Set the price of a model from a date on." },
  "DELETE /scouter/genai/prices/{id}": { summary: "Remove a price that was set." },
  "POST /scouter/genai/agent/metrics": { summary: "How agents did and what it cost, over time." },
  "POST /scouter/genai/tool/metrics": { summary: "Tool calls by tool, in all and over time." },
  "POST /scouter/datasets/register": {
    summary: "Check the schema of service map records against the table's.",
  },
  "POST /scouter/datasets/{catalog}/{schema}/{table}/records": {
    summary: "Store service map records, an Arrow IPC stream.",
  },
  "GET /scouter/service/graph": { summary: "Which service calls which, with rates and latencies." },
};

/** Shared schemas. */
export const COMPONENTS: Json = {
  securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
  schemas: {
    Error: {
      type: "object",
      required: ["error", "code"],
      properties: {
        error: { type: "string" },
        code: { type: "string" },
        suggested_action: { type: "string" },
        retry: { type: "boolean" },
      },
    },
    Success: {
      type: "object",
      required: ["status", "message"],
      properties: { status: { const: "success" }, message: { type: "string" } },
    },
    Tag: {
      type: "object",
      required: ["entity_type", "entity_id", "key", "value"],
      properties: {
        entity_type: { type: "string" },
        entity_id: { type: "string" },
        key: { type: "string" },
        value: { type: "string" },
      },
    },
  },
};
