/**
 * What may be typed next at a place of a search.
 *
 * @module
 */

import { SEARCH_KEYS } from "./search_grammar.ts";
import type { Facet } from "./trace_facets.ts";

/** What occurs in a window. */
export interface SearchFacets {
  readonly fields: readonly SearchFacet[];
  readonly attributes: readonly SearchFacet[];
}

/** A key with its spans, and values with theirs. */
export interface SearchFacet extends Pick<Facet, "key" | "spanCount"> {
  readonly values: readonly Pick<Facet["values"][number], "value" | "spanCount">[];
}

/** The word around the caret, taken apart. */
export interface SearchWord {
  /** What suggestions replace, UTF-16 units. */
  readonly from: number;
  readonly to: number;
  /** Null while the key itself is being typed. */
  readonly key: string | null;
  /** Beginning of the key or of the value. */
  readonly prefix: string;
}

/** A text to put in place of the word. */
export interface SearchSuggestion {
  readonly text: string;
  readonly spanCount: number;
}

/** Finds the key or value being typed. */
export function wordAt(text: string, position: number): SearchWord {
  const to = Math.max(0, Math.min(position, text.length));
  const before = /(?:^|[\s(])-?((?:[^\s()"]|"(?:\\.|[^"\\])*"?)*)$/.exec(text.slice(0, to))?.[1] ??
    "";
  const operator = /^([^\s()":=<>!]+)(!=|[:=])(.*)$/s.exec(before);
  if (operator === null) {
    return { from: to - before.length, to, key: null, prefix: before };
  }
  const typed = operator[3] ?? "";
  return {
    from: to - typed.length,
    to,
    key: operator[1] ?? "",
    prefix: typed.replace(/^"|"$/g, ""),
  };
}

/**
 * Suggests keys or values that begin with what was typed, most frequent first.
 *
 * @param facets What occurs in the window; null offers only keys with a meaning of their own.
 */
export function suggest(
  word: SearchWord,
  facets: SearchFacets | null,
  limit: number,
): SearchSuggestion[] {
  const prefix = word.prefix.toLowerCase();
  const all = [...facets?.fields ?? [], ...facets?.attributes ?? []];
  const found: SearchSuggestion[] = [];
  if (word.key === null) {
    const keys = new Map(SEARCH_KEYS.map((key) => [key, 0]));
    for (const facet of all) keys.set(facet.key, facet.spanCount);
    for (const [key, spanCount] of keys) {
      if (key.toLowerCase().startsWith(prefix)) found.push({ text: `${key}:`, spanCount });
    }
  } else {
    const key = word.key.startsWith("tag.") ? word.key.slice("tag.".length) : word.key;
    for (const { value, spanCount } of all.find((facet) => facet.key === key)?.values ?? []) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      if (text.toLowerCase().startsWith(prefix)) found.push({ text: quote(text), spanCount });
    }
  }
  return found.slice(0, limit);
}

function quote(text: string): string {
  return /[\s()"]/.test(text) || text === "" || text === "*"
    ? `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`
    : text;
}
