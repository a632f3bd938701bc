/**
 * Files the attributes of a span: into the map, the promoted columns and the side rows.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { AttributeAlias } from "../../../genai/conventions.ts";
import { ByteSink } from "../../parquet/byte_sink.ts";
import { ANY, type AnyValueReader, doubleText } from "./any_value.ts";
import { ACTION, type AttributeAction, attributeAction } from "./attribute_actions.ts";
import { SparseBytesBuilder, SparseDictBuilder, SparseIntBuilder } from "./column_builders.ts";
import { Int32List } from "./growable.ts";
import type { SideRowBuilder } from "./side_rows.ts";
import type { SpanColumns } from "./span_columns.ts";
import { isValidUtf8 } from "./utf8.ts";
import { normaliseUuid } from "./uuid.ts";

const encoder = new TextEncoder();
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** The span whose attributes are written. */
export interface SpanContext {
  readonly row: number;
  readonly startUs: number;
  readonly traceIdAt: number;
  readonly scopeName: () => string;
}

/** Knows the attribute keys of the segment. Arrays are indexed by a key's dictionary index. */
export class AttributeWriter {
  readonly #reader: AnyValueReader;
  readonly #columns: SpanColumns;
  readonly #known: AttributeAction[] = [];
  readonly #actions = new Int32List();
  /** Dictionary index of a tag's bare key. */
  readonly #bare = new Int32List();
  /** Span that stored the key last, and its map entry (-1 when it has none any more). */
  readonly #storedBy = new Int32List();
  readonly #entries = new Int32List();
  /** Span that last met the key with something to do at its end, and the value then. */
  readonly #pendingBy = new Int32List();
  readonly #valueStarts = new Int32List();
  readonly #valueEnds = new Int32List();
  readonly #pending = new Int32List();
  readonly #scratch = new ByteSink(256);
  readonly #entityIds = new Set<string>();
  readonly #queueIds = new Set<string>();
  #serial = 0;

  constructor(reader: AnyValueReader, columns: SpanColumns) {
    this.#reader = reader;
    this.#columns = columns;
  }

  /** Forgets keys that the dictionary no longer holds. */
  forget(): void {
    const count = this.#columns.builders.attributes.dictionary.count;
    if (count < this.#known.length) this.#known.length = count;
    for (
      const list of [
        this.#actions,
        this.#bare,
        this.#storedBy,
        this.#entries,
        this.#pendingBy,
        this.#valueStarts,
        this.#valueEnds,
      ]
    ) list.length = Math.min(list.length, count);
  }

  #learn(key: number): void {
    const dictionary = this.#columns.builders.attributes.dictionary;
    for (let next = this.#known.length; next <= key; next++) {
      const action = attributeAction(dictionary.text(next));
      this.#known.push(action);
      this.#actions.push(action.action);
      this.#storedBy.push(-1);
      this.#entries.push(-1);
      this.#pendingBy.push(-1);
      this.#valueStarts.push(-1);
      this.#valueEnds.push(-1);
      let bare = -1;
      if (action.action === ACTION.TAG || action.action === ACTION.BAGGAGE_TAG) {
        const bytes = encoder.encode(action.bareKey);
        bare = dictionary.intern(bytes, 0, bytes.length);
      }
      this.#bare.push(bare);
      if (bare > key) key = bare;
    }
  }

  /** Starts a span. */
  begin(): void {
    if (++this.#serial === 0x7fffffff) {
      this.#storedBy.data.fill(-1);
      this.#pendingBy.data.fill(-1);
      this.#serial = 0;
    }
    this.#pending.length = 0;
    if (this.#entityIds.size > 0) this.#entityIds.clear();
    if (this.#queueIds.size > 0) this.#queueIds.clear();
  }

  /** Files the attribute whose KeyValue is in [start, end). */
  add(start: number, end: number): void {
    const reader = this.#reader;
    const map = this.#columns.builders.attributes;
    reader.parseKeyValue(start, end);
    const key = map.dictionary.intern(reader.buf, reader.keyStart, reader.keyEnd);
    if (key < 0) {
      reader.refusal ??= "invalid_utf8";
      return;
    }
    if (key >= this.#known.length) this.#learn(key);
    const action = this.#actions.data[key]!;
    reader.parseAny(reader.valueStart, reader.valueEnd);
    if (action === ACTION.PLAIN) {
      this.#store(key);
      return;
    }
    if (this.#pendingBy.data[key] !== this.#serial) {
      this.#pendingBy.data[key] = this.#serial;
      this.#pending.push(key);
    }
    this.#valueStarts.data[key] = reader.valueStart;
    this.#valueEnds.data[key] = reader.valueEnd;
    if (action === ACTION.BAGGAGE) return;
    if (action === ACTION.TAG || action === ACTION.BAGGAGE_TAG) {
      this.#storeAsText(this.#bare.data[key]!);
    } else if (action === ACTION.PAYLOAD_COLUMN && reader.kind === ANY.STRING) {
      this.#overwrite(key, -1);
    } else this.#store(key);
  }

  /** Notes that the key's entry in this span is `entry` now. */
  #overwrite(key: number, entry: number): void {
    if (this.#storedBy.data[key] === this.#serial) {
      const earlier = this.#entries.data[key]!;
      if (earlier >= 0) this.#columns.builders.attributes.kill(earlier);
    }
    this.#storedBy.data[key] = this.#serial;
    this.#entries.data[key] = entry;
  }

  #store(key: number): void {
    const map = this.#columns.builders.attributes;
    this.#overwrite(key, map.entryCount);
    this.#reader.writeParsed(map.begin(), 0);
    map.add(key);
  }

  #storeAsText(key: number): void {
    const map = this.#columns.builders.attributes;
    this.#overwrite(key, map.entryCount);
    const out = map.begin();
    if (this.#reader.kind === ANY.STRING) this.#reader.writeParsed(out, 0);
    else {
      const bytes = encoder.encode(JSON.stringify(this.#textOfParsed()));
      out.copy(bytes, 0, bytes.length);
    }
    map.add(key);
  }

  /** The value parsed last in string form: scalars printed, arrays and kvlists as JSON, bytes and unset `null`. */
  #textOfParsed(): string {
    const reader = this.#reader;
    switch (reader.kind) {
      case ANY.STRING:
        return this.#string(reader.start, reader.end);
      case ANY.DOUBLE: {
        const text = doubleText(reader.doubleValue());
        return text.endsWith(".0") ? text.slice(0, -2) : text;
      }
      case ANY.BYTES:
        return "null";
      default: {
        const scratch = this.#scratch;
        scratch.length = 0;
        reader.writeParsed(scratch, 0);
        return Buffer.from(scratch.buf.buffer, 0, scratch.length).toString("utf8");
      }
    }
  }

  #string(start: number, end: number): string {
    const buf = this.#reader.buf;
    if (!isValidUtf8(buf, start, end)) this.#reader.refusal ??= "invalid_utf8";
    return Buffer.from(buf.buffer, buf.byteOffset + start, end - start).toString("utf8");
  }

  /** Looks for entity and queue ids among an event's attributes. */
  addEvent(span: SpanContext, found: readonly number[], side: SideRowBuilder): void {
    const reader = this.#reader;
    let entities: string[] | null = null;
    let queued = false;
    for (let i = 0; i < found.length; i += 4) {
      const start = found[i]!;
      const end = found[i + 1]!;
      // "scouter.entity" is the shortest key of interest.
      if (end - start < 14 || reader.buf[start] !== 0x73 || reader.buf[start + 1] !== 0x63) {
        continue;
      }
      const { action } = attributeAction(this.#string(start, end));
      if (action !== ACTION.ENTITY && action !== ACTION.QUEUE) continue;
      reader.parseAny(found[i + 2]!, found[i + 3]!);
      const uid = this.#uuidOfParsed();
      if (uid === null) continue;
      if (action === ACTION.ENTITY) (entities ??= []).push(uid);
      else {
        queued = true;
        this.#queueIds.add(uid);
      }
    }
    if (entities !== null) this.#entities(span, entities, queued, side);
  }

  /**
   * GenAI message payloads of an inference-details event stand in for those the span itself lacks. Call after the
   * span's attributes and before {@linkcode AttributeWriter.end}.
   */
  addFallbacks(found: readonly number[]): void {
    const { dictionary } = this.#columns.builders.attributes;
    const { buf } = this.#reader;
    for (let i = 0; i < found.length; i += 4) {
      const known = attributeAction(this.#string(found[i]!, found[i + 1]!));
      if (known.action !== ACTION.PAYLOAD_COLUMN) continue;
      if (known.column === "input" || known.column === "output") continue;
      const key = dictionary.intern(buf, found[i]!, found[i + 1]!);
      if (key >= this.#known.length) this.#learn(key);
      if (this.#pendingBy.data[key] === this.#serial) continue;
      this.#pendingBy.data[key] = this.#serial;
      this.#pending.push(key);
      this.#valueStarts.data[key] = found[i + 2]!;
      this.#valueEnds.data[key] = found[i + 3]!;
    }
  }

  #uuidOfParsed(): string | null {
    const { kind, start, end } = this.#reader;
    return kind === ANY.STRING ? normaliseUuid(this.#string(start, end)) : null;
  }

  #entities(
    span: SpanContext,
    uids: readonly string[],
    queueOwned: boolean,
    side: SideRowBuilder,
  ): void {
    const traceIdHex = this.#traceHex(span);
    for (const entityUid of uids) {
      this.#entityIds.add(entityUid);
      side.entity({ traceIdHex, entityUid, taggedAtUs: span.startUs, queueOwned });
    }
  }

  #traceHex(span: SpanContext): string {
    const buf = this.#reader.buf;
    return Buffer.from(buf.buffer, buf.byteOffset + span.traceIdAt, 16).toString("hex");
  }

  /** Completes the span: promoted columns, tags, baggage, entity and queue ids. */
  end(span: SpanContext, side: SideRowBuilder): void {
    this.#columns.builders.attributes.endRow();
    if (this.#pending.length > 0) this.#finishPending(span, side);
    const { entity_ids, queue_ids } = this.#columns.builders;
    if (this.#entityIds.size > 0) entity_ids.push(span.row, [...this.#entityIds]);
    if (this.#queueIds.size > 0) queue_ids.push(span.row, [...this.#queueIds]);
  }

  #finishPending(span: SpanContext, side: SideRowBuilder): void {
    const reader = this.#reader;
    let entities: string[] | null = null;
    let queued = false;
    let aliased = false;
    for (let i = 0; i < this.#pending.length; i++) {
      const key = this.#pending.data[i]!;
      const known = this.#known[key]!;
      if (known.action === ACTION.ALIAS) {
        aliased = true;
        continue;
      }
      reader.parseAny(this.#valueStarts.data[key]!, this.#valueEnds.data[key]!);
      switch (known.action) {
        case ACTION.ENTITY: {
          const uid = this.#uuidOfParsed();
          if (uid !== null) (entities ??= []).push(uid);
          break;
        }
        case ACTION.QUEUE: {
          const uid = this.#uuidOfParsed();
          if (uid === null) break;
          queued = true;
          this.#queueIds.add(uid);
          break;
        }
        case ACTION.TAG:
        case ACTION.BAGGAGE_TAG:
        case ACTION.BAGGAGE:
          this.#sideRow(span, known, side);
          break;
        default:
          this.promote(span.row, known);
      }
    }
    if (aliased) this.#promoteAliases(span.row);
    if (entities !== null) this.#entities(span, entities, queued, side);
  }

  /** Fills the columns that are still empty from attributes that say the same under other names. */
  #promoteAliases(row: number): void {
    const reader = this.#reader;
    const keys = Array.from(this.#pending.data.subarray(0, this.#pending.length))
      .filter((key) => this.#known[key]?.alias !== undefined)
      .sort((a, b) => (this.#known[a]?.rank ?? 0) - (this.#known[b]?.rank ?? 0));
    const names = new Set(keys.map((key) => this.#known[key]?.alias?.attribute));
    for (const key of keys) {
      const known = this.#known[key]!;
      const { alias } = known;
      if (alias === undefined) continue;
      if (alias.beside !== undefined && !names.has(alias.beside)) continue;
      const builder = this.#columns.builders[alias.column];
      if (builder.has(row)) continue;
      reader.parseAny(this.#valueStarts.data[key]!, this.#valueEnds.data[key]!);
      if (alias.values === undefined && alias.member === undefined) {
        this.promote(row, known);
        continue;
      }
      const text = this.#aliasText(alias);
      const value = text === null ? undefined : alias.values?.get(text.toLowerCase()) ?? text;
      const isListed = text !== null && alias.values?.has(text.toLowerCase()) === true;
      if (value === undefined || (alias.listedOnly === true && !isListed)) continue;
      if (builder instanceof SparseDictBuilder) {
        const bytes = encoder.encode(value);
        builder.push(row, builder.dictionary.intern(bytes, 0, bytes.length));
      }
    }
  }

  /** The text of the value parsed last, as an alias means it; null when it says nothing. */
  #aliasText({ member }: AttributeAlias): string | null {
    const reader = this.#reader;
    if (reader.kind !== ANY.STRING) return null;
    const text = this.#string(reader.start, reader.end);
    if (member === undefined) return text;
    let found: unknown;
    try {
      found = JSON.parse(text);
    } catch {
      // Not written by whom the table means: an attribute like any other.
      return null;
    }
    const value = typeof found === "object" && found !== null && Object.hasOwn(found, member)
      ? Reflect.get(found, member)
      : null;
    return typeof value === "string" && value.isWellFormed() ? value : null;
  }

  #sideRow(span: SpanContext, known: AttributeAction, side: SideRowBuilder): void {
    const traceIdHex = this.#traceHex(span);
    const value = this.#textOfParsed();
    const key = known.bareKey ?? "";
    if (known.action !== ACTION.BAGGAGE) side.tag(traceIdHex, key, value);
    if (known.action === ACTION.TAG) return;
    side.baggage({
      createdAtUs: span.startUs,
      traceIdHex,
      scope: span.scopeName(),
      key: known.action === ACTION.BAGGAGE_TAG ? `scouter.tracing.tag.${key}` : key,
      value,
    });
  }

  /** Fills the promoted column of an attribute with the value parsed last. */
  promote(row: number, { column }: AttributeAction): void {
    if (column === undefined) return;
    const reader = this.#reader;
    const builder = this.#columns.builders[column];
    if (builder instanceof SparseDictBuilder) {
      if (reader.kind !== ANY.STRING) return;
      const index = builder.dictionary.intern(reader.buf, reader.start, reader.end);
      if (index < 0) reader.refusal ??= "invalid_utf8";
      else builder.push(row, index);
    } else if (builder instanceof SparseIntBuilder) this.#promoteToken(row, builder);
    else if (builder instanceof SparseBytesBuilder && reader.kind !== ANY.UNSET) {
      const { kind, start, end } = reader;
      const out = builder.begin();
      if (kind !== ANY.STRING) reader.writeParsed(out, 0);
      else if ((column === "input" || column === "output") && !this.#isJson(start, end)) {
        reader.writeString(out, start, end);
      } else reader.writeRaw(out, start, end);
      builder.end(row);
    }
  }

  #promoteToken(row: number, builder: SparseIntBuilder): void {
    const reader = this.#reader;
    let value: bigint;
    switch (reader.kind) {
      case ANY.INT:
        reader.pos = reader.start;
        reader.varint64(reader.end);
        builder.push(row, reader.low, reader.high);
        return;
      case ANY.DOUBLE: {
        const double = reader.doubleValue();
        if (!Number.isFinite(double)) return;
        value = BigInt(Math.trunc(double));
        break;
      }
      case ANY.STRING: {
        // 19 digits and a sign hold every 64-bit integer; leave room for spaces.
        if (reader.end - reader.start > 64) return;
        const text = this.#string(reader.start, reader.end).trim();
        if (!/^[+-]?\d+$/.test(text)) return;
        value = BigInt(text.startsWith("+") ? text.slice(1) : text);
        break;
      }
      default:
        return;
    }
    if (value < INT64_MIN || value > INT64_MAX) return;
    builder.push(row, Number(value & 0xffffffffn), Number(value >> 32n));
  }

  #isJson(start: number, end: number): boolean {
    try {
      JSON.parse(this.#string(start, end));
      return true;
    } catch (error) {
      if (error instanceof SyntaxError) return false;
      throw error;
    }
  }
}
