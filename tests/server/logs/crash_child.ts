/**
 * A process to be killed: stores numbered batches of log records and prints the number of each that was acknowledged.
 *
 * Arguments: data folder, number of the first batch, and `point#n`, the instant at which it kills itself (the n-th time
 * it gets there).
 */

import process from "node:process";
import { LOG_CODEC } from "../../../server/lake/logs/log_builder.ts";
import { LOG_TABLE } from "../../../server/lake/logs/schema.ts";
import { LIMITS } from "../crash/load.ts";
import { World } from "../store/world.ts";
import { batchBody } from "./log_batches.ts";

const [dir = "", start = "0", crashAt = ""] = process.argv.slice(2);
const [point, times = "1"] = crashAt.split("#");
let visits = 0;

const world = await World.make(dir);
world.codec = LOG_CODEC;
world.table = LOG_TABLE;
world.hook = (reached) => {
  if (reached === point && ++visits === Number(times)) process.kill(process.pid, "SIGKILL");
};
const store = await world.open(LIMITS);
const say = (line: string): void => {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
};

let next = Number(start);
async function client(): Promise<never> {
  while (true) {
    const batch = next++;
    for (let acknowledged = false; !acknowledged;) {
      try {
        await store.ingest(batchBody(batch), "protobuf");
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

await Promise.all([client(), client(), client(), upkeep()]);
