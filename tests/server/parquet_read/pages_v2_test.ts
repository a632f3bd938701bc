import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parquetWriteBuffer } from "hyparquet-writer";
import { PointFile } from "../../../server/lake/traces/queries/point_file.ts";

const ROWS = 3000;

/** Values of a row by column, made without the reader. */
function row(n: number): Record<string, unknown> {
  return {
    trace_id: new Uint8Array(16).fill(n % 251),
    span_name: `span ${n}`,
    label: n % 3 === 0 ? null : `label ${n % 5}`,
    status_code: n % 4,
    duration_ms: BigInt(n) * 10_000_000_000n,
    entity_ids: n % 4 === 0 ? null : Array.from({ length: n % 4 - 1 }, (_, i) => `e${n}.${i}`),
  };
}

function file(codec: "SNAPPY" | "UNCOMPRESSED"): Uint8Array {
  const rows = Array.from({ length: ROWS }, (_, n) => row(n));
  const data = (name: string) => rows.map((values) => values[name]);
  return new Uint8Array(parquetWriteBuffer({
    codec,
    // Several pages in each of several row groups.
    pageSize: 2000,
    rowGroupSize: 1000,
    schema: [
      { name: "root", num_children: 6 },
      { name: "trace_id", type: "BYTE_ARRAY", repetition_type: "REQUIRED" },
      {
        name: "span_name",
        type: "BYTE_ARRAY",
        converted_type: "UTF8",
        repetition_type: "REQUIRED",
      },
      { name: "label", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      { name: "status_code", type: "INT32", repetition_type: "REQUIRED" },
      { name: "duration_ms", type: "INT64", repetition_type: "OPTIONAL" },
      {
        name: "entity_ids",
        converted_type: "LIST",
        repetition_type: "OPTIONAL",
        num_children: 1,
      },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      {
        name: "element",
        type: "BYTE_ARRAY",
        converted_type: "UTF8",
        repetition_type: "OPTIONAL",
      },
    ],
    columnData: Object.keys(rows[0] ?? {}).map((name) => ({ name, data: data(name) })),
  }));
}

for (const codec of ["SNAPPY", "UNCOMPRESSED"] as const) {
  test(`Single rows of version 2 data pages read back from a ${codec} file of several pages`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "scouter-pages-"));
    try {
      const path = join(folder, "file.parquet");
      await writeFile(path, file(codec));
      using opened = PointFile.open(path);
      assert.equal(opened.footer.rowGroups.length, 3);
      const names = Object.keys(row(0));
      const plan = opened.plan("all", names);
      assert.ok("columns" in plan, JSON.stringify(plan));
      const rows = [0, 1, 2, 7, 120, 121, 400, 555, 998, 999];
      for (let group = 0; group < 3; group++) {
        for (const name of names) {
          const column = plan.columns.get(name);
          assert.ok(column);
          const chunks = await opened.load(group, column.leaves);
          const read = column.read([...chunks.values()], rows);
          assert.deepEqual(read, rows.map((n) => row(group * 1000 + n)[name]), name);
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
