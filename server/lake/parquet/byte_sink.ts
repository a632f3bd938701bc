/**
 * A growable byte buffer with amortised O(1) appends.
 *
 * @module
 */

/** Bytes under construction. `buf` is replaced when it grows: never keep it across a {@linkcode ByteSink.reserve}. */
export class ByteSink {
  buf: Uint8Array<ArrayBuffer>;
  length = 0;

  /** @param capacityBytes initial capacity in bytes */
  constructor(capacityBytes = 1024) {
    this.buf = new Uint8Array(capacityBytes);
  }

  /** Makes room for `sizeBytes` more bytes and returns the current buffer. */
  reserve(sizeBytes: number): Uint8Array<ArrayBuffer> {
    const needed = this.length + sizeBytes;
    if (needed > this.buf.length) {
      const grown = new Uint8Array(Math.max(needed, this.buf.length * 2));
      grown.set(this.buf.subarray(0, this.length));
      this.buf = grown;
    }
    return this.buf;
  }

  /** Appends one byte. */
  byte(value: number): void {
    this.reserve(1)[this.length++] = value;
  }

  /** Appends `source[start, end)`. */
  copy(source: Uint8Array, start: number, end: number): void {
    const size = end - start;
    const target = this.reserve(size);
    const at = this.length;
    // A subarray costs more than a short loop.
    if (size > 48) target.set(source.subarray(start, end), at);
    else for (let i = 0; i < size; i++) target[at + i] = source[start + i] as number;
    this.length = at + size;
  }

  /** Appends a 32-bit little-endian integer. */
  int32(value: number): void {
    const target = this.reserve(4);
    writeInt32(target, this.length, value);
    this.length += 4;
  }

  /** Appends ASCII text; other characters must not occur. */
  ascii(text: string): void {
    const target = this.reserve(text.length);
    let at = this.length;
    for (let i = 0; i < text.length; i++) target[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** The bytes written so far, as a view. */
  view(): Uint8Array<ArrayBuffer> {
    return this.buf.subarray(0, this.length);
  }
}

/** Writes a 32-bit little-endian integer at `at`. */
export function writeInt32(target: Uint8Array, at: number, value: number): void {
  target[at] = value;
  target[at + 1] = value >>> 8;
  target[at + 2] = value >>> 16;
  target[at + 3] = value >>> 24;
}

/** Joins byte parts into one array. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const part of parts) size += part.length;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
