/**
 * A trace as a tree of text.
 *
 * @module
 */

/** What is printed of a span; the server answers spans in depth-first order. */
export interface TreeSpan {
  readonly span_name: string;
  readonly service_name: string;
  readonly span_kind: string | null;
  readonly depth: number;
  readonly duration_ms: number;
  readonly output: unknown;
}

/** Draws a trace, one span a line. */
export function renderTree(spans: readonly TreeSpan[]): string {
  return spans.map((span, at) => {
    const branches = Array.from({ length: span.depth }, (_, level) => {
      const own = level === span.depth - 1;
      const more = hasSibling(spans, at, level + 1);
      return own ? (more ? "├─ " : "└─ ") : more ? "│  " : "   ";
    }).join("");
    const output = span.output === null ? "" : ` → ${JSON.stringify(span.output)}`;
    const kind = (span.span_kind ?? "").toLowerCase();
    return `${branches}${span.span_name}  [${span.service_name}, ${kind}, ${span.duration_ms} ms]${output}`;
  }).join("\n");
}

/** Whether a span of this depth follows before its parent's part of the list ends. */
function hasSibling(spans: readonly TreeSpan[], at: number, depth: number): boolean {
  for (const later of spans.slice(at + 1)) {
    if (later.depth < depth) return false;
    if (later.depth === depth) return true;
  }
  return false;
}
