/**
 * Decodes OTLP ExportTraceServiceRequest protobuf bytes straight into columns.
 *
 * A singular message field that occurs twice counts as its last occurrence; no OTLP encoder writes such bytes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { ByteSink } from "../../parquet/byte_sink.ts";
import type { AdmitSpan, DecodeResult, RefusedSpan, RejectReason } from "../contract.ts";
import { ANY, AnyValueReader } from "./any_value.ts";
import { AttributeWriter, type SpanContext } from "./attribute_writer.ts";
import type { ByteDictionary } from "./byte_dictionary.ts";
import { Int32List } from "./growable.ts";
import { nanosToMicros } from "./proto_reader.ts";
import { SideRowBuilder } from "./side_rows.ts";
import { writeEvent, writeLink } from "./span_events.ts";
import type { SpanColumns } from "./span_columns.ts";

const encoder = new TextEncoder();
const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map((name) =>
  encoder.encode(name)
);
const UNKNOWN = encoder.encode("unknown");
const SERVICE_NAME = encoder.encode("service.name");
const DETAILS_EVENT = encoder.encode("gen_ai.client.inference.operation.details");
const MAX_TIME_US = Number.MAX_SAFE_INTEGER;
/** Refused spans told of one by one. */
const MAX_REFUSED_SPANS = 16;

const REASON_TEXT: Readonly<Record<RejectReason, string>> = {
  invalid_trace_id: "trace_id must be 16 bytes, not all zero",
  invalid_span_id: "span_id must be 8 bytes, not all zero",
  invalid_parent_span_id: "parent_span_id must be empty or 8 bytes",
  invalid_timestamp: "a time is beyond the year 2255",
  invalid_utf8: "a name, key or string value is not valid UTF-8",
  span_too_large: "the span is larger than the server accepts",
  record_too_large: "the record is larger than the server accepts",
  too_deep: "an attribute value is nested too deep",
};

function sameBytes(buf: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  if (end - start !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (buf[start + i] !== expected[i]) return false;
  return true;
}

function isZero(buf: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (buf[at] !== 0) return false;
  return true;
}

/** Decodes requests into one set of columns. */
export class SpanDecoder {
  readonly #reader = new AnyValueReader();
  readonly #columns: SpanColumns;
  readonly #attributes: AttributeWriter;
  readonly #maxSpanBytes: number;
  /** Events and links as JSON may each take this much. */
  readonly #maxTextBytes: number;
  readonly #scratch = new ByteSink(1024);
  // Positions (start, end) of the repeated fields of the span at hand.
  readonly #attributeAt = new Int32List(64);
  readonly #eventAt = new Int32List();
  readonly #linkAt = new Int32List();

  // Dictionary indices of the resource and scope at hand, and why their spans must be refused.
  #resourceRefusal: RejectReason | null = null;
  #serviceName = -1;
  #resourceAttributes = -1;
  #scopeRefusal: RejectReason | null = null;
  #scopeName = -1;
  #scopeVersion = -1;
  #scopeAttributes = -1;

  #admit: AdmitSpan = () => true;
  #side = new SideRowBuilder();
  #added = 0;
  #deduplicated = 0;
  #seen = 0;
  #rejected = new Map<RejectReason, number>();
  #rejectedMessage = "";
  #refusedSpans: RefusedSpan[] = [];

  /** @param maxSpanBytes spans larger than this are refused */
  constructor(columns: SpanColumns, maxSpanBytes: number) {
    this.#columns = columns;
    this.#maxSpanBytes = maxSpanBytes;
    this.#maxTextBytes = maxSpanBytes * 2;
    this.#attributes = new AttributeWriter(this.#reader, columns);
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
    this.#reader.buf = body;
    this.#admit = admit;
    this.#side = new SideRowBuilder();
    this.#added = this.#deduplicated = this.#seen = 0;
    this.#rejected = new Map();
    this.#rejectedMessage = "";
    this.#refusedSpans = [];
    let kept = false;
    try {
      this.#request(body.length);
      kept = this.#added > 0;
      return {
        added: this.#added,
        deduplicated: this.#deduplicated,
        rejected: this.#rejected,
        rejectedMessage: this.#rejectedMessage,
        ...(this.#refusedSpans.length === 0 ? {} : { refusedSpans: this.#refusedSpans }),
        side: this.#side.rows(),
      };
    } finally {
      if (!kept) {
        columns.truncate(rows);
        columns.restoreDictionaries(mark);
        this.#attributes.forget();
      }
      this.#reader.buf = new Uint8Array(0);
    }
  }

  #request(end: number): void {
    const reader = this.#reader;
    reader.pos = 0;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag !== 0x0a) {
        reader.skip(tag, end);
        continue;
      }
      const contentEnd = reader.contentEnd(end);
      this.#resourceSpans(reader.pos, contentEnd);
      reader.pos = contentEnd;
    }
  }

  #resourceSpans(start: number, end: number): void {
    const reader = this.#reader;
    // The resource may follow its spans on the wire: find it first.
    let resourceStart = start;
    let resourceEnd = start;
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 0x0a) {
        resourceEnd = reader.contentEnd(end);
        resourceStart = reader.pos;
        reader.pos = resourceEnd;
      } else reader.skip(tag, end);
    }
    this.#resource(resourceStart, resourceEnd);
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag !== 0x12) {
        reader.skip(tag, end);
        continue;
      }
      const contentEnd = reader.contentEnd(end);
      this.#scopeSpans(reader.pos, contentEnd);
      reader.pos = contentEnd;
    }
  }

  #resource(start: number, end: number): void {
    const reader = this.#reader;
    const { service_name, resource_attributes } = this.#columns.builders;
    reader.refusal = null;
    const found = reader.keyValues(start, end, 0x0a, false);
    let service = -1;
    for (let i = 0; i < found.length; i += 4) {
      if (!sameBytes(reader.buf, found[i]!, found[i + 1]!, SERVICE_NAME)) continue;
      reader.parseAny(found[i + 2]!, found[i + 3]!);
      if (reader.kind !== ANY.STRING || reader.end === reader.start) continue;
      service = this.#intern(service_name.dictionary, reader.start, reader.end);
    }
    this.#serviceName = service < 0 ? internAll(service_name.dictionary, UNKNOWN) : service;
    this.#resourceAttributes = this.#internObject(resource_attributes.dictionary, found);
    this.#resourceRefusal = reader.refusal;
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

  #scopeSpans(start: number, end: number): void {
    const reader = this.#reader;
    let scopeStart = start;
    let scopeEnd = start;
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 0x0a) {
        scopeEnd = reader.contentEnd(end);
        scopeStart = reader.pos;
        reader.pos = scopeEnd;
      } else reader.skip(tag, end);
    }
    this.#scope(scopeStart, scopeEnd);
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag !== 0x12) {
        reader.skip(tag, end);
        continue;
      }
      const contentEnd = reader.contentEnd(end);
      this.#span(reader.pos, contentEnd);
      reader.pos = contentEnd;
    }
  }

  #scope(start: number, end: number): void {
    const reader = this.#reader;
    const { scope_name, scope_version, scope_attributes } = this.#columns.builders;
    reader.refusal = null;
    let name = -1;
    let version = -1;
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag !== 0x0a && tag !== 0x12) {
        reader.skip(tag, end);
        continue;
      }
      const contentEnd = reader.contentEnd(end);
      const isEmpty = contentEnd === reader.pos;
      const dictionary = tag === 0x0a ? scope_name.dictionary : scope_version.dictionary;
      const index = isEmpty ? -1 : this.#intern(dictionary, reader.pos, contentEnd);
      if (tag === 0x0a) name = index;
      else version = index;
      reader.pos = contentEnd;
    }
    this.#scopeName = name < 0 ? internAll(scope_name.dictionary, UNKNOWN) : name;
    this.#scopeVersion = version;
    const found = reader.keyValues(start, end, 0x1a, false);
    this.#scopeAttributes = this.#internObject(scope_attributes.dictionary, found);
    this.#scopeRefusal = reader.refusal;
  }

  #refuse(
    reason: RejectReason,
    spanIdStart: number,
    spanIdEnd: number,
    traceStart: number,
    traceEnd: number,
  ): void {
    this.#side.dropSpan();
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1);
    const { buf } = this.#reader;
    if (this.#refusedSpans.length < MAX_REFUSED_SPANS) {
      const known = traceEnd - traceStart === 16 && !isZero(buf, traceStart, traceEnd);
      this.#refusedSpans.push({
        reason,
        traceIdHex: known ? Buffer.from(buf.subarray(traceStart, traceEnd)).toString("hex") : null,
        serviceName: this.#columns.builders.service_name.dictionary.text(this.#serviceName),
      });
    }
    if (this.#rejectedMessage !== "") return;
    const id = Buffer.from(buf.subarray(spanIdStart, Math.min(spanIdEnd, spanIdStart + 16)))
      .toString("hex");
    this.#rejectedMessage = `Span ${this.#seen} of the request (span_id "${id}") was refused: ${
      REASON_TEXT[reason]
    }`;
  }

  /** Where a span's trace id lies: encoders write it first. */
  #traceIdOf(start: number, end: number): [start: number, end: number] {
    const { buf } = this.#reader;
    const found = buf[start] === 0x0a && buf[start + 1] === 16 && start + 18 <= end;
    return found ? [start + 2, start + 18] : [start, start];
  }

  #span(start: number, end: number): void {
    this.#seen++;
    if (end - start > this.#maxSpanBytes) {
      const [traceStart, traceEnd] = this.#traceIdOf(start, end);
      this.#refuse("span_too_large", start, start, traceStart, traceEnd);
      return;
    }
    const reader = this.#reader;
    const buf = reader.buf;
    const attributeAt = this.#attributeAt;
    let traceStart = start;
    let traceEnd = start;
    let spanStart = start;
    let spanEnd = start;
    let parentStart = start;
    let parentEnd = start;
    let stateStart = start;
    let stateEnd = start;
    let nameStart = start;
    let nameEnd = start;
    let statusStart = start;
    let statusEnd = start;
    let kind = 0;
    let flags = 0;
    let startLow = 0;
    let startHigh = 0;
    let endLow = 0;
    let endHigh = 0;
    let droppedAttributes = 0;
    let droppedEvents = 0;
    let droppedLinks = 0;
    attributeAt.length = 0;
    this.#eventAt.length = 0;
    this.#linkAt.length = 0;
    reader.pos = start;
    while (reader.pos < end) {
      const pos = reader.pos;
      // Most of a span is attributes shorter than 128 bytes.
      if (buf[pos] === 0x4a && pos + 2 <= end) {
        const size = buf[pos + 1]!;
        if (size < 128 && pos + 2 + size <= end) {
          attributeAt.push(pos + 2);
          attributeAt.push(reader.pos = pos + 2 + size);
          continue;
        }
      }
      const tag = reader.tag(end);
      let contentEnd = 0;
      switch (tag) {
        case 0x4a:
          contentEnd = reader.contentEnd(end);
          attributeAt.push(reader.pos);
          attributeAt.push(contentEnd);
          reader.pos = contentEnd;
          break;
        case 0x0a:
          traceEnd = reader.contentEnd(end);
          traceStart = reader.pos;
          reader.pos = traceEnd;
          break;
        case 0x12:
          spanEnd = reader.contentEnd(end);
          spanStart = reader.pos;
          reader.pos = spanEnd;
          break;
        case 0x1a:
          stateEnd = reader.contentEnd(end);
          stateStart = reader.pos;
          reader.pos = stateEnd;
          break;
        case 0x22:
          parentEnd = reader.contentEnd(end);
          parentStart = reader.pos;
          reader.pos = parentEnd;
          break;
        case 0x2a:
          nameEnd = reader.contentEnd(end);
          nameStart = reader.pos;
          reader.pos = nameEnd;
          break;
        case 0x30:
          kind = reader.varint32(end);
          break;
        case 0x39:
          reader.fixed64(end);
          startLow = reader.low;
          startHigh = reader.high;
          break;
        case 0x41:
          reader.fixed64(end);
          endLow = reader.low;
          endHigh = reader.high;
          break;
        case 0x50:
          droppedAttributes = reader.varint32(end);
          break;
        case 0x5a:
          contentEnd = reader.contentEnd(end);
          this.#eventAt.push(reader.pos);
          this.#eventAt.push(contentEnd);
          reader.pos = contentEnd;
          break;
        case 0x60:
          droppedEvents = reader.varint32(end);
          break;
        case 0x6a:
          contentEnd = reader.contentEnd(end);
          this.#linkAt.push(reader.pos);
          this.#linkAt.push(contentEnd);
          reader.pos = contentEnd;
          break;
        case 0x70:
          droppedLinks = reader.varint32(end);
          break;
        case 0x7a:
          statusEnd = reader.contentEnd(end);
          statusStart = reader.pos;
          reader.pos = statusEnd;
          break;
        case 0x85:
          flags = reader.fixed32(end);
          break;
        default:
          reader.skip(tag, end);
      }
    }
    reader.refusal = null;
    const startUs = nanosToMicros(startLow, startHigh);
    let endUs = nanosToMicros(endLow, endHigh);
    let reason: RejectReason | null = null;
    if (traceEnd - traceStart !== 16 || isZero(buf, traceStart, traceEnd)) {
      reason = "invalid_trace_id";
    } else if (spanEnd - spanStart !== 8 || isZero(buf, spanStart, spanEnd)) {
      reason = "invalid_span_id";
    } else if (parentEnd !== parentStart && parentEnd - parentStart !== 8) {
      reason = "invalid_parent_span_id";
    } else if (startUs > MAX_TIME_US || endUs > MAX_TIME_US) reason = "invalid_timestamp";
    reason ??= this.#resourceRefusal ?? this.#scopeRefusal;
    if (reason !== null) {
      this.#refuse(reason, spanStart, spanEnd, traceStart, traceEnd);
      return;
    }

    const b = this.#columns.builders;
    const row = this.#columns.rowCount;
    let durationMs = 0;
    if (endLow === 0 && endHigh === 0) endUs = startUs;
    else {
      durationMs = Math.floor(((endHigh - startHigh) * 4294967296 + (endLow - startLow)) / 1e6);
      if (durationMs < 0) durationMs = 0;
    }
    b.trace_id.push(buf, traceStart);
    b.span_id.push(buf, spanStart);
    if (parentEnd !== parentStart && !isZero(buf, parentStart, parentEnd)) {
      b.parent_span_id.begin().copy(buf, parentStart, parentEnd);
      b.parent_span_id.end(row);
    }
    b.flags.push(flags | 0);
    b.trace_state.push(this.#intern(b.trace_state.dictionary, stateStart, stateEnd));
    b.service_name.push(this.#serviceName);
    b.scope_name.push(this.#scopeName);
    b.scope_version.push(this.#scopeVersion);
    b.scope_attributes.push(this.#scopeAttributes);
    b.resource_attributes.push(this.#resourceAttributes);
    b.span_name.push(this.#intern(b.span_name.dictionary, nameStart, nameEnd));
    b.span_kind.push(internAll(b.span_kind.dictionary, KINDS[kind] ?? KINDS[0]!));
    b.start_time.push(startUs);
    b.end_time.push(endUs);
    b.duration_ms.push(durationMs);
    b.status_code.push(this.#status(row, statusStart, statusEnd));
    if (droppedAttributes !== 0) b.dropped_attributes_count.push(row, droppedAttributes, 0);
    if (droppedEvents !== 0) b.dropped_events_count.push(row, droppedEvents, 0);
    if (droppedLinks !== 0) b.dropped_links_count.push(row, droppedLinks, 0);

    const attributes = this.#attributes;
    const context: SpanContext = {
      row,
      startUs,
      traceIdAt: traceStart,
      scopeName: this.#scopeText,
    };
    attributes.begin();
    for (let i = 0; i < attributeAt.length; i += 2) {
      attributes.add(attributeAt.data[i]!, attributeAt.data[i + 1]!);
    }
    if (this.#eventAt.length > 0) this.#events(context);
    if (this.#linkAt.length > 0) this.#links(row);
    attributes.end(context, this.#side);

    if (reader.refusal !== null) {
      this.#columns.truncate(row);
      this.#refuse(reader.refusal, spanStart, spanEnd, traceStart, traceEnd);
    } else if (!this.#admit(buf, traceStart, spanStart)) {
      this.#columns.truncate(row);
      this.#side.dropSpan();
      this.#deduplicated++;
    } else {
      this.#columns.rowCount = row + 1;
      this.#side.commitSpan();
      this.#added++;
    }
  }

  readonly #scopeText = (): string =>
    this.#columns.builders.scope_name.dictionary.text(this.#scopeName);

  #status(row: number, start: number, end: number): number {
    const reader = this.#reader;
    let code = 0;
    let messageStart = start;
    let messageEnd = start;
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 0x12) {
        messageEnd = reader.contentEnd(end);
        messageStart = reader.pos;
        reader.pos = messageEnd;
      } else if (tag === 0x18) code = reader.varint32(end);
      else reader.skip(tag, end);
    }
    if (messageEnd > messageStart) {
      const { status_message } = this.#columns.builders;
      const index = this.#intern(status_message.dictionary, messageStart, messageEnd);
      if (index >= 0) status_message.push(row, index);
    }
    return code > 2 ? 0 : code;
  }

  /** An empty event takes two bytes on the wire and a hundred as JSON: refuses the span instead of swelling. */
  #fits(out: ByteSink, limit: number): boolean {
    if (out.length <= limit) return true;
    this.#reader.refusal ??= "span_too_large";
    return false;
  }

  #events(span: SpanContext): void {
    const reader = this.#reader;
    const { events } = this.#columns.builders;
    const at = this.#eventAt;
    const out = events.begin();
    const limit = out.length + this.#maxTextBytes;
    let details: readonly number[] | null = null;
    out.byte(0x5b);
    for (let i = 0; i < at.length && this.#fits(out, limit); i += 2) {
      if (i > 0) out.byte(0x2c);
      const event = writeEvent(reader, out, at.data[i]!, at.data[i + 1]!);
      this.#attributes.addEvent(span, event.attributes, this.#side);
      if (sameBytes(reader.buf, event.nameStart, event.nameEnd, DETAILS_EVENT)) {
        details ??= event.attributes;
      }
    }
    out.byte(0x5d);
    events.end(span.row);
    if (details !== null) this.#attributes.addFallbacks(details);
  }

  #links(row: number): void {
    const { links } = this.#columns.builders;
    const at = this.#linkAt;
    const out = links.begin();
    const limit = out.length + this.#maxTextBytes;
    out.byte(0x5b);
    for (let i = 0; i < at.length && this.#fits(out, limit); i += 2) {
      if (i > 0) out.byte(0x2c);
      writeLink(this.#reader, out, at.data[i]!, at.data[i + 1]!);
    }
    out.byte(0x5d);
    links.end(row);
  }
}

function internAll(dictionary: ByteDictionary, bytes: Uint8Array): number {
  return dictionary.intern(bytes, 0, bytes.length);
}
