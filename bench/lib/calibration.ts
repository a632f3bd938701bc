/**
 * A fixed piece of work done in the same run as a benchmark. Dividing by its cost takes most of the machine's speed out
 * of a figure, so that results of different machines and days can be compared.
 *
 * @module
 */

import { createHash } from "node:crypto";
import process from "node:process";
import { gunzipSync, gzipSync } from "node:zlib";

/** CPU milliseconds that this machine needs now for the calibration work; the smallest of five rounds. */
export function calibrationMs(): number {
  const text = new Uint8Array(4 << 20);
  // xorshift32: bytes that compress about as well as telemetry does.
  let state = 0x9e3779b9;
  for (let at = 0; at < text.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    text[at] = (state >>> 0) % 11 === 0 ? state & 0xff : 0x61 + (at % 23);
  }
  const packed = gzipSync(text, { level: 1 });
  const table = new Int32Array(1 << 16);
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage();
    const body = gunzipSync(packed);
    createHash("sha256").update(body).digest();
    let hash = 0;
    for (let at = 0; at < body.length; at++) {
      hash = (Math.imul(hash, 31) + (body[at] ?? 0)) | 0;
      const slot = hash & 0xffff;
      table[slot] = (table[slot] ?? 0) + 1;
    }
    const used = process.cpuUsage(before);
    best = Math.min(best, (used.user + used.system) / 1000);
  }
  return best;
}
