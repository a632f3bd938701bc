/**
 * Finds a trace id in what a person pasted.
 *
 * @module
 */

/** What was meant: a trace, and perhaps a span of it. */
export interface PastedTrace {
  readonly traceId: string;
  readonly spanId: string | null;
}

/**
 * Reads a bare id, one with dashes as UUIDs have, a W3C `traceparent`, or the address of a trace's page.
 *
 * @returns Null when the text is none of these.
 */
export function pastedTrace(text: string): PastedTrace | null {
  const lower = text.trim().toLowerCase();
  const [, parentTrace, parentSpan] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(lower) ?? [];
  if (parentTrace !== undefined) return known(parentTrace, parentSpan ?? null);
  const [, addressed] = /\/traces\/([0-9a-f]{32})(?:[/?#]|$)/.exec(lower) ?? [];
  if (addressed !== undefined) {
    return known(addressed, /[?&]span=([0-9a-f]{16})(?:&|$)/.exec(lower)?.[1] ?? null);
  }
  const bare = lower.replaceAll("-", "");
  return /^[0-9a-f]{32}$/.test(bare) ? known(bare, null) : null;
}

/** W3C: an id of zeros is none. */
function known(traceId: string, spanId: string | null): PastedTrace | null {
  return /^0+$/.test(traceId) ? null : { traceId, spanId };
}
