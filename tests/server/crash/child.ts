/**
 * A process to be killed: stores numbered batches of spans and prints the number of each that was acknowledged.
 *
 * Arguments: data folder, number of the first batch, and optionally `point#n`, the instant at which it kills itself
 * (the n-th time it gets there).
 */

import process from "node:process";
import { makeSpans, otlpBody, World } from "../store/world.ts";
import { BATCH_SPANS, LIMITS } from "./load.ts";

const [dir = "", start = "0", crashAt = ""] = process.argv.slice(2);
const [point, times = "1"] = crashAt.split("#");
let visits = 0;

const world = await World.make(dir);
world.codec = undefined;
world.hook = (reached) => {
  if (reached === point && ++visits === Number(times)) process.kill(process.pid, "SIGKILL");
};
const store = await world.open(LIMITS);
const say = (line: string): void => {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
};
say("ready");

let next = Number(start);
async function client(): Promise<never> {
  while (true) {
    const batch = next++;
    for (let acknowledged = false; !acknowledged;) {
      try {
        await store.ingest(
          otlpBody(makeSpans(batch * BATCH_SPANS, BATCH_SPANS, batch % 2)),
          "json",
        );
        acknowledged = true;
      } catch (error) {
        if (!(error instanceof Error && "retry" in error && error.retry === true)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    say(String(batch));
  }
}

async function upkeep(): Promise<never> {
  while (true) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    await store.compact();
    await store.retain();
  }
}

await Promise.all([client(), client(), client(), client(), upkeep()]);
