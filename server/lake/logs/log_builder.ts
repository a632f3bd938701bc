/**
 * The segment builder of log records: export requests in, Parquet files out.
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
} from "../traces/contract.ts";
import { transferables } from "../traces/segment/column_data.ts";
import { createSealer, traceIdHash } from "../traces/segment/mod.ts";
import { encodeFile } from "../traces/segment/table_file.ts";
import type { SegmentCodec } from "../traces/store/options.ts";
import { LogColumns } from "./log_columns.ts";
import { LogDecoder } from "./log_decoder.ts";
import { LOG_FORMAT } from "./log_file.ts";
import { otlpLogsJsonToProtobuf } from "./otlp_logs_json.ts";

/** Options of a log builder. */
export interface LogBuilderOptions {
  /** Records whose encoded message is larger are refused, in bytes. Default 16 MiB. */
  readonly maxRecordBytes?: number;
  /** Present time, milliseconds since the epoch: of records that tell none. */
  readonly now?: () => number;
}

class LogBuilder implements SegmentBuilder {
  readonly #options: Required<LogBuilderOptions>;
  #columns = new LogColumns();
  #decoder: LogDecoder;

  constructor(options: Required<LogBuilderOptions>) {
    this.#options = options;
    this.#decoder = new LogDecoder(this.#columns, options.maxRecordBytes, options.now);
  }

  get rowCount(): number {
    return this.#columns.rowCount;
  }

  get byteSize(): number {
    return this.#columns.byteSize;
  }

  append(body: Uint8Array, encoding: OtlpEncoding, admit: AdmitSpan): DecodeResult {
    return this.#decoder.decode(encoding === "json" ? otlpLogsJsonToProtobuf(body) : body, admit);
  }

  /** How many of the rows from `from` on happened before a time, microseconds since the epoch. */
  countEndedBefore(from: number, timeUs: number): number {
    const times = this.#columns.builders.time.data;
    let count = 0;
    for (let row = from; row < this.rowCount; row++) if ((times[row] ?? 0) < timeUs) count++;
    return count;
  }

  encode(from: number, to: number): EncodedFile {
    if (!(from >= 0 && from < to && to <= this.rowCount)) {
      throw new RangeError(
        `Rows [${from}, ${to}) are not a range of the ${this.rowCount} rows held`,
      );
    }
    return encodeFile(LOG_FORMAT, this.#columns.data(), from, to, "uncompressed", false).file;
  }

  detach(): DetachedSegment {
    const payload = this.#columns.data();
    const next = new LogColumns();
    next.reserveLike(this.#columns);
    this.#columns = next;
    const { maxRecordBytes, now } = this.#options;
    this.#decoder = new LogDecoder(this.#columns, maxRecordBytes, now);
    return { payload, transfer: transferables(payload), rows: payload.rowCount };
  }
}

const DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** Creates an empty builder. */
export function createLogBuilder(options: LogBuilderOptions = {}): SegmentBuilder {
  return new LogBuilder({
    maxRecordBytes: options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES,
    now: options.now ?? Date.now,
  });
}

/** The format of log segments, for the store. */
export const LOG_CODEC: SegmentCodec = {
  createBuilder: () => createLogBuilder(),
  createSealer,
  traceIdHash,
};
