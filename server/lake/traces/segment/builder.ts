/**
 * The segment builder: export requests in, Parquet files out.
 *
 * @module
 */
import type {
  AdmitSpan,
  DecodeResult,
  DetachedSegment,
  EncodedFile,
  OtlpEncoding,
  SegmentBuilder,
} from "../contract.ts";
import { type SegmentData, transferables } from "./column_data.ts";
import { otlpJsonToProtobuf } from "./otlp_json.ts";
import { SpanColumns } from "./span_columns.ts";
import { SpanDecoder } from "./span_decoder.ts";
import { encodeSpanFile } from "./span_file.ts";

/** Limits of a segment builder. */
export interface SegmentBuilderOptions {
  /** Spans whose encoded message is larger are refused, in bytes. Default 16 MiB. */
  readonly maxSpanBytes?: number;
}

const DEFAULT_MAX_SPAN_BYTES = 16 * 1024 * 1024;

class ColumnarSegmentBuilder implements SegmentBuilder {
  readonly #maxSpanBytes: number;
  #columns = new SpanColumns();
  #decoder: SpanDecoder;

  constructor(maxSpanBytes: number) {
    this.#maxSpanBytes = maxSpanBytes;
    this.#decoder = new SpanDecoder(this.#columns, maxSpanBytes);
  }

  get rowCount(): number {
    return this.#columns.rowCount;
  }

  get byteSize(): number {
    return this.#columns.byteSize;
  }

  countEndedBefore(from: number, timeUs: number): number {
    return this.#columns.countEndedBefore(from, timeUs);
  }

  append(body: Uint8Array, encoding: OtlpEncoding, admit: AdmitSpan): DecodeResult {
    return this.#decoder.decode(encoding === "json" ? otlpJsonToProtobuf(body) : body, admit);
  }

  encode(from: number, to: number): EncodedFile {
    if (!(from >= 0 && from < to && to <= this.rowCount)) {
      throw new RangeError(
        `Rows [${from}, ${to}) are not a range of the ${this.rowCount} rows held`,
      );
    }
    return encodeSpanFile(this.#columns.data(), from, to, "uncompressed", false).file;
  }

  detach(): DetachedSegment {
    const payload: SegmentData = this.#columns.data();
    const next = new SpanColumns();
    next.reserveLike(this.#columns);
    this.#columns = next;
    this.#decoder = new SpanDecoder(this.#columns, this.#maxSpanBytes);
    return { payload, transfer: transferables(payload), rows: payload.rowCount };
  }
}

/** Creates an empty segment builder. */
export function createSegmentBuilder(options: SegmentBuilderOptions = {}): SegmentBuilder {
  return new ColumnarSegmentBuilder(options.maxSpanBytes ?? DEFAULT_MAX_SPAN_BYTES);
}
