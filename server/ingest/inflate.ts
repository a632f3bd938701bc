/**
 * Content encodings. Decompression is synchronous: for request bodies of the usual size it costs half of the
 * asynchronous kind. It stops at the limit while inflating, so that a small body cannot claim much memory.
 *
 * @module
 */

import { gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { ScouterError } from "../errors.ts";
import { isWholeZstd } from "./zstd_frames.ts";

/** Names understood in `Content-Encoding`, for messages and the `Accept-Encoding` of a 415 answer. */
export const CONTENT_ENCODINGS = "gzip, deflate, zstd, identity";

/**
 * Undoes a content encoding.
 *
 * @param body The bytes as received.
 * @param encoding The header's value, or null; case does not matter.
 * @param limitBytes Most bytes the result may have.
 * @throws {ScouterError} UNSUPPORTED_MEDIA_TYPE for an unknown encoding, PAYLOAD_TOO_LARGE beyond the limit,
 * BAD_REQUEST for bytes that are not in the encoding or end too early.
 */
export function inflate(
  body: Uint8Array,
  encoding: string | null,
  limitBytes: number,
): Uint8Array {
  const name = encoding === null ? "" : encoding.trim().toLowerCase();
  if (name === "" || name === "identity") {
    if (body.length > limitBytes) throw bodyTooLarge(limitBytes);
    return body;
  }
  const options = { maxOutputLength: limitBytes };
  try {
    switch (name) {
      case "gzip":
      case "x-gzip":
        return gunzipSync(body, options);
      case "deflate":
        // HTTP means the zlib format; some senders leave out its header.
        return hasZlibHeader(body) ? inflateSync(body, options) : inflateRawSync(body, options);
      case "zstd":
        // The decoder takes a truncated stream for a short one, which would lose spans.
        if (!isWholeZstd(body)) throw new Error("unexpected end of file");
        return zstdDecompressSync(body, options);
    }
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE") {
      throw bodyTooLarge(limitBytes);
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ScouterError("BAD_REQUEST", `The body is not valid ${name}: ${reason}.`, { cause });
  }
  throw new ScouterError(
    "UNSUPPORTED_MEDIA_TYPE",
    `Content-Encoding "${name.slice(0, 100)}" is not supported.`,
    { suggestedAction: `Use one of ${CONTENT_ENCODINGS}.` },
  );
}

/** The error for a body beyond the limit. */
export function bodyTooLarge(limitBytes: number): ScouterError {
  return new ScouterError(
    "PAYLOAD_TOO_LARGE",
    `The body is larger than ${limitBytes} bytes after decompression.`,
    { suggestedAction: "Send smaller batches, or raise SCOUTER_MAX_BODY_MB." },
  );
}

/** RFC 1950: method 8 in the low nibble, and the first two bytes divisible by 31. */
function hasZlibHeader(body: Uint8Array): boolean {
  const [first = 0, second = 0] = body;
  return (first & 15) === 8 && ((first << 8) | second) % 31 === 0;
}
