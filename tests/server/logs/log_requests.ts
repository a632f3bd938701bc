/**
 * Log export requests in both encodings, made by protobuf-es.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { create, type MessageInitShape, toBinary, toJson } from "@bufbuild/protobuf";
import { ExportLogsServiceRequestSchema } from "../../../server/gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import type { LogRecordSchema } from "../../../server/gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import { attributes, text } from "../segment/support.ts";

export type RecordInit = MessageInitShape<typeof LogRecordSchema>;

function message(records: readonly RecordInit[]) {
  return create(ExportLogsServiceRequestSchema, {
    resourceLogs: [{
      resource: { attributes: attributes({ "service.name": text("shop") }) },
      scopeLogs: [{ scope: { name: "tests", version: "1" }, logRecords: [...records] }],
    }],
  });
}

/** A request of one resource (service "shop") and one scope ("tests") in protobuf. */
export function logRequest(...records: RecordInit[]): Uint8Array {
  return toBinary(ExportLogsServiceRequestSchema, message(records));
}

const HEX_IDS = new Set(["traceId", "spanId"]);

/** The same in OTLP/JSON, which has ids in hexadecimal where protobuf's JSON has base64. */
export function logRequestJson(...records: RecordInit[]): Uint8Array {
  const json = JSON.stringify(
    toJson(ExportLogsServiceRequestSchema, message(records)),
    (key, value) => HEX_IDS.has(key) ? Buffer.from(value, "base64").toString("hex") : value,
  );
  return new TextEncoder().encode(json);
}
