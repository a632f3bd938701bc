import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LoginThrottle } from "../../../server/auth/login_throttle.ts";
import { ScouterError } from "../../../server/errors.ts";

const fail = () => Promise.resolve(undefined);
const succeed = () => Promise.resolve(true);

/** The seconds to wait, or 0 when the attempt was made. */
async function waitOf(
  throttle: LoginThrottle,
  name: string,
  address: string,
  attempt = fail,
): Promise<number> {
  try {
    await throttle.run<unknown>(name, address, attempt);
    return 0;
  } catch (error) {
    assert.ok(error instanceof ScouterError && error.code === "RATE_LIMITED" && error.retry);
    return error.retryAfterSeconds ?? -1;
  }
}

describe("the login throttle", () => {
  it("doubles the delay with every failure beyond the second, up to fifteen minutes", async () => {
    let nowMs = 0;
    const throttle = new LoginThrottle(() => nowMs);
    const waits: number[] = [];
    for (let i = 0; i < 14; i++) {
      assert.equal(await waitOf(throttle, "ann", "192.0.2.1"), 0);
      const wait = await waitOf(throttle, "ann", "192.0.2.1");
      waits.push(wait);
      nowMs += wait * 1000;
    }
    assert.deepEqual(waits, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  it("forgets a user's failures at a success", async () => {
    const throttle = new LoginThrottle(() => 0);
    await waitOf(throttle, "ann", "192.0.2.1");
    await waitOf(throttle, "ann", "192.0.2.1");
    await throttle.run("ann", "192.0.2.1", succeed);
    for (let i = 0; i < 3; i++) assert.equal(await waitOf(throttle, "ann", "192.0.2.1"), 0);
    assert.equal(await waitOf(throttle, "ann", "192.0.2.1"), 1);
  });

  it("slows one address that tries many names, and takes an IPv6 network for one address", async () => {
    const throttle = new LoginThrottle(() => 0);
    for (let i = 0; i < 30; i++) {
      assert.equal(await waitOf(throttle, `name${i}`, `2001:db8:1:2::${i}`), 0);
    }
    assert.equal(await waitOf(throttle, "other", "2001:db8:1:2:ffff::1"), 1);
    assert.equal(await waitOf(throttle, "other", "2001:db8:1:3::1"), 0);
  });

  it("lets no more than a few attempts run at once, however many are sent", async () => {
    const throttle = new LoginThrottle(() => 0);
    let made = 0;
    const guess = () => {
      made += 1;
      return new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 5));
    };
    await Promise.all(
      Array.from({ length: 500 }, () => waitOf(throttle, "ann", "192.0.2.1", guess)),
    );
    assert.equal(made, 16);
    assert.ok(await waitOf(throttle, "ann", "192.0.2.1") > 60);
  });

  it("counts neither a success nor an error of the server as a failure", async () => {
    const throttle = new LoginThrottle(() => 0);
    for (let i = 0; i < 10; i++) {
      await throttle.run("ann", "192.0.2.1", succeed);
      await assert.rejects(
        throttle.run("ann", "192.0.2.1", () => Promise.reject(new Error("db"))),
        /db/,
      );
    }
    assert.equal(await waitOf(throttle, "ann", "192.0.2.1"), 0);
  });

  it("keeps a bounded number of entries under a flood of names", async () => {
    const throttle = new LoginThrottle(() => 0, 100);
    for (let i = 0; i < 1000; i++) {
      await waitOf(throttle, "n".repeat(10_000) + i, `10.0.${i >> 8}.${i & 255}`);
    }
    assert.equal(throttle.size, 100);
  });
});
