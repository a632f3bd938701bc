/**
 * The tree of one trace, from its flat list of spans. Pure and iterative: a chain of any length, a cycle, or a
 * missing parent never grows the call stack and never loses a span.
 *
 * @module
 */

/** What a span must tell to be placed in its tree. */
export interface TreeSpan {
  /** Lowercase hex. */
  readonly spanId: string;
  /** Lowercase hex; null for a root. */
  readonly parentSpanId: string | null;
  /** Start in microseconds since the epoch. */
  readonly startTimeUs: number;
}

/** A span in its place. */
export interface TreeNode<S extends TreeSpan> {
  readonly span: S;
  /** 0 for roots and for heads of subtrees whose parent is missing. */
  readonly depth: number;
  /** Position in the depth-first pre-order walk, from 0. */
  readonly order: number;
  /** `order` of the parent, or null at the head of a tree. */
  readonly parentOrder: number | null;
  /** `order` of the head of the tree the span is in; its own at the head. */
  readonly headOrder: number;
  /** Set at the head of a subtree whose parent is not among the spans: that parent's id. */
  readonly missingParentId: string | null;
}

/** All spans of a trace in depth-first pre-order. */
export interface TraceTree<S extends TreeSpan> {
  readonly nodes: readonly TreeNode<S>[];
  /** The first root by start time, else the first span's id; empty for no spans. */
  readonly rootSpanId: string;
  /** Distinct ids that spans name as their parent and that are not among the spans, in order of appearance. */
  readonly missingParentIds: readonly string[];
}

/**
 * Builds the tree: roots first, then subtrees whose parent is missing, then what only a cycle holds together; each
 * group and all siblings by start time, then span id.
 *
 * @param spans Spans of one trace, in any order. Several spans with one id are all kept; the earliest has the children.
 * @returns Every span exactly once.
 *
 * @example
 * ```ts
 * const tree = buildTree([
 *   { spanId: "b", parentSpanId: "a", startTimeUs: 2 },
 *   { spanId: "a", parentSpanId: null, startTimeUs: 1 },
 * ]);
 * // tree.nodes.map((node) => [node.span.spanId, node.depth]) is [["a", 0], ["b", 1]]
 * ```
 */
export function buildTree<S extends TreeSpan>(spans: readonly S[]): TraceTree<S> {
  const sorted = spans.toSorted((a, b) =>
    a.startTimeUs - b.startTimeUs || (a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : 0)
  );
  const known = new Set(sorted.map((span) => span.spanId));
  const roots: S[] = [];
  const orphans: S[] = [];
  const children = new Map<string, S[]>();
  const missing = new Set<string>();
  for (const span of sorted) {
    const parent = span.parentSpanId;
    if (parent === null) roots.push(span);
    else if (!known.has(parent)) {
      orphans.push(span);
      missing.add(parent);
    } else {
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [span]);
      else siblings.push(span);
    }
  }

  const nodes: TreeNode<S>[] = [];
  const visited = new Set<S>();
  const expanded = new Set<string>();
  const walk = (head: S) => {
    const headOrder = nodes.length;
    const stack: { span: S; depth: number; parentOrder: number | null }[] = [
      { span: head, depth: 0, parentOrder: null },
    ];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { span, depth, parentOrder } = top;
      if (visited.has(span)) continue;
      visited.add(span);
      const order = nodes.length;
      const parent = span.parentSpanId;
      const missingParentId = parent !== null && !known.has(parent) ? parent : null;
      nodes.push({ span, depth, order, parentOrder, headOrder, missingParentId });
      if (expanded.has(span.spanId)) continue;
      expanded.add(span.spanId);
      const below = children.get(span.spanId) ?? [];
      for (let at = below.length - 1; at >= 0; at--) {
        const child = below[at];
        if (child !== undefined) stack.push({ span: child, depth: depth + 1, parentOrder: order });
      }
    }
  };
  roots.forEach(walk);
  orphans.forEach(walk);
  // What is left has a known parent but no way up to a head: cycles, entered at their earliest span.
  for (const span of sorted) if (!visited.has(span)) walk(span);

  return {
    nodes,
    rootSpanId: (roots[0] ?? sorted[0])?.spanId ?? "",
    missingParentIds: [...missing],
  };
}

/**
 * Span ids from the head of a node's tree down to the node itself.
 *
 * @param tree The tree the node is in.
 * @param node The node.
 * @param maxLength Longest path to return: a longer one keeps the head and the nearest ancestors, so that a chain of
 * thousands of spans does not cost the square of its length.
 */
export function pathOf<S extends TreeSpan>(
  tree: TraceTree<S>,
  node: TreeNode<S>,
  maxLength = 100,
): string[] {
  const path: string[] = [];
  let at: TreeNode<S> | undefined = node;
  while (at !== undefined && path.length < maxLength) {
    path.push(at.span.spanId);
    at = at.parentOrder === null ? undefined : tree.nodes[at.parentOrder];
  }
  if (at !== undefined) {
    path[path.length - 1] = tree.nodes[node.headOrder]?.span.spanId ?? node.span.spanId;
  }
  return path.reverse();
}
