/**
 * Kills the real server at random moments under load, again and again on the same data, and counts by id: everything
 * acknowledged is there, nothing twice. `KILL_SECONDS` sets how long (60 by default).
 */

import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdtemp } from "node:fs/promises";
import { it } from "node:test";
import { exportRequest, traceIdsOf } from "../../bench/otlp_generator.ts";
import { startServerProcess } from "../support/server_process.ts";

const SECONDS = Number(Deno.env.get("KILL_SECONDS") ?? 60);
const SPANS_PER_BODY = 200;
const SENDERS = 4;

interface Sent {
  readonly seed: number;
  readonly acknowledged: boolean;
}

const request = (seed: number) => ({ shape: "plain" as const, spans: SPANS_PER_BODY, seed });

/** Sends new bodies until the server dies; says of each whether it was acknowledged. */
async function sendUntilDead(url: string, nextSeed: () => number, sent: Sent[]): Promise<void> {
  for (;;) {
    const seed = nextSeed();
    try {
      const response = await fetch(`${url}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/x-protobuf" },
        body: exportRequest(request(seed)),
      });
      await response.body?.cancel();
      assert.ok([200, 429, 503].includes(response.status), `status ${response.status}`);
      sent.push({ seed, acknowledged: response.status === 200 });
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      sent.push({ seed, acknowledged: false });
      return;
    }
  }
}

it("a server killed at random under load keeps every acknowledged span, once", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "scouter-kill-"));
  try {
    const sent: Sent[] = [];
    let seed = 0;
    let kills = 0;
    const until = Date.now() + SECONDS * 1000;
    while (Date.now() < until) {
      await using server = await startServerProcess({
        dataDir,
        // Segments of a few bodies, so that kills also hit sealing, committing and cleaning up.
        env: { SCOUTER_TRACE_BUFFER_SIZE: "2000" },
      });
      const senders = Array.from(
        { length: SENDERS },
        () => sendUntilDead(server.otlpHttpUrl, () => seed++, sent),
      );
      await new Promise((wake) => setTimeout(wake, 200 + Math.random() * 2500));
      await server.stop("SIGKILL");
      kills++;
      await Promise.all(senders);
    }

    await using server = await startServerProcess({ dataDir });
    let acknowledged = 0;
    for (const { seed, acknowledged: wasAcknowledged } of sent) {
      const ids = traceIdsOf(request(seed));
      // One trace of each body stands for it: a body is stored whole or not at all. Every tenth is looked at whole.
      const sample = seed % 10 === 0 ? ids : ids.slice(0, 1);
      for (const id of sample) {
        const response = await fetch(`${server.httpUrl}/scouter/v1/traces/${id}/spans`);
        assert.equal(response.status, 200);
        const spans: { span_id: string }[] = (await response.json()).spans;
        assert.equal(new Set(spans.map((span) => span.span_id)).size, spans.length, "a span twice");
        if (wasAcknowledged) assert.equal(spans.length, 5, `trace ${id} of body ${seed}`);
      }
      if (wasAcknowledged) acknowledged++;
    }
    assert.ok(acknowledged > 0, "nothing was acknowledged");
    const logs = await readdir(join(dataDir, "lake/trace_spans/_delta_log"));
    assert.ok(logs.length > 1, "nothing was sealed before a kill");
    console.log(`${kills} kills, ${acknowledged} acknowledged of ${sent.length} bodies`);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
