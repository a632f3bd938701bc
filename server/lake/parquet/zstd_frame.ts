/**
 * Zstandard frames for Parquet pages.
 *
 * @module
 */
import { constants, zstdCompressSync } from "node:zlib";

const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Below this a compressor call (some 20 µs) costs more than the bytes it saves. */
const STORE_BELOW_BYTES = 1024;

/**
 * A frame that holds the bytes as they are, in one raw block (RFC 8878, sections 3.1.1.1 and 3.1.1.2).
 *
 * @param bytes fewer than 65,792 bytes
 */
export function storedZstdFrame(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = bytes.length;
  if (size >= 65_792) throw new RangeError(`A stored frame holds up to 65,791 bytes, got ${size}`);
  const sizeBytes = size < 256 ? 1 : 2;
  const frame = new Uint8Array(4 + 1 + sizeBytes + 3 + size);
  frame.set([0x28, 0xb5, 0x2f, 0xfd]);
  // Single segment, no checksum; the content size takes one byte, or two with 256 subtracted.
  frame[4] = sizeBytes === 1 ? 0x20 : 0x60;
  const field = sizeBytes === 1 ? size : size - 256;
  frame[5] = field;
  if (sizeBytes === 2) frame[6] = field >>> 8;
  const at = 5 + sizeBytes;
  const header = size << 3 | 1; // Last block, type raw.
  frame[at] = header;
  frame[at + 1] = header >>> 8;
  frame[at + 2] = header >>> 16;
  frame.set(bytes, at + 3);
  return frame;
}

/** Compresses a page at level 1; small pages are stored. */
export function zstdFrame(bytes: Uint8Array): Uint8Array {
  return bytes.length < STORE_BELOW_BYTES
    ? storedZstdFrame(bytes)
    : zstdCompressSync(bytes, OPTIONS);
}
