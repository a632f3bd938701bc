/**
 * The end of a response.
 *
 * @module
 */

/** How a body ended: read to its end, left by its reader, or broken. */
export type BodyEnd =
  | { readonly how: "complete" }
  | { readonly how: "cancelled" }
  | { readonly how: "failed"; readonly error: unknown };

/**
 * Calls back once when a response is over: at once when it has no body to be read, else when the body has ended, is
 * cancelled or fails.
 *
 * @returns The response to send instead
 */
export function watchResponse(
  response: Response,
  method: string,
  ended: (end: BodyEnd) => void,
): Response {
  // A web socket's 101 and answers to HEAD are not read; a locked body is someone else's.
  const unread = response.body === null || response.bodyUsed || method === "HEAD" ||
    response.status < 200;
  if (unread) {
    ended({ how: "complete" });
    return response;
  }
  return new Response(watchStream(response.body, ended), {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}

function watchStream(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  ended: (end: BodyEnd) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        ended({ how: "complete" });
        controller.close();
      } catch (error) {
        ended({ how: "failed", error });
        controller.error(error);
      }
    },
    async cancel(reason) {
      ended({ how: "cancelled" });
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
