/**
 * The `_last_checkpoint` pointer (Delta protocol, "Last Checkpoint File Schema") and its checksum ("JSON checksum").
 *
 * @module
 */

import { createHash } from "node:crypto";
import { z } from "zod";

const schema = z.looseObject({
  version: z.int().nonnegative(),
  size: z.int(),
  parts: z.int().positive().nullish(),
  checksum: z.string().nullish(),
});

/** Where the newest checkpoint known to its writer is. */
export interface LastCheckpoint {
  readonly version: number;
  /** Actions in the checkpoint. */
  readonly size: number;
  readonly sizeInBytes: number;
  readonly numOfAddFiles: number;
}

/** Percent-encodes everything but RFC 3986's unreserved characters. */
const urlEncode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => "%" + character.charCodeAt(0).toString(16).toUpperCase(),
  );

function* leaves(path: string, value: unknown): Iterable<readonly [string, string]> {
  if (typeof value === "object" && value !== null) {
    const isArray = Array.isArray(value);
    for (const [name, inner] of Object.entries(value)) {
      if (path === "" && name === "checksum") continue;
      const segment = isArray ? name : `"${urlEncode(name)}"`;
      yield* leaves(path === "" ? segment : `${path}+${segment}`, inner);
    }
  } else {
    yield [path, typeof value === "string" ? `"${urlEncode(value)}"` : String(value)];
  }
}

/** The MD5 checksum of a JSON object in canonical form, without its own `checksum` field. */
export function jsonChecksum(value: object): string {
  const canonical = [...leaves("", value)]
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([path, leaf]) => `${path}=${leaf}`)
    .join(",");
  return createHash("md5").update(canonical).digest("hex");
}

/** Writes the pointer. */
export function encodeLastCheckpoint(checkpoint: LastCheckpoint): Uint8Array {
  return new TextEncoder().encode(
    JSON.stringify({ ...checkpoint, checksum: jsonChecksum(checkpoint) }),
  );
}

/**
 * Reads the pointer.
 *
 * @returns The checkpoint's version, or undefined when the file is damaged. The pointer only saves work: without it,
 * the log is listed from its beginning.
 */
export function parseLastCheckpoint(bytes: Uint8Array): number | undefined {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return undefined;
  const { checksum } = parsed.data;
  if (
    checksum != null && typeof json === "object" && json !== null && jsonChecksum(json) !== checksum
  ) {
    return undefined;
  }
  return parsed.data.version;
}
