import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DedupWindow } from "../../../server/lake/traces/store/dedup_window.ts";

function ids(number: number, trace = 0): Uint8Array {
  const bytes = new Uint8Array(30);
  new DataView(bytes.buffer).setUint32(3, trace);
  new DataView(bytes.buffer).setUint32(22, number);
  return bytes;
}
const admit = (window: DedupWindow, number: number, trace = 0): boolean =>
  window.admit(ids(number, trace), 2, 18);

describe("A window of recent spans", () => {
  it("admits a span once, and the same span id in another trace too", () => {
    const window = new DedupWindow(100, 1000);
    window.begin(0);
    assert.equal(admit(window, 1), true);
    assert.equal(admit(window, 1), false);
    assert.equal(admit(window, 1, 1), true);
    assert.equal(window.size, 2);
  });

  it("agrees with a set while everything fits", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 600 }), (numbers) => {
        const window = new DedupWindow(2000, 1000);
        const seen = new Set<number>();
        window.begin(0);
        for (const number of numbers) {
          assert.equal(admit(window, number), !seen.has(number));
          seen.add(number);
        }
        assert.equal(window.size, seen.size);
      }),
    );
  });

  it("forgets a failed request and nothing else, even when it did not fit", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 60 }),
        (kept, failed) => {
          const window = new DedupWindow(60, 1000);
          window.begin(0);
          for (let i = 0; i < kept; i++) admit(window, i);
          window.begin(1);
          for (let i = 0; i < failed; i++) admit(window, 1000 + i);
          window.rollback();
          window.begin(2);
          for (let i = 0; i < failed; i++) {
            assert.equal(admit(window, 1000 + i), true, `span ${i} of the failed request`);
          }
        },
      ),
    );
  });

  it("remembers the last half of its spans at least, and no more than all", () => {
    const window = new DedupWindow(1000, 1e9);
    for (let i = 0; i < 10_000; i++) {
      window.begin(i);
      admit(window, i);
      assert.ok(window.size <= 1000);
    }
    for (let i = 9_500; i < 10_000; i++) assert.equal(admit(window, i), false, `span ${i}`);
    assert.equal(admit(window, 0), true);
  });

  it("remembers for the whole window, and not for longer than two", () => {
    const window = new DedupWindow(1000, 100);
    window.begin(0);
    admit(window, 1);
    window.begin(90);
    admit(window, 2);
    window.begin(189);
    assert.equal(admit(window, 2), false);
    window.begin(300);
    assert.equal(admit(window, 1), true);
  });
});
