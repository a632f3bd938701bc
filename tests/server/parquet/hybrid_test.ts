import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteSink } from "../../../server/lake/parquet/byte_sink.ts";
import { bitWidthFor, writeHybrid } from "../../../server/lake/parquet/hybrid.ts";

function encode(values: number[], bitWidth: number): number[] {
  const sink = new ByteSink(1);
  writeHybrid(sink, values, 0, values.length, bitWidth);
  return [...sink.view()];
}

/** Decoder written from the Parquet specification, bit by bit. */
function decode(bytes: number[], bitWidth: number, count: number): number[] {
  const values: number[] = [];
  let at = 0;
  while (values.length < count) {
    let header = 0;
    for (let shift = 0;; shift += 7) {
      const byte = bytes[at++] ?? assert.fail("The encoding ends too early");
      header += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    if (header % 2 === 0) {
      let value = 0;
      for (let i = 0; i < Math.ceil(bitWidth / 8); i++) value += (bytes[at++] ?? NaN) * 256 ** i;
      for (let i = 0; i < header / 2; i++) values.push(value);
    } else {
      const size = (header - 1) / 2 * bitWidth;
      for (let i = 0; i < (header - 1) / 2 * 8; i++) {
        let value = 0;
        for (let bit = 0; bit < bitWidth; bit++) {
          const position = i * bitWidth + bit;
          const byte = bytes[at + Math.floor(position / 8)] ?? NaN;
          value += Math.floor(byte / 2 ** (position % 8)) % 2 * 2 ** bit;
        }
        values.push(value);
      }
      at += size;
    }
  }
  assert.equal(at, bytes.length, "bytes left over");
  return values.slice(0, count);
}

test("The bit-packing example of the Parquet specification is reproduced", () => {
  assert.deepEqual(encode([0, 1, 2, 3, 4, 5, 6, 7], 3), [0b11, 0b10001000, 0b11000110, 0b11111010]);
});

test("A run of equal values is one run", () => {
  assert.deepEqual(encode(Array(100).fill(4), 3), [200, 1, 4]);
  assert.deepEqual(encode(Array(10).fill(300), 9), [20, 44, 1]);
});

test("Bit widths are those of the largest value", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 255, 256].map(bitWidthFor), [0, 1, 2, 2, 3, 8, 9]);
});

test("Any values come back", () => {
  const runs = fc.array(fc.tuple(fc.nat(2 ** 24 - 1), fc.integer({ min: 1, max: 30 })));
  fc.assert(fc.property(runs, fc.constantFrom(1, 2, 3, 7, 8, 9, 15, 17, 24), (parts, bitWidth) => {
    const values = parts.flatMap(([value, count]) => Array(count).fill(value % 2 ** bitWidth));
    assert.deepEqual(decode(encode(values, bitWidth), bitWidth, values.length), values);
  }));
});
