import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  formatHotFileName,
  type HotFileName,
  parseHotFileName,
  resolveCoverage,
} from "../../../server/lake/traces/store/hot_file_name.ts";

const writerId = "0123456789abcdef0123456789abcdef";
const name = (segment: number, from: number, to: number, crc = 0): HotFileName => ({
  writerId,
  segment,
  from,
  to,
  crc,
});

describe("Names of hot files", () => {
  it("say what they hold, and say it again when read", () => {
    const text = formatHotFileName(name(12, 0, 345, 0xbeef));
    assert.equal(
      text,
      "0123456789abcdef0123456789abcdef-0000000012-000000000-000000345-0000beef.parquet",
    );
    assert.deepEqual(parseHotFileName(text), name(12, 0, 345, 0xbeef));
  });

  it("are not mistaken: other files are no hot files", () => {
    for (
      const text of [
        "x.parquet",
        `${writerId}-1-2-3-4.parquet`,
        formatHotFileName(name(1, 5, 5)),
        ".tmp-a",
      ]
    ) {
      assert.equal(parseHotFileName(text), undefined, text);
    }
  });

  it("resolve to every row exactly once, whatever survived of rewriting and deleting", () => {
    // Files as the writer makes them: new rows at the end, sometimes joined with the last files.
    const step = fc.record({
      rows: fc.integer({ min: 1, max: 50 }),
      joined: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.infiniteStream(fc.boolean()),
        (steps, survives) => {
          let live: HotFileName[] = [];
          const onDisk: HotFileName[] = [];
          let rows = 0;
          for (const { rows: added, joined } of steps) {
            const covered = joined === 0 ? [] : live.slice(-joined);
            const file = name(1, covered[0]?.from ?? rows, rows + added);
            rows += added;
            live = [...live.slice(0, live.length - covered.length), file];
            onDisk.push(file);
          }
          // Covered files may or may not have been deleted when the process died.
          const found = onDisk.filter((file) => live.includes(file) || survives.next().value);
          const result = resolveCoverage(found);
          assert.deepEqual(result.live, live);
          assert.deepEqual(result.torn, []);
          assert.equal(result.covered.length, found.length - live.length);
        },
      ),
    );
  });

  it("keep segments apart, and name files that contradict each other", () => {
    const files = [name(1, 0, 10), name(2, 0, 4), name(2, 2, 6), name(2, 0, 3)];
    assert.deepEqual(resolveCoverage(files), {
      live: [name(1, 0, 10), name(2, 0, 4)],
      covered: [name(2, 0, 3)],
      torn: [name(2, 2, 6)],
    });
  });
});
