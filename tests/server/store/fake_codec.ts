/**
 * A small stand-in for the segment format, on another Parquet writer: requests are JSON arrays of spans.
 *
 * @module
 */

import { parquetWriteBuffer } from "hyparquet-writer";
import { ScouterError } from "../../../server/errors.ts";
import type {
  AdmitSpan,
  DecodeResult,
  DetachedSegment,
  EncodedFile,
  SealedFile,
  SegmentBuilder,
  SideRows,
} from "../../../server/lake/traces/contract.ts";
import type { SegmentCodec } from "../../../server/lake/traces/store/mod.ts";

export interface FakeSpan {
  /** 32 hex digits. */
  readonly t: string;
  /** 16 hex digits. */
  readonly s: string;
  /** Start, µs. */
  readonly us: number;
  readonly svc: string;
  readonly tag?: string;
}

export const fakeBody = (spans: readonly FakeSpan[]): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(spans));

const fromHex = (hex: string): Uint8Array =>
  new Uint8Array(hex.match(/../g)?.map((pair) => parseInt(pair, 16)) ?? []);

function fakeHash(bytes: Uint8Array, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0) ^ 0x5a5an;
}

function encodeRows(rows: readonly FakeSpan[]): EncodedFile {
  const starts = rows.map(({ us }) => us);
  const timestamps = () => rows.map(({ us }) => BigInt(us));
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "trace_id", data: rows.map(({ t }) => fromHex(t)) },
      { name: "span_id", data: rows.map(({ s }) => fromHex(s)) },
      { name: "service_name", data: rows.map(({ svc }) => svc) },
      { name: "start_time", data: timestamps() },
      { name: "end_time", data: timestamps() },
    ],
    schema: [
      { name: "root", num_children: 5 },
      { name: "trace_id", type: "BYTE_ARRAY", repetition_type: "REQUIRED" },
      { name: "span_id", type: "BYTE_ARRAY", repetition_type: "REQUIRED" },
      {
        name: "service_name",
        type: "BYTE_ARRAY",
        converted_type: "UTF8",
        repetition_type: "REQUIRED",
      },
      ...["start_time", "end_time"].map((name) => ({
        name,
        type: "INT64" as const,
        repetition_type: "REQUIRED" as const,
        logical_type: {
          type: "TIMESTAMP" as const,
          isAdjustedToUTC: true,
          unit: "MICROS" as const,
        },
      })),
    ],
    codec: "UNCOMPRESSED",
  });
  return {
    bytes: new Uint8Array(buffer),
    rows: rows.length,
    minStartUs: Math.min(...starts),
    maxStartUs: Math.max(...starts),
    maxEndUs: Math.max(...starts),
    services: [...new Set(rows.map(({ svc }) => svc))],
    traceHashes: new BigUint64Array(new Set(rows.map(({ t }) => fakeHash(fromHex(t), 0)))).sort(),
  };
}

class FakeBuilder implements SegmentBuilder {
  #rows: FakeSpan[] = [];

  get rowCount(): number {
    return this.#rows.length;
  }

  get byteSize(): number {
    return this.#rows.length * 100;
  }

  countEndedBefore(from: number, timeUs: number): number {
    return this.#rows.slice(from).filter(({ us }) => us < timeUs).length;
  }

  append(body: Uint8Array, _encoding: string, admit: AdmitSpan): DecodeResult {
    const before = this.#rows.length;
    let deduplicated = 0;
    const tags: SideRows["tags"][number][] = [];
    try {
      for (const span of JSON.parse(new TextDecoder().decode(body)) as FakeSpan[]) {
        const ids = fromHex(span.t + span.s);
        if (ids.length !== 24) throw new Error(`span "${span.s}" has no id`);
        if (!admit(ids, 0, 16)) {
          deduplicated++;
          continue;
        }
        this.#rows.push(span);
        if (span.tag !== undefined) {
          tags.push({ entityType: "span", entityId: span.s, key: "tag", value: span.tag });
        }
      }
    } catch (cause) {
      this.#rows.length = before;
      throw new ScouterError("BAD_REQUEST", "malformed", { cause });
    }
    return {
      added: this.#rows.length - before,
      deduplicated,
      rejected: new Map(),
      rejectedMessage: "",
      side: { tags, baggage: [], entities: [] },
    };
  }

  encode(from: number, to: number): EncodedFile {
    return encodeRows(this.#rows.slice(from, to));
  }

  detach(): DetachedSegment {
    const payload = this.#rows;
    this.#rows = [];
    return { payload, transfer: [], rows: payload.length };
  }
}

function seal(payload: readonly FakeSpan[]): SealedFile[] {
  const days = Map.groupBy(payload, ({ us }) => new Date(us / 1000).toISOString().slice(0, 10));
  return [...days].map(([partitionDate, rows]) => ({
    ...encodeRows(rows.toSorted((x, y) => x.us - y.us)),
    partitionDate,
    deltaStats: JSON.stringify({
      numRecords: rows.length,
      minValues: {},
      maxValues: {},
      nullCount: {},
    }),
  }));
}

export const fakeCodec: SegmentCodec = {
  createBuilder: () => new FakeBuilder(),
  createSealer: () => ({
    seal: (segment) => Promise.resolve(seal(segment.payload as FakeSpan[])),
    close: () => {},
  }),
  traceIdHash: fakeHash,
};
