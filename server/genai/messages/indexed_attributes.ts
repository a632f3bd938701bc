/**
 * Attributes whose keys spell a structure: `llm.input_messages.0.message.role`.
 *
 * @module
 */

/** Deeper keys do not occur; they are left out. */
const MAX_DEPTH = 16;

type Tree = Map<string, Tree | { readonly leaf: unknown }>;

/**
 * Gathers the attributes under a prefix.
 *
 * @param attributes Values by key.
 * @param prefix Ends with a dot.
 * @returns Objects, and arrays (by ascending index) where all names are numbers; undefined when there is none.
 */
export function nested(attributes: ReadonlyMap<string, unknown>, prefix: string): unknown {
  const root: Tree = new Map();
  for (const [key, value] of attributes) {
    if (!key.startsWith(prefix)) continue;
    const path = key.slice(prefix.length).split(".");
    const last = path.pop();
    if (last === undefined || path.length >= MAX_DEPTH) continue;
    let at: Tree | null = root;
    for (const step of path) {
      const next: Tree | { readonly leaf: unknown } | undefined = at.get(step);
      if (next instanceof Map) at = next;
      else if (next === undefined) {
        const made: Tree = new Map();
        at.set(step, made);
        at = made;
      } else {
        at = null;
        break;
      }
    }
    if (at !== null && !at.has(last)) at.set(last, { leaf: value });
  }
  return root.size === 0 ? undefined : unfold(root);
}

function unfold(tree: Tree): unknown {
  const entries = [...tree].map(([key, value]): [string, unknown] => [
    key,
    value instanceof Map ? unfold(value) : value.leaf,
  ]);
  return entries.every(([key]) => /^\d{1,9}$/.test(key))
    ? entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value)
    : Object.fromEntries(entries);
}

/** The entries of an unfolded list; empty when it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
