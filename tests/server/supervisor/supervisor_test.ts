import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MetricsRegistry } from "../../../server/telemetry/metrics.ts";
import { pause, Supervisor } from "../../../server/workers/supervisor.ts";

describe("the supervisor", () => {
  it("starts a loop again after a crash and counts it", async () => {
    const metrics = new MetricsRegistry();
    const supervisor = new Supervisor({ metrics, minBackoffMs: 1 });
    let starts = 0;
    await new Promise<void>((recovered) => {
      supervisor.start("sealer", async (signal) => {
        if (++starts < 4) throw new Error("no disk");
        recovered();
        await pause(1e6, signal);
      });
    });
    assert.equal(starts, 4);
    assert.match(metrics.render(), /scouter_worker_crashes_total\{worker="sealer"\} 3/);
    assert.match(metrics.render(), /scouter_worker_up\{worker="sealer"\} 1/);
    await supervisor.stop();
    assert.match(metrics.render(), /scouter_worker_up\{worker="sealer"\} 0/);
  });

  it("counts a loop that ends untold as a crash", async () => {
    const metrics = new MetricsRegistry();
    const supervisor = new Supervisor({ metrics, minBackoffMs: 1 });
    let starts = 0;
    await new Promise<void>((again) => {
      supervisor.start("loop", () => {
        if (++starts === 2) again();
        return Promise.resolve();
      });
    });
    await supervisor.stop();
    assert.ok(metrics.total("scouter_worker_crashes_total") >= 1);
  });

  it("knows the state of each loop: turns, crashes and what comes next", async () => {
    const supervisor = new Supervisor({ metrics: new MetricsRegistry(), minBackoffMs: 60_000 });
    let turns = 0;
    await new Promise<void>((done) => {
      supervisor.every("tidy", 1, () => {
        if (++turns === 3) throw new Error("disk is full");
        if (turns === 2) setTimeout(done, 50);
        return Promise.resolve();
      }, 0);
      supervisor.start("listen", (signal) => pause(1e6, signal));
    });
    const [tidy, listen] = supervisor.workers;
    assert.equal(tidy?.phase, "restarting");
    assert.equal(tidy?.runs, 2);
    assert.equal(tidy?.lastError, "disk is full");
    assert.ok((tidy?.nextRunMs ?? 0) > Date.now());
    assert.equal(listen?.phase, "running");
    assert.equal(listen?.lastError, null);
    await supervisor.stop();
    assert.deepEqual(supervisor.workers.map(({ phase }) => phase), ["stopped", "stopped"]);
  });

  it("waits for loops to finish what they are doing", async () => {
    const supervisor = new Supervisor({ metrics: new MetricsRegistry() });
    let finished = false;
    supervisor.start("writer", async (signal) => {
      await pause(1e6, signal);
      await new Promise((wake) => setTimeout(wake, 5));
      finished = true;
    });
    await supervisor.stop();
    assert.equal(finished, true);
  });

  it("stops loops that wait for a restart or their next turn", async () => {
    const supervisor = new Supervisor({ metrics: new MetricsRegistry(), minBackoffMs: 1e6 });
    supervisor.start("crashed", () => Promise.reject(new Error("no")));
    supervisor.every("hourly", 3_600_000, () => Promise.resolve());
    await new Promise((wake) => setTimeout(wake, 0));
    await supervisor.stop();
  });

  it("repeats work at its interval", async () => {
    const supervisor = new Supervisor({ metrics: new MetricsRegistry() });
    let turns = 0;
    await new Promise<void>((enough) => {
      supervisor.every("tick", 1, () => {
        if (++turns === 3) enough();
        return Promise.resolve();
      });
    });
    await supervisor.stop();
    assert.ok(turns >= 3);
  });
});
