/**
 * Writes span events and links as the JSON arrays of the `events` and `links` columns.
 *
 * An event is `{"timestamp", "name", "attributes": [{"key", "value"}], "dropped_attributes_count"}` with an RFC 3339
 * timestamp; a link is `{"trace_id", "span_id", "trace_state", "attributes", "dropped_attributes_count", "flags"}` with
 * ids in hex, of whatever length the client sent.
 *
 * @module
 */
import type { ByteSink } from "../../parquet/byte_sink.ts";
import type { AnyValueReader } from "./any_value.ts";
import { nanosToMicros } from "./proto_reader.ts";
import { writeTimestamp } from "./rfc3339.ts";

const MAX_TIME_US = Number.MAX_SAFE_INTEGER;

/** Positions of an event's parts, for whoever wants to look at them. */
export interface EventParts {
  readonly nameStart: number;
  readonly nameEnd: number;
  /** As found by `AnyValueReader.keyValues`. */
  readonly attributes: readonly number[];
}

/** Appends the event in [start, end). */
export function writeEvent(
  reader: AnyValueReader,
  out: ByteSink,
  start: number,
  end: number,
): EventParts {
  let timeUs = 0;
  let nameStart = start;
  let nameEnd = start;
  let dropped = 0;
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 0x09:
        reader.fixed64(end);
        timeUs = nanosToMicros(reader.low, reader.high);
        break;
      case 0x12:
        nameEnd = reader.contentEnd(end);
        nameStart = reader.pos;
        reader.pos = nameEnd;
        break;
      case 0x20:
        dropped = reader.varint32(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  if (timeUs > MAX_TIME_US) {
    reader.refusal ??= "invalid_timestamp";
    timeUs = 0;
  }
  const attributes = reader.keyValues(start, end, 0x1a, false);
  out.ascii('{"timestamp":');
  writeTimestamp(out, timeUs);
  out.ascii(',"name":');
  reader.writeString(out, nameStart, nameEnd);
  out.ascii(',"attributes":');
  reader.writePairs(out, attributes);
  out.ascii(`,"dropped_attributes_count":${dropped}}`);
  return { nameStart, nameEnd, attributes };
}

/** Appends the link in [start, end). */
export function writeLink(
  reader: AnyValueReader,
  out: ByteSink,
  start: number,
  end: number,
): void {
  const found = { traceId: [start, start], spanId: [start, start], traceState: [start, start] };
  let dropped = 0;
  let flags = 0;
  reader.pos = start;
  const content = (range: number[]) => {
    range[1] = reader.contentEnd(end);
    range[0] = reader.pos;
    reader.pos = range[1];
  };
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 0x0a:
        content(found.traceId);
        break;
      case 0x12:
        content(found.spanId);
        break;
      case 0x1a:
        content(found.traceState);
        break;
      case 0x28:
        dropped = reader.varint32(end);
        break;
      case 0x35:
        flags = reader.fixed32(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  out.ascii('{"trace_id":');
  reader.writeHex(out, found.traceId[0]!, found.traceId[1]!);
  out.ascii(',"span_id":');
  reader.writeHex(out, found.spanId[0]!, found.spanId[1]!);
  out.ascii(',"trace_state":');
  reader.writeString(out, found.traceState[0]!, found.traceState[1]!);
  out.ascii(',"attributes":');
  reader.writePairs(out, reader.keyValues(start, end, 0x22, false));
  out.ascii(`,"dropped_attributes_count":${dropped},"flags":${flags}}`);
}
