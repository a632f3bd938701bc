import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TraceClock } from "../../../sdk/tracing/clock.ts";

const ms = ([seconds, nanos]: [number, number]): number => seconds * 1e3 + nanos / 1e6;

describe("the clock of a trace", () => {
  it("tells the system's time, and the fraction of its millisecond", async () => {
    for (let i = 0; i < 300; i++) {
      const beforeMs = Date.now();
      const clock = new TraceClock();
      const nowMs = ms(clock.now());
      const afterMs = Date.now();
      // Ahead by less than a millisecond at most, and the system's time has lost its fraction.
      assert.ok(beforeMs <= nowMs && nowMs < afterMs + 2, `${beforeMs} ${nowMs} ${afterMs}`);
      assert.ok(Math.abs(Date.parse(clock.startText) - nowMs) < 1e3);
      if (i % 50 === 0) await new Promise((done) => setTimeout(done, 1));
    }
  });

  it("never goes back, and goes on when the system's time is set", () => {
    const clock = new TraceClock();
    const { now } = Date;
    try {
      let lastMs = ms(clock.now());
      for (const shiftMs of [0, -3_600_000, 3_600_000]) {
        Date.now = () => now() + shiftMs;
        const nextMs = ms(clock.now());
        assert.ok(nextMs >= lastMs && nextMs < lastMs + 60_000);
        lastMs = nextMs;
        // A trace that begins after is in the new time.
        assert.ok(Math.abs(ms(new TraceClock().now()) - Date.now()) < 60_000);
      }
    } finally {
      Date.now = now;
    }
  });

  it("is not behind a time that was given a moment before", () => {
    const clock = new TraceClock();
    for (let i = 0; i < 1_000; i++) {
      const given = Date.now();
      assert.ok(ms(clock.nowOrLater()) >= given);
    }
  });
});
