/**
 * Writes terms of the search language. Reading it is the server's.
 *
 * @module
 */

/** A term that a value must be equal to, quoted where needed. */
export function termOf(key: string, value: string): string {
  const quoted = value === "" || value === "*" || /[\s()"]/.test(value)
    ? `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`
    : value;
  return `${key}:${quoted}`;
}

/** A search with a term added, or taken away where it is there already. */
export function toggleTerm(query: string, term: string): string {
  const at = ` ${query} `.indexOf(` ${term} `);
  if (at < 0) return `${query.trim()} ${term}`.trim();
  return `${query.slice(0, at)} ${query.slice(at + term.length)}`.replace(/\s+/g, " ").trim();
}

/** Whether a search has a term. */
export function hasTerm(query: string, term: string): boolean {
  return ` ${query} `.includes(` ${term} `);
}
