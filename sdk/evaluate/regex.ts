/**
 * Regular expressions from task files.
 *
 * They run on RE2JS, a port of RE2: matching takes time linear in the text whatever the pattern, so
 * a pattern such as `(a+)+$` cannot hang the process. The price is RE2's syntax: no look-around and
 * no back-references; such patterns are refused with a clear error.
 *
 * `\d`, `\w` and `\s` mean the Unicode classes of UTS #18, as in the engines that task files are
 * usually written for. `\b` looks at ASCII word characters only.
 *
 * @module
 */

import { RE2JS } from "re2js";
import { EvaluationError } from "./errors.ts";

/** A compiled pattern that searches anywhere in a text. */
export interface SafePattern {
  /** The pattern as written. */
  readonly source: string;
  /** Whether the pattern occurs in the text. */
  test(text: string): boolean;
}

/** Longest accepted pattern, in characters; RE2 compiles in time linear in this. */
export const MAX_PATTERN_LENGTH = 4096;
/** How many compiled patterns are kept. */
const CACHE_SIZE = 512;

const cache = new Map<string, SafePattern>();

const DIGIT = "\\p{Nd}";
const WORD = "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}";
const SPACE = "\\t\\n\\v\\f\\r \\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}" +
  "\\x{202f}\\x{205f}\\x{3000}";

/**
 * Compiles a pattern, or takes it from the cache.
 *
 * @param source an RE2 pattern, at most 4096 characters
 * @returns the compiled pattern
 * @throws EvaluationError `INVALID_PATTERN` for a pattern that RE2 does not accept
 * @example
 * ```ts
 * import { compilePattern } from "./regex.ts";
 *
 * compilePattern("(?i)^in_\\w+$").test("IN_progress"); // true
 * ```
 */
export function compilePattern(source: string): SafePattern {
  const known = cache.get(source);
  if (known !== undefined) return known;
  if (source.length > MAX_PATTERN_LENGTH) {
    throw new EvaluationError(
      "INVALID_PATTERN",
      `Pattern of ${source.length} characters is longer than ${MAX_PATTERN_LENGTH}`,
    );
  }
  let engine: RE2JS;
  try {
    engine = RE2JS.compile(withUnicodeClasses(source));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EvaluationError(
      "INVALID_PATTERN",
      `Pattern "${source}" is not a valid RE2 pattern (no look-around, no back-references): ` +
        reason,
      { cause: error },
    );
  }
  const pattern: SafePattern = { source, test: (text) => engine.test(text) };
  if (cache.size >= CACHE_SIZE) {
    const oldest = cache.keys().next();
    if (!oldest.done) cache.delete(oldest.value);
  }
  cache.set(source, pattern);
  return pattern;
}

/** Spells out `\d \w \s` (and, outside of brackets, their negations) as Unicode classes. */
function withUnicodeClasses(source: string): string {
  let out = "";
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i] as string;
    if (char === "\\" && i + 1 < source.length) {
      const escape = source[++i] as string;
      if (escape === "Q") {
        const end = source.indexOf("\\E", i + 1);
        const stop = end < 0 ? source.length : end + 2;
        out += source.slice(i - 1, stop);
        i = stop - 1;
      } else {
        out += (inClass ? insideClass(escape) : outsideClass(escape)) ?? char + escape;
      }
      continue;
    }
    if (char === "[" && !inClass) {
      inClass = true;
      out += char;
      // A bracket that comes first in a class is a literal one.
      if (source[i + 1] === "^") out += source[++i];
      if (source[i + 1] === "]") out += source[++i];
      continue;
    }
    if (char === "]" && inClass) inClass = false;
    out += char;
  }
  return out;
}

function outsideClass(escape: string): string | undefined {
  switch (escape) {
    case "d":
      return DIGIT;
    case "D":
      return "\\P{Nd}";
    case "w":
      return `[${WORD}]`;
    case "W":
      return `[^${WORD}]`;
    case "s":
      return `[${SPACE}]`;
    case "S":
      return `[^${SPACE}]`;
    default:
      return undefined;
  }
}

function insideClass(escape: string): string | undefined {
  switch (escape) {
    case "d":
      return DIGIT;
    case "D":
      return "\\P{Nd}";
    case "w":
      return WORD;
    case "s":
      return SPACE;
    default:
      return undefined;
  }
}
