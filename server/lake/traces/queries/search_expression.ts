/**
 * What a search asks for, as a tree of conditions on spans. The grammar writes it, the SQL builder reads it.
 *
 * A trace satisfies a condition when at least one of its spans does; `not`, `and` and `or` then combine these
 * answers for the whole trace.
 *
 * @module
 */

/** Comparison of a field with a value. */
export type CompareOp = "=" | "!=" | ">" | ">=" | "<" | "<=";

/** What a condition looks at. */
export type SearchField =
  | {
    readonly kind:
      | "service"
      | "name"
      | "span-kind"
      | "status"
      | "duration"
      | "model"
      | "agent"
      | "tool"
      | "tokens"
      | "conversation"
      | "trace"
      | "span"
      | "entity"
      | "queue";
  }
  /** US dollars; `prices` is added before the condition becomes SQL, see `withPrices`. */
  | { readonly kind: "cost"; readonly prices?: CallPrices }
  /** A span attribute. */
  | { readonly kind: "attribute"; readonly key: string }
  /** A resource attribute. */
  | { readonly kind: "resource"; readonly key: string };

/**
 * What the calls of a window cost, in US dollars per million tokens. The lists go together; each entry is one model of
 * one provider in one period of prices. Numbers are written out, as a statement's lists hold texts.
 */
export interface CallPrices {
  /** Times at which prices change, ascending, µs. */
  readonly changesUs: readonly number[];
  /** Provider, model and number of the period, as `callKeySql` writes them. */
  readonly keys: readonly string[];
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly cacheCreation: readonly string[];
  readonly cacheRead: readonly string[];
}

/** One condition on a span. */
export type SearchAtom =
  /** The words occur in the span's names, status message, attribute values, events or payloads; case is ignored. */
  | { readonly kind: "text"; readonly text: string }
  /** The field has a value at all. */
  | { readonly kind: "present"; readonly field: SearchField }
  /** `=` compares type and value loosely (the text `5` equals the number 5); `!=` needs the field to be present. */
  | {
    readonly kind: "compare";
    readonly field: SearchField;
    readonly op: CompareOp;
    /** Text for `=` and `!=`; a number for the order comparisons. Durations are microseconds. */
    readonly value: string | number;
  };

/** A whole search. */
export type SearchExpression =
  | { readonly kind: "and" | "or"; readonly children: readonly SearchExpression[] }
  | { readonly kind: "not"; readonly child: SearchExpression }
  | { readonly kind: "atom"; readonly atom: SearchAtom };

/** All of several conditions; null when there are none. */
export function allOf(
  children: readonly (SearchExpression | null)[],
): SearchExpression | null {
  const present = children.filter((child) => child !== null);
  if (present.length <= 1) return present[0] ?? null;
  return { kind: "and", children: present };
}

/** How cheaply and sharply a condition narrows spans; smaller is better. */
function rank(atom: SearchAtom): number {
  if (atom.kind === "text") return 5;
  if (atom.kind === "present") return 4;
  const field = atom.field.kind;
  if (field === "trace" || field === "span") return 0;
  if (field === "entity" || field === "queue" || field === "conversation") return 1;
  if (atom.op !== "=") return 4;
  return field === "attribute" || field === "resource" ? 3 : 2;
}

/**
 * Conditions of which every span-bearing trace that satisfies the expression has at least one on some span; null when
 * there is no such set (a search made of negations only).
 */
export function requiredAtoms(expression: SearchExpression): readonly SearchAtom[] | null {
  switch (expression.kind) {
    case "atom":
      return [expression.atom];
    case "not":
      return null;
    case "or": {
      const parts = expression.children.map(requiredAtoms);
      return parts.every((part) => part !== null) ? parts.flat() : null;
    }
    case "and": {
      const worst = (atoms: readonly SearchAtom[]) => Math.max(...atoms.map(rank));
      let best: readonly SearchAtom[] | null = null;
      for (const child of expression.children) {
        const atoms = requiredAtoms(child);
        if (atoms !== null && (best === null || worst(atoms) < worst(best))) best = atoms;
      }
      return best;
    }
  }
}

/** Whether some condition is about a kind of field. */
export function mentions(expression: SearchExpression, kind: SearchField["kind"]): boolean {
  switch (expression.kind) {
    case "atom":
      return expression.atom.kind !== "text" && expression.atom.field.kind === kind;
    case "not":
      return mentions(expression.child, kind);
    default:
      return expression.children.some((child) => mentions(child, kind));
  }
}

/** The expression with each field replaced by what `change` makes of it. */
export function mapFields(
  expression: SearchExpression,
  change: (field: SearchField) => SearchField,
): SearchExpression {
  switch (expression.kind) {
    case "atom": {
      const { atom } = expression;
      return atom.kind === "text"
        ? expression
        : { kind: "atom", atom: { ...atom, field: change(atom.field) } };
    }
    case "not":
      return { kind: "not", child: mapFields(expression.child, change) };
    default:
      return {
        kind: expression.kind,
        children: expression.children.map((child) => mapFields(child, change)),
      };
  }
}
