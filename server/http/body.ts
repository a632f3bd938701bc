/**
 * Reads request bodies within a limit.
 *
 * @module
 */

import { bodyTooLarge } from "../ingest/inflate.ts";

/**
 * The whole body as received (not decompressed).
 *
 * @param request The request; its body is consumed.
 * @param limitBytes Most bytes to take.
 * @throws {ScouterError} PAYLOAD_TOO_LARGE, before reading when the length is announced.
 */
export async function readBody(request: Request, limitBytes: number): Promise<Uint8Array> {
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    // The HTTP server delivers no more than was announced.
    if (Number(announced) > limitBytes) throw bodyTooLarge(limitBytes);
    return new Uint8Array(await request.arrayBuffer());
  }
  if (request.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > limitBytes) throw bodyTooLarge(limitBytes);
    chunks.push(chunk);
  }
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
