/**
 * Decodes OTLP ExportLogsServiceRequest protobuf bytes straight into columns.
 *
 * A singular message field that occurs twice counts as its last occurrence; no OTLP encoder writes such bytes.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { ByteSink } from "../parquet/byte_sink.ts";
import type { AdmitSpan, DecodeResult, RejectReason } from "../traces/contract.ts";
import { ANY, AnyValueReader } from "../traces/segment/any_value.ts";
import type { ByteDictionary } from "../traces/segment/byte_dictionary.ts";
import { nanosToMicros } from "../traces/segment/proto_reader.ts";
import { type LogColumns, RECORD_ID_BYTES } from "./log_columns.ts";

const encoder = new TextEncoder();
const UNKNOWN = encoder.encode("unknown");
const SERVICE_NAME = encoder.encode("service.name");
const EVENT_NAME = encoder.encode("event.name");
const MAX_TIME_US = Number.MAX_SAFE_INTEGER;
const MAX_SEVERITY = 24;
const NO_SIDE = { tags: [], baggage: [], entities: [] };

const REASON_TEXT: Readonly<Partial<Record<RejectReason, string>>> = {
  invalid_timestamp: "a time is beyond the year 2255",
  invalid_utf8: "a name, key or string value is not valid UTF-8",
  record_too_large: "the record is larger than the server accepts",
  too_deep: "a value is nested too deep",
};

/** Where something lies in the request. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** What all records of a scope share. */
interface Shared {
  readonly resource: Range;
  readonly scope: Range;
  readonly refusal: RejectReason | null;
  readonly serviceName: number;
  readonly resourceAttributes: number;
  readonly scopeName: number;
  readonly scopeVersion: number;
  readonly scopeAttributes: number;
}

/** Decodes requests into one set of columns. */
export class LogDecoder {
  readonly #reader = new AnyValueReader("ExportLogsServiceRequest");
  readonly #columns: LogColumns;
  readonly #maxRecordBytes: number;
  readonly #scratch = new ByteSink(1024);
  readonly #now: () => number;
  /** How often each record occurred in the request at hand, by its content. */
  #occurrences = new Map<string, number>();
  #nowUs = 0;
  #admit: AdmitSpan = () => true;
  #added = 0;
  #deduplicated = 0;
  #seen = 0;
  #rejected = new Map<RejectReason, number>();
  #rejectedMessage = "";

  /**
   * @param maxRecordBytes records larger than this are refused
   * @param now present time, milliseconds since the epoch
   */
  constructor(columns: LogColumns, maxRecordBytes: number, now: () => number) {
    this.#columns = columns;
    this.#maxRecordBytes = maxRecordBytes;
    this.#now = now;
  }

  /**
   * Decodes one request.
   *
   * @throws ScouterError BAD_REQUEST when the bytes are malformed; the columns are then as before
   */
  decode(body: Uint8Array, admit: AdmitSpan): DecodeResult {
    const columns = this.#columns;
    const rows = columns.rowCount;
    const mark = columns.dictionaryMark();
    const reader = this.#reader;
    reader.buf = body;
    this.#admit = admit;
    this.#nowUs = this.#now() * 1000;
    this.#occurrences = new Map();
    this.#added = this.#deduplicated = this.#seen = 0;
    this.#rejected = new Map();
    this.#rejectedMessage = "";
    let kept = false;
    try {
      for (const { start, end } of this.#messages(0, body.length, 0x0a)) {
        this.#resourceLogs(start, end);
      }
      kept = this.#added > 0;
      return {
        added: this.#added,
        deduplicated: this.#deduplicated,
        rejected: this.#rejected,
        rejectedMessage: this.#rejectedMessage,
        side: NO_SIDE,
      };
    } finally {
      if (!kept) {
        columns.truncate(rows);
        columns.restoreDictionaries(mark);
      }
      reader.buf = new Uint8Array(0);
    }
  }

  /** Where the messages in field `tag` of [start, end) lie. */
  #messages(start: number, end: number, tag: number): Range[] {
    const reader = this.#reader;
    const found: Range[] = [];
    reader.pos = start;
    while (reader.pos < end) {
      const next = reader.tag(end);
      if (next !== tag) {
        reader.skip(next, end);
        continue;
      }
      const contentEnd = reader.contentEnd(end);
      found.push({ start: reader.pos, end: contentEnd });
      reader.pos = contentEnd;
    }
    return found;
  }

  #resourceLogs(start: number, end: number): void {
    // The resource may follow its records on the wire: find it first.
    const resource = this.#messages(start, end, 0x0a).at(-1) ?? { start, end: start };
    for (const scopeLogs of this.#messages(start, end, 0x12)) {
      const scope = this.#messages(scopeLogs.start, scopeLogs.end, 0x0a).at(-1) ??
        { start: scopeLogs.start, end: scopeLogs.start };
      const shared = this.#shared(resource, scope);
      const reader = this.#reader;
      reader.pos = scopeLogs.start;
      while (reader.pos < scopeLogs.end) {
        const tag = reader.tag(scopeLogs.end);
        if (tag !== 0x12) {
          reader.skip(tag, scopeLogs.end);
          continue;
        }
        const contentEnd = reader.contentEnd(scopeLogs.end);
        this.#record(reader.pos, contentEnd, shared);
        reader.pos = contentEnd;
      }
    }
  }

  #shared(resource: Range, scope: Range): Shared {
    const reader = this.#reader;
    const b = this.#columns.builders;
    reader.refusal = null;
    const found = reader.keyValues(resource.start, resource.end, 0x0a, false);
    let service = -1;
    for (let i = 0; i < found.length; i += 4) {
      if (!sameBytes(reader.buf, found[i]!, found[i + 1]!, SERVICE_NAME)) continue;
      reader.parseAny(found[i + 2]!, found[i + 3]!);
      if (reader.kind !== ANY.STRING || reader.end === reader.start) continue;
      service = this.#intern(b.service_name.dictionary, reader.start, reader.end);
    }
    const resourceAttributes = this.#internObject(b.resource_attributes.dictionary, found);
    const text = (tag: number, dictionary: ByteDictionary): number => {
      const at = this.#messages(scope.start, scope.end, tag).at(-1);
      return at === undefined || at.start === at.end
        ? -1
        : this.#intern(dictionary, at.start, at.end);
    };
    const scopeName = text(0x0a, b.scope_name.dictionary);
    const scopeVersion = text(0x12, b.scope_version.dictionary);
    const scopeAttributes = this.#internObject(
      b.scope_attributes.dictionary,
      reader.keyValues(scope.start, scope.end, 0x1a, false),
    );
    return {
      resource,
      scope,
      refusal: reader.refusal,
      serviceName: service < 0 ? internAll(b.service_name.dictionary, UNKNOWN) : service,
      resourceAttributes,
      scopeName: scopeName < 0 ? internAll(b.scope_name.dictionary, UNKNOWN) : scopeName,
      scopeVersion,
      scopeAttributes,
    };
  }

  #intern(dictionary: ByteDictionary, start: number, end: number): number {
    const index = dictionary.intern(this.#reader.buf, start, end);
    if (index < 0) this.#reader.refusal ??= "invalid_utf8";
    return index;
  }

  /** Interns KeyValues as one JSON object; -1 when there are none. */
  #internObject(dictionary: ByteDictionary, found: readonly number[]): number {
    if (found.length === 0) return -1;
    const scratch = this.#scratch;
    scratch.length = 0;
    this.#reader.writeObject(scratch, found, 0);
    if (this.#reader.refusal !== null) return -1;
    return dictionary.intern(scratch.buf, 0, scratch.length);
  }

  #refuse(reason: RejectReason): void {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1);
    if (this.#rejectedMessage !== "") return;
    this.#rejectedMessage = `Log record ${this.#seen} of the request was refused: ${
      REASON_TEXT[reason] ?? reason
    }`;
  }

  #record(start: number, end: number, shared: Shared): void {
    this.#seen++;
    if (end - start > this.#maxRecordBytes) {
      this.#refuse("record_too_large");
      return;
    }
    const reader = this.#reader;
    const { buf } = reader;
    const ranges = { text: NONE, body: NONE, traceId: NONE, spanId: NONE, eventName: NONE };
    const content = (name: keyof typeof ranges) => {
      const contentEnd = reader.contentEnd(end);
      ranges[name] = { start: reader.pos, end: contentEnd };
      reader.pos = contentEnd;
    };
    let timeUs = 0;
    let observedUs = 0;
    let severity = 0;
    let dropped = 0;
    let flags = 0;
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      switch (tag) {
        case 0x09:
          reader.fixed64(end);
          timeUs = nanosToMicros(reader.low, reader.high);
          break;
        case 0x59:
          reader.fixed64(end);
          observedUs = nanosToMicros(reader.low, reader.high);
          break;
        case 0x10:
          severity = reader.varint32(end);
          break;
        case 0x1a:
          content("text");
          break;
        case 0x2a:
          content("body");
          break;
        case 0x38:
          dropped = reader.varint32(end);
          break;
        case 0x45:
          flags = reader.fixed32(end);
          break;
        case 0x4a:
          content("traceId");
          break;
        case 0x52:
          content("spanId");
          break;
        case 0x62:
          content("eventName");
          break;
        default:
          reader.skip(tag, end);
      }
    }
    reader.refusal = shared.refusal;
    if (timeUs > MAX_TIME_US || observedUs > MAX_TIME_US) reader.refusal ??= "invalid_timestamp";
    if (reader.refusal !== null) {
      this.#refuse(reader.refusal);
      return;
    }
    const b = this.#columns.builders;
    const row = this.#columns.rowCount;
    if (observedUs === 0) observedUs = timeUs === 0 ? this.#nowUs : timeUs;
    b.time.push(timeUs === 0 ? observedUs : timeUs);
    b.observed_time.push(observedUs);
    b.sequence.push(this.#seen);
    b.flags.push(flags | 0);
    b.service_name.push(shared.serviceName);
    b.scope_name.push(shared.scopeName);
    b.scope_version.push(shared.scopeVersion);
    b.scope_attributes.push(shared.scopeAttributes);
    b.resource_attributes.push(shared.resourceAttributes);
    b.severity_number.push(severity > MAX_SEVERITY ? 0 : severity);
    if (dropped !== 0) b.dropped_attributes_count.push(row, dropped, 0);
    // A record with an unusable id belongs to no trace, by the protocol's definition of the field.
    const { traceId, spanId } = ranges;
    if (isId(buf, traceId, 16)) {
      b.trace_id.begin().copy(buf, traceId.start, traceId.end);
      b.trace_id.end(row);
      if (isId(buf, spanId, 8)) {
        b.span_id.begin().copy(buf, spanId.start, spanId.end);
        b.span_id.end(row);
      }
    }
    this.#sparseText(b.severity_text, row, ranges.text);
    const fromAttributes = this.#attributes(start, end);
    this.#sparseText(
      b.event_name,
      row,
      ranges.eventName.end > ranges.eventName.start ? ranges.eventName : fromAttributes,
    );
    this.#body(row, ranges.body);
    if (reader.refusal !== null) {
      this.#columns.truncate(row);
      this.#refuse(reader.refusal);
      return;
    }
    const id = this.#recordId(start, end, shared);
    if (!this.#admit(id, 0, 16)) {
      this.#columns.truncate(row);
      this.#deduplicated++;
      return;
    }
    b.record_id.push(id, 0);
    this.#columns.rowCount = row + 1;
    this.#added++;
  }

  #sparseText(
    builder: LogColumns["builders"]["event_name"],
    row: number,
    { start, end }: Range,
  ): void {
    if (end <= start) return;
    const index = this.#intern(builder.dictionary, start, end);
    if (index >= 0) builder.push(row, index);
  }

  /** Files the attributes; returns where the text of `event.name` lies. */
  #attributes(start: number, end: number): Range {
    const reader = this.#reader;
    const map = this.#columns.builders.attributes;
    const found = reader.keyValues(start, end, 0x32, false);
    let eventName = NONE;
    for (let i = 0; i < found.length; i += 4) {
      const key = this.#intern(map.dictionary, found[i]!, found[i + 1]!);
      reader.parseAny(found[i + 2]!, found[i + 3]!);
      if (
        reader.kind === ANY.STRING && sameBytes(reader.buf, found[i]!, found[i + 1]!, EVENT_NAME)
      ) {
        eventName = { start: reader.start, end: reader.end };
      }
      reader.writeParsed(map.begin(), 0);
      map.add(key);
    }
    map.endRow();
    return eventName;
  }

  #body(row: number, { start, end }: Range): void {
    const reader = this.#reader;
    if (end <= start) return;
    reader.parseAny(start, end);
    if (reader.kind === ANY.UNSET) return;
    const { body } = this.#columns.builders;
    reader.writeParsed(body.begin(), 0);
    body.end(row);
  }

  /** Says the same for the same record of the same request, however often it is sent. */
  #recordId(start: number, end: number, { resource, scope }: Shared): Uint8Array {
    const { buf } = this.#reader;
    const content = createHash("sha256")
      .update(buf.subarray(resource.start, resource.end))
      .update(SEPARATOR)
      .update(buf.subarray(scope.start, scope.end))
      .update(SEPARATOR)
      .update(buf.subarray(start, end))
      .digest();
    // Records that are alike in all they hold, twice in one request, are two.
    const key = content.toString("latin1");
    const occurrence = this.#occurrences.get(key) ?? 0;
    this.#occurrences.set(key, occurrence + 1);
    if (occurrence === 0) return content.subarray(0, RECORD_ID_BYTES);
    return createHash("sha256").update(content).update(String(occurrence)).digest()
      .subarray(0, RECORD_ID_BYTES);
  }
}

const NONE: Range = { start: 0, end: 0 };
const SEPARATOR = new Uint8Array([0]);

function sameBytes(buf: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  if (end - start !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (buf[start + i] !== expected[i]) return false;
  return true;
}

function isId(buf: Uint8Array, { start, end }: Range, sizeBytes: number): boolean {
  return end - start === sizeBytes && buf.subarray(start, end).some((byte) => byte !== 0);
}

function internAll(dictionary: ByteDictionary, bytes: Uint8Array): number {
  return dictionary.intern(bytes, 0, bytes.length);
}
