import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import assert from "node:assert/strict";
import { test } from "node:test";
import { parquetSchema } from "../../../server/lake/parquet/schema.ts";
import { type LeafChunk, ParquetFileWriter } from "../../../server/lake/parquet/writer.ts";

const SCHEMA = parquetSchema([
  { name: "small", type: "int32", nullable: false },
  { name: "real", type: "double", nullable: false },
  { name: "names", type: "map_string_string", nullable: true },
]);

function plain(values: ArrayBufferView<ArrayBuffer>, count: number): LeafChunk {
  return { valueCount: count, nullCount: 0, parts: [new Uint8Array(values.buffer)] };
}

/** Three null maps: one run of zeros for each of the two level kinds. */
const NO_MAPS: LeafChunk = {
  valueCount: 3,
  nullCount: 3,
  parts: [new Uint8Array([2, 0, 0, 0, 6, 0]), new Uint8Array([2, 0, 0, 0, 6, 0])],
};

for (const codec of ["uncompressed", "zstd"] as const) {
  test(`Row groups of ${codec} pages read back`, async () => {
    const writer = new ParquetFileWriter(SCHEMA, { codec, sortedByLeaf: 0 });
    for (const base of [0, 10]) {
      const ints = Int32Array.of(base, base + 1, base + 2);
      writer.addRowGroup(3, [
        { ...plain(ints, 3), min: new Uint8Array(ints.slice(0, 1).buffer) },
        plain(Float64Array.of(base + 0.5, -0, 1e300), 3),
        NO_MAPS,
        NO_MAPS,
      ]);
    }
    const file = writer.finish().buffer;
    const metadata = parquetMetadata(file);
    assert.equal(metadata.num_rows, 6n);
    assert.deepEqual(metadata.row_groups.map(({ num_rows }) => num_rows), [3n, 3n]);
    assert.deepEqual(metadata.row_groups[1]?.sorting_columns, [
      { column_idx: 0, descending: false, nulls_first: false },
    ]);
    const statistics = metadata.row_groups[1]?.columns[0]?.meta_data?.statistics;
    assert.equal(statistics?.min_value, 10);
    assert.equal(statistics?.null_count, 0n);
    const rows = await parquetReadObjects({ file, compressors });
    assert.deepEqual(rows.map(({ small }) => small), [0, 1, 2, 10, 11, 12]);
    assert.deepEqual(rows.map(({ real }) => real), [0.5, -0, 1e300, 10.5, -0, 1e300]);
    assert.ok(rows.every(({ names }) => names === null || names === undefined));
  });
}

test("A row group with too few columns is refused", () => {
  const writer = new ParquetFileWriter(SCHEMA, { codec: "zstd" });
  assert.throws(() => writer.addRowGroup(3, [NO_MAPS]), /needs 4 column chunks, got 1/);
});
