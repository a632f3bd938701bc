import assert from "node:assert/strict";
import { it } from "node:test";
import { rateLimited } from "../../../server/telemetry/log.ts";

it("a repeated event is logged once an interval, with the number left out", () => {
  let nowMs = 0;
  const lines: [string, number][] = [];
  const limited = rateLimited(1000, () => nowMs);
  const log = (key: string) => limited(key, (suppressed) => lines.push([key, suppressed]));
  for (nowMs = 0; nowMs < 1000; nowMs += 100) log("disk");
  log("net");
  nowMs = 1000;
  log("disk");
  nowMs = 1999;
  log("disk");
  nowMs = 2000;
  log("disk");
  assert.deepEqual(lines, [["disk", 0], ["net", 0], ["disk", 9], ["disk", 1]]);
});
