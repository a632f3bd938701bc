import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addFile, DataFile } from "../../../server/lake/delta/mod.ts";
import { planCompaction } from "../../../server/lake/traces/store/compaction_plan.ts";

const KB = 1024;
const LIMITS = { compactTargetBytes: 1000 * KB, compactMinFiles: 4 };

let made = 0;
function file(sizeBytes: number, date = "2026-05-10"): DataFile {
  const { add } = addFile({
    key: `partition_date=${date}/${++made}.parquet`,
    partitionValues: { partition_date: date },
    sizeBytes,
    modificationTimeMs: made,
  });
  return new DataFile(
    { ...add, stats: undefined, tags: undefined, deletionVector: undefined },
    "table",
  );
}
const sizes = (groups: DataFile[][]): number[][] =>
  groups.map((group) => group.map(({ sizeBytes }) => sizeBytes / KB));
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

describe("The plan of a compaction", () => {
  it("joins small files of one date, never of two", () => {
    const files = [
      ...times(4, () => file(10 * KB)),
      ...times(3, () => file(10 * KB, "2026-05-11")),
    ];
    assert.deepEqual(sizes(planCompaction(files, LIMITS)), [[10, 10, 10, 10]]);
  });

  it("leaves files of half the target and more alone", () => {
    assert.deepEqual(planCompaction(times(6, () => file(500 * KB)), LIMITS), []);
  });

  it("fills groups up to the target, in the order the files were written", () => {
    const groups = planCompaction(times(9, () => file(240 * KB)), LIMITS);
    assert.deepEqual(sizes(groups), [[240, 240, 240, 240], [240, 240, 240, 240]]);
    const written = groups.flat().map(({ modificationTimeMs }) => modificationTimeMs);
    assert.deepEqual(written, written.toSorted((x, y) => x - y));
  });

  it("does not write a large file again for a few small ones", () => {
    const files = [file(400 * KB), ...times(5, () => file(4 * KB))];
    assert.deepEqual(sizes(planCompaction(files, LIMITS)), [[4, 4, 4, 4, 4]]);
  });

  it("rewrites rows a few times at most on a quiet day, and ends with few files", () => {
    // One file of 4 KB every ten minutes, a run after each.
    let files: DataFile[] = [];
    let rewritten = 0;
    for (let i = 0; i < 144; i++) {
      files.push(file(4 * KB));
      for (const group of planCompaction(files, LIMITS)) {
        const bytes = group.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        rewritten += bytes;
        files = [...files.filter((each) => !group.includes(each)), file(bytes)];
      }
    }
    assert.ok(files.length <= 20, `${files.length} files`);
    assert.ok(
      rewritten <= 144 * 4 * KB * 8,
      `every byte was rewritten ${rewritten / (144 * 4 * KB)} times`,
    );
  });
});
