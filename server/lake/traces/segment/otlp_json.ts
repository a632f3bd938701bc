/**
 * Rewrites OTLP/JSON trace export requests as OTLP protobuf bytes.
 *
 * @module
 */
import { type JsonObject, jsonToProtobuf, OtlpJsonWriter } from "./otlp_json_writer.ts";

const SPAN_KINDS = new Map([
  ["SPAN_KIND_UNSPECIFIED", 0],
  ["SPAN_KIND_INTERNAL", 1],
  ["SPAN_KIND_SERVER", 2],
  ["SPAN_KIND_CLIENT", 3],
  ["SPAN_KIND_PRODUCER", 4],
  ["SPAN_KIND_CONSUMER", 5],
]);
const STATUS_CODES = new Map([
  ["STATUS_CODE_UNSET", 0],
  ["STATUS_CODE_OK", 1],
  ["STATUS_CODE_ERROR", 2],
]);

class TraceJsonWriter extends OtlpJsonWriter {
  protected override readonly messageName = "ExportTraceServiceRequest";

  override request(value: unknown): void {
    this.member(
      this.object(value),
      "resourceSpans",
      "resource_spans",
      (list) =>
        this.each(list, (entry) => {
          const item = this.object(entry);
          this.message(0x0a, () => this.#resourceSpans(item));
        }),
    );
  }

  #resourceSpans(item: JsonObject): void {
    this.resource(item);
    this.member(item, "scopeSpans", "scope_spans", (list) =>
      this.each(list, (entry) => {
        const scopeSpans = this.object(entry);
        this.message(0x12, () => this.#scopeSpans(scopeSpans));
      }));
  }

  #scopeSpans(item: JsonObject): void {
    this.scope(item);
    this.member(item, "spans", "spans", (list) =>
      this.each(list, (entry) => {
        const span = this.object(entry);
        this.message(0x12, () => this.#span(span));
      }));
  }

  #span(span: JsonObject): void {
    this.member(span, "traceId", "trace_id", (id) => this.id(0x0a, id));
    this.member(span, "spanId", "span_id", (id) => this.id(0x12, id));
    this.member(span, "traceState", "trace_state", (text) => this.string(0x1a, text));
    this.member(span, "parentSpanId", "parent_span_id", (id) => this.id(0x22, id));
    this.member(span, "name", "name", (text) => this.string(0x2a, text));
    this.member(span, "kind", "kind", (kind) => this.enumeration(0x30, SPAN_KINDS, kind));
    this.member(
      span,
      "startTimeUnixNano",
      "start_time_unix_nano",
      (time) => this.time(0x39, time),
    );
    this.member(span, "endTimeUnixNano", "end_time_unix_nano", (time) => this.time(0x41, time));
    this.member(span, "attributes", "attributes", (list) => this.attributes(0x4a, list, 0));
    this.member(
      span,
      "droppedAttributesCount",
      "dropped_attributes_count",
      (count) => this.uint32(0x50, count),
    );
    this.member(span, "events", "events", (list) =>
      this.each(list, (entry) => {
        const event = this.object(entry);
        this.message(0x5a, () => this.#event(event));
      }));
    this.member(
      span,
      "droppedEventsCount",
      "dropped_events_count",
      (count) => this.uint32(0x60, count),
    );
    this.member(span, "links", "links", (list) =>
      this.each(list, (entry) => {
        const link = this.object(entry);
        this.message(0x6a, () => this.#link(link));
      }));
    this.member(
      span,
      "droppedLinksCount",
      "dropped_links_count",
      (count) => this.uint32(0x70, count),
    );
    this.member(span, "status", "status", (value) => {
      const status = this.object(value);
      this.message(0x7a, () => {
        this.member(status, "message", "message", (text) => this.string(0x12, text));
        this.member(status, "code", "code", (code) => this.enumeration(0x18, STATUS_CODES, code));
      });
    });
    this.member(span, "flags", "flags", (flags) => this.flags([0x85, 0x01], flags));
  }

  #event(event: JsonObject): void {
    this.member(event, "timeUnixNano", "time_unix_nano", (time) => this.time(0x09, time));
    this.member(event, "name", "name", (text) => this.string(0x12, text));
    this.member(event, "attributes", "attributes", (list) => this.attributes(0x1a, list, 0));
    this.member(
      event,
      "droppedAttributesCount",
      "dropped_attributes_count",
      (count) => this.uint32(0x20, count),
    );
  }

  #link(link: JsonObject): void {
    this.member(link, "traceId", "trace_id", (id) => this.id(0x0a, id));
    this.member(link, "spanId", "span_id", (id) => this.id(0x12, id));
    this.member(link, "traceState", "trace_state", (text) => this.string(0x1a, text));
    this.member(link, "attributes", "attributes", (list) => this.attributes(0x22, list, 0));
    this.member(
      link,
      "droppedAttributesCount",
      "dropped_attributes_count",
      (count) => this.uint32(0x28, count),
    );
    this.member(link, "flags", "flags", (flags) => this.flags([0x35], flags));
  }
}

/**
 * Rewrites a JSON trace export request as protobuf.
 *
 * @throws ScouterError BAD_REQUEST naming the JSON path of what is wrong
 */
export function otlpJsonToProtobuf(body: Uint8Array): Uint8Array {
  return jsonToProtobuf(body, TraceJsonWriter);
}
