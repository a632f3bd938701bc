/**
 * Walks zstd frames (RFC 8878) without decompressing them.
 *
 * @module
 */

const MAGIC = 0xfd2fb528;
/** Skippable frames have magic numbers 0x184D2A50 to 0x184D2A5F. */
const SKIPPABLE = 0x184d2a5;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const RLE_BLOCK = 1;

/** Whether the bytes are a sequence of complete frames. */
export function isWholeZstd(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  do {
    if (at + 5 > bytes.length) return false;
    const magic = view.getUint32(at, true);
    at += 4;
    if (magic >>> 4 === SKIPPABLE) {
      if (at + 4 > bytes.length) return false;
      at += 4 + view.getUint32(at, true);
      continue;
    }
    if (magic !== MAGIC) return false;
    const descriptor = view.getUint8(at++);
    const singleSegment = (descriptor & 0x20) !== 0;
    const sizeFlag = descriptor >>> 6;
    at += (singleSegment ? 0 : 1) + (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0) +
      (sizeFlag === 0 ? (singleSegment ? 1 : 0) : CONTENT_SIZE_BYTES[sizeFlag] ?? 0);
    for (let last = false; !last;) {
      if (at + 3 > bytes.length) return false;
      const header = view.getUint16(at, true) | view.getUint8(at + 2) << 16;
      last = (header & 1) === 1;
      at += 3 + (((header >>> 1) & 3) === RLE_BLOCK ? 1 : header >>> 3);
    }
    if ((descriptor & 4) !== 0) at += 4;
  } while (at < bytes.length);
  return at === bytes.length;
}
