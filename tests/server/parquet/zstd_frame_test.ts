import { compressors } from "hyparquet-compressors";
import assert from "node:assert/strict";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { storedZstdFrame, zstdFrame } from "../../../server/lake/parquet/zstd_frame.ts";

for (const size of [0, 1, 255, 256, 257, 1023, 1024, 65_791]) {
  test(`A frame of ${size} bytes is read by libzstd and by a JavaScript decoder`, () => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7);
    for (const frame of [storedZstdFrame(bytes), zstdFrame(bytes)]) {
      assert.deepEqual(new Uint8Array(zstdDecompressSync(frame)), bytes);
      assert.deepEqual(compressors.ZSTD?.(frame, size), bytes);
    }
  });
}

test("More than a stored frame's size field can tell is refused", () => {
  assert.throws(() => storedZstdFrame(new Uint8Array(65_792)), RangeError);
});
