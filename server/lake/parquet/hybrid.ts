/**
 * Parquet's RLE / bit-packing hybrid, used for levels and dictionary indices.
 *
 * @module
 */
import type { ByteSink } from "./byte_sink.ts";

/** Bits needed to hold values in [0, max]. */
export function bitWidthFor(max: number): number {
  return max <= 0 ? 0 : 32 - Math.clz32(max);
}

function varint(sink: ByteSink, value: number): void {
  while (value > 127) {
    sink.byte(value & 127 | 128);
    value >>>= 7;
  }
  sink.byte(value);
}

/** Appends one run of `count` equal values. */
export function writeRun(sink: ByteSink, value: number, count: number, bitWidth: number): void {
  varint(sink, count << 1);
  for (let bits = 0; bits < bitWidth; bits += 8) sink.byte(value >>> bits & 255);
}

function writePacked(
  sink: ByteSink,
  values: ArrayLike<number>,
  from: number,
  groups: number,
  end: number,
  bitWidth: number,
): void {
  varint(sink, groups << 1 | 1);
  const target = sink.reserve(groups * bitWidth);
  let at = sink.length;
  let bits = 0;
  let held = 0;
  const last = from + groups * 8;
  for (let i = from; i < last; i++) {
    // The last group is padded with zeros.
    if (i < end) held |= (values[i] as number) << bits;
    bits += bitWidth;
    while (bits >= 8) {
      target[at++] = held;
      held >>>= 8;
      bits -= 8;
    }
  }
  sink.length = at;
}

/**
 * Appends `values[from, to)`, each below 2^bitWidth, without a length prefix.
 *
 * @param bitWidth 0 to 24
 */
export function writeHybrid(
  sink: ByteSink,
  values: ArrayLike<number>,
  from: number,
  to: number,
  bitWidth: number,
): void {
  let at = from;
  while (at < to) {
    const value = values[at] as number;
    let runEnd = at + 1;
    while (runEnd < to && values[runEnd] === value) runEnd++;
    if (runEnd - at >= 8 || bitWidth === 0) {
      writeRun(sink, value, runEnd - at, bitWidth);
      at = runEnd;
      continue;
    }
    // Literal groups of eight, until a group starts that is one long run.
    let groups = 1;
    let next = at + 8;
    while (next < to && !startsRun(values, next, to)) {
      groups++;
      next += 8;
    }
    writePacked(sink, values, at, groups, to, bitWidth);
    at = Math.min(next, to);
  }
}

/** Whether sixteen equal values start here: shorter runs cost more as a run of their own than packed. */
function startsRun(values: ArrayLike<number>, at: number, to: number): boolean {
  if (at + 16 > to) return false;
  const value = values[at];
  for (let i = at + 1; i < at + 16; i++) if (values[i] !== value) return false;
  return true;
}
