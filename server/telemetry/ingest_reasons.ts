/**
 * Why spans and requests are refused: a fixed set of names, so that series stay few, each with what to do about it.
 *
 * @module
 */

import type { ErrorCode } from "../errors.ts";
import type { RejectReason } from "../lake/traces/contract.ts";

/** Why a request was refused whole. */
export type RefusalReason =
  | "malformed"
  | "unauthorized"
  | "forbidden"
  | "too_large"
  | "unsupported_media_type"
  | "overloaded"
  | "unavailable"
  | "cancelled"
  | "not_supported"
  | "internal_error";

/** Any reason. */
export type IngestReason = RejectReason | RefusalReason;

/** The reason that stands for an error's code. */
export const REASON_OF_CODE: Readonly<Record<ErrorCode, RefusalReason>> = {
  BAD_REQUEST: "malformed",
  UNAUTHORIZED: "unauthorized",
  PERMISSION_DENIED: "forbidden",
  ADMIN_REQUIRED: "forbidden",
  NOT_FOUND: "malformed",
  CONFLICT: "malformed",
  PRECONDITION_FAILED: "malformed",
  PAYLOAD_TOO_LARGE: "too_large",
  UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
  RATE_LIMITED: "overloaded",
  RESOURCE_EXHAUSTED: "overloaded",
  CANCELLED: "cancelled",
  DEADLINE_EXCEEDED: "unavailable",
  NOT_IMPLEMENTED: "not_supported",
  UNAVAILABLE: "unavailable",
  QUERY_ERROR: "internal_error",
  INTERNAL_ERROR: "internal_error",
};

/** What each reason means and what to do about it. */
export const REASON_MEANING: Readonly<Record<IngestReason, string>> = {
  invalid_trace_id: "The trace id is not 16 bytes or is all zero. The sender builds ids wrongly.",
  invalid_span_id: "The span id is not 8 bytes or is all zero. The sender builds ids wrongly.",
  invalid_parent_span_id: "The parent id is neither empty nor 8 bytes.",
  invalid_timestamp:
    "A time lies beyond the year 2255; check the sender's unit: OTLP counts nanoseconds.",
  invalid_utf8: "A name, key or value is not UTF-8 text; send such data as bytes.",
  span_too_large: "The span is larger than the server takes; shorten its attributes or events.",
  record_too_large:
    "The log record is larger than the server takes; shorten its body or attributes.",
  too_deep: "An attribute value is nested too deep.",
  malformed: "The request is not what its type says. The sender's message and log name the place.",
  unauthorized:
    "No credential or an unknown one came with it; give the exporter an API key that lives.",
  forbidden: "The sender is known but may not send; give its key the scope `ingest`.",
  too_large: "The request is larger than SCOUTER_MAX_BODY_MB; send smaller batches.",
  unsupported_media_type: "Content type or encoding is not one of OTLP's.",
  overloaded:
    "The store was behind and told the sender to come back later; exporters retry by themselves.",
  unavailable:
    "Spans could not be written to disk, or the server was stopping; exporters retry by themselves.",
  cancelled: "The sender went away before its request was read.",
  not_supported: "A kind of record that this server does not take.",
  internal_error: "The server failed; its log has the cause.",
};
