/**
 * Decompression of Parquet pages.
 *
 * @module
 */

import { zstdDecompressSync } from "node:zlib";
import { snappyUncompress } from "hyparquet";
import { ParquetReadError } from "./error.ts";
import { CODEC } from "./footer.ts";

/**
 * The content of a Zstandard frame that is one raw block (RFC 8878, section 3.1.1), as a view; null for any other
 * frame. Small pages are stored so, and a call of the decompressor costs more than they do.
 */
function rawZstdBlock(bytes: Uint8Array, size: number): Uint8Array | null {
  if (bytes.length < 9 || bytes[0] !== 0x28 || bytes[1] !== 0xb5) return null;
  const descriptor = bytes[4] as number;
  // Single segment, no checksum, no dictionary; a content size of one, two or four bytes.
  if ((descriptor & 0x3f) !== 0x20 || descriptor >>> 6 === 3) return null;
  const at = 5 + (1 << (descriptor >>> 6));
  const header = (bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8 | (bytes[at + 2] ?? 0) << 16;
  if ((header & 7) !== 1 || header >>> 3 !== size || at + 3 + size !== bytes.length) return null;
  return bytes.subarray(at + 3);
}

/**
 * Decompresses a page.
 *
 * @param size Uncompressed size as the page header says.
 * @throws {ParquetReadError} When the content has another size or cannot be decompressed.
 */
export function decompress(bytes: Uint8Array, codec: number, size: number): Uint8Array {
  let out: Uint8Array;
  try {
    if (codec === CODEC.UNCOMPRESSED) out = bytes;
    else if (codec === CODEC.ZSTD) {
      out = rawZstdBlock(bytes, size) ??
        zstdDecompressSync(bytes, { chunkSize: Math.max(64, size + 1), maxOutputLength: size + 1 });
    } else {
      out = new Uint8Array(size);
      snappyUncompress(bytes, out);
    }
  } catch (cause) {
    throw new ParquetReadError("A page cannot be decompressed.", { cause });
  }
  if (out.length !== size) {
    throw new ParquetReadError(`A page holds ${out.length} bytes where ${size} were announced.`);
  }
  // A Buffer's `slice` is a view and not a copy: hand out the plain class.
  return new Uint8Array(out.buffer, out.byteOffset, size);
}
