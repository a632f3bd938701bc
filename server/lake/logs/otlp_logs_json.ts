/**
 * Rewrites OTLP/JSON log export requests as OTLP protobuf bytes.
 *
 * @module
 */

import {
  type JsonObject,
  jsonToProtobuf,
  OtlpJsonWriter,
} from "../traces/segment/otlp_json_writer.ts";

/** Severity names by number: `SEVERITY_NUMBER_TRACE`, `SEVERITY_NUMBER_TRACE2`, … */
const SEVERITIES = new Map([
  ["SEVERITY_NUMBER_UNSPECIFIED", 0],
  ...["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap((name, level) =>
    ["", "2", "3", "4"].map((step, i): [string, number] => [
      `SEVERITY_NUMBER_${name}${step}`,
      level * 4 + i + 1,
    ])
  ),
]);

class LogsJsonWriter extends OtlpJsonWriter {
  protected override readonly messageName = "ExportLogsServiceRequest";

  override request(value: unknown): void {
    this.member(
      this.object(value),
      "resourceLogs",
      "resource_logs",
      (list) =>
        this.each(list, (entry) => {
          const item = this.object(entry);
          this.message(0x0a, () => this.#resourceLogs(item));
        }),
    );
  }

  #resourceLogs(item: JsonObject): void {
    this.resource(item);
    this.member(item, "scopeLogs", "scope_logs", (list) =>
      this.each(list, (entry) => {
        const scopeLogs = this.object(entry);
        this.message(0x12, () => this.#scopeLogs(scopeLogs));
      }));
  }

  #scopeLogs(item: JsonObject): void {
    this.scope(item);
    this.member(item, "logRecords", "log_records", (list) =>
      this.each(list, (entry) => {
        const record = this.object(entry);
        this.message(0x12, () => this.#record(record));
      }));
  }

  #record(record: JsonObject): void {
    this.member(record, "timeUnixNano", "time_unix_nano", (time) => this.time(0x09, time));
    this.member(
      record,
      "observedTimeUnixNano",
      "observed_time_unix_nano",
      (time) => this.time(0x59, time),
    );
    this.member(
      record,
      "severityNumber",
      "severity_number",
      (severity) => this.enumeration(0x10, SEVERITIES, severity),
    );
    this.member(record, "severityText", "severity_text", (text) => this.string(0x1a, text));
    this.member(record, "body", "body", (body) => this.message(0x2a, () => this.any(body, 0)));
    this.member(record, "attributes", "attributes", (list) => this.attributes(0x32, list, 0));
    this.member(
      record,
      "droppedAttributesCount",
      "dropped_attributes_count",
      (count) => this.uint32(0x38, count),
    );
    this.member(record, "flags", "flags", (flags) => this.flags([0x45], flags));
    this.member(record, "traceId", "trace_id", (id) => this.id(0x4a, id));
    this.member(record, "spanId", "span_id", (id) => this.id(0x52, id));
    this.member(record, "eventName", "event_name", (text) => this.string(0x62, text));
  }
}

/**
 * Rewrites a JSON log export request as protobuf.
 *
 * @throws ScouterError BAD_REQUEST naming the JSON path of what is wrong
 */
export function otlpLogsJsonToProtobuf(body: Uint8Array): Uint8Array {
  return jsonToProtobuf(body, LogsJsonWriter);
}
