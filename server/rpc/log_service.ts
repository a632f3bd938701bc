/**
 * `scouter.v1.LogService`: reading log records over Connect, gRPC-Web and gRPC.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { type LogRecordSchema, LogService } from "../../sdk/gen/scouter/v1/logs_pb.ts";
import { ScouterError } from "../errors.ts";
import type { Authority } from "../http/authority.ts";
import type { LogQueries, LogRecord } from "../lake/logs/log_queries.ts";
import { parseId } from "../lake/traces/queries/identifiers.ts";
import { principalOf } from "./context.ts";
import type { RpcService } from "./services.ts";
import { attributeMessages, int64, present } from "./trace_messages.ts";

/** What the service needs. */
export interface LogServiceDeps {
  readonly authority: Pick<Authority, "authorize">;
  readonly logs: LogQueries;
}

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;
const MAX_SEVERITY = 24;

/** The service, to be handed to the RPC doors. */
export function logService(deps: LogServiceDeps): RpcService {
  return {
    descriptor: LogService,
    register: (router) => void router.service(LogService, logServiceImpl(deps)),
  };
}

function logServiceImpl({ authority, logs }: LogServiceDeps): ServiceImpl<typeof LogService> {
  return {
    async listLogs(request, context) {
      authority.authorize(principalOf(context), "read");
      const { spanId } = request;
      const { records, truncated } = await logs.ofTrace({
        traceId: parseId(request.traceId, "trace"),
        ...(spanId === undefined ? {} : { spanId: parseId(spanId, "span") }),
        minSeverityNumber: within(
          request.minSeverityNumber,
          0,
          MAX_SEVERITY,
          "min_severity_number",
        ),
        limit: request.limit === 0 ? DEFAULT_LIMIT : within(request.limit, 1, MAX_LIMIT, "limit"),
      }, { signal: context.signal });
      return { records: records.map(recordMessage), truncated };
    },
  };
}

function within(value: number, least: number, most: number, field: string): number {
  if (value < least || value > most) {
    throw new ScouterError(
      "BAD_REQUEST",
      `${field} is ${value}; it must be from ${least} to ${most}.`,
    );
  }
  return value;
}

function recordMessage(record: LogRecord): MessageInitShape<typeof LogRecordSchema> {
  const { body } = record;
  return {
    traceId: record.traceId,
    timeUs: int64(record.timeUs),
    observedTimeUs: int64(record.observedTimeUs),
    serviceName: record.serviceName,
    scopeName: record.scopeName,
    severityNumber: record.severityNumber,
    bodyIsBytes: body?.bytes === true,
    attributes: attributeMessages(record.attributes),
    resourceAttributes: attributeMessages(record.resourceAttributes),
    scopeAttributes: attributeMessages(record.scopeAttributes),
    droppedAttributesCount: record.droppedAttributesCount,
    flags: record.flags,
    ...present({
      spanId: record.spanId,
      scopeVersion: record.scopeVersion,
      severityText: record.severityText,
      eventName: record.eventName,
      bodyJson: body === null ? null : JSON.stringify(body.value),
    }),
  };
}
