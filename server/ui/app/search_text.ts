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

/** A search that asks for both; alternatives are put in parentheses, as `or` binds weakest. */
export function bothOf(query: string, term: string): string {
  const rest = query.trim();
  return `${hasAlternatives(rest) ? `(${rest})` : rest} ${term}`.trim();
}

/** Whether `or` stands outside of all parentheses and quotes. */
function hasAlternatives(query: string): boolean {
  let depth = 0;
  for (const [word] of query.replaceAll(/"(?:\\.|[^"\\])*"?/g, "x").matchAll(/[()]|[^\s()]+/g)) {
    if (word === "(") depth++;
    else if (word === ")") depth--;
    else if (depth === 0 && word.toLowerCase() === "or") return true;
  }
  return false;
}

/** A search with a term added, or taken away where it is there already. */
export function toggleTerm(query: string, term: string): string {
  const at = placeOf(query, term);
  if (at < 0) return bothOf(query, term);
  return `${query.slice(0, at)} ${query.slice(at + term.length)}`.replace(/\s+/g, " ").trim();
}

/** Whether a search has a term, not as one of several alternatives. */
export function hasTerm(query: string, term: string): boolean {
  return placeOf(query, term) >= 0;
}

function placeOf(query: string, term: string): number {
  const at = ` ${query} `.indexOf(` ${term} `);
  const isAlternative = /\bor\s*$/i.test(query.slice(0, at)) ||
    /^\s*or\b/i.test(query.slice(at + term.length));
  return at < 0 || isAlternative ? -1 : at;
}
