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
    engine = RE2JS.compile(toRe2(source));
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

/** Flags at the very start that RE2 does not know: `x` for spaces and comments, `u` for Unicode. */
const LEADING_FLAGS = /^\(\?([a-zA-Z]*)(-[a-zA-Z]+)?\)/;
/** What follows a brace that repeats. */
const REPETITION = /^\{\d+(?:,\d*)?\}/;
/** `u{1F600}`, `u00E9` or `U0001F600`. */
const CODE_POINT = /^(?:[uU]\{([0-9a-fA-F]{1,6})\}|(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})))/;
/** Set operations inside of brackets mean something else, or nothing, to RE2. */
const SET_OPERATION = /^(?:&&|--|~~)/;

/**
 * Translates a pattern: `\d \w \s` (and, outside of brackets, their negations) are spelled out as
 * Unicode classes, verbose patterns lose their spaces and comments, and what RE2 would read as
 * something else is refused.
 */
function toRe2(source: string): string {
  let start = 0;
  let out = "";
  let verbose = false;
  let unicode = true;
  const flags = LEADING_FLAGS.exec(source);
  if (flags !== null) {
    const [all, on = "", off = ""] = flags;
    verbose = on.includes("x");
    unicode = !off.includes("u");
    const rest = on.replace(/[xu]/g, "");
    const restOff = off.slice(1).replace(/[xu]/g, "");
    start = all.length;
    if (rest !== "" || restOff !== "") out = `(?${rest}${restOff === "" ? "" : `-${restOff}`})`;
  }
  let inClass = false;
  for (let i = start; i < source.length; i++) {
    const char = source[i] as string;
    if (char === "\\" && i + 1 < source.length) {
      const escape = source[++i] as string;
      const spelled = unicode ? (inClass ? insideClass(escape) : outsideClass(escape)) : undefined;
      if (escape === "Q") throw refused("\\Q…\\E is not supported; escape each character");
      if (escape === "u" || escape === "U") {
        const [all, braced, short, long] = CODE_POINT.exec(source.slice(i)) ?? [];
        if (all === undefined) throw refused(`\\${escape} needs a code point in hex`);
        out += `\\x{${braced ?? short ?? long}}`;
        i += all.length - 1;
        continue;
      }
      if (verbose && escape === " ") out += inClass ? " " : "[ ]";
      else out += spelled ?? char + escape;
      continue;
    }
    if (inClass) {
      if (SET_OPERATION.test(source.slice(i, i + 2)) || (char === "[" && source[i + 1] !== ":")) {
        throw refused(`sets inside of brackets ("${source.slice(i, i + 2)}") are not supported`);
      }
      if (char === "[") {
        const end = source.indexOf(":]", i);
        const stop = end < 0 ? source.length : end + 2;
        out += source.slice(i, stop);
        i = stop - 1;
        continue;
      }
      if (verbose && /\s/.test(char)) continue;
      if (char === "]") inClass = false;
      out += char;
      continue;
    }
    if (verbose && /\s/.test(char)) continue;
    if (verbose && char === "#") {
      const end = source.indexOf("\n", i);
      i = end < 0 ? source.length : end;
      continue;
    }
    if (char === "{" && !REPETITION.test(source.slice(i, i + 16))) {
      throw refused('a repetition is {n}, {n,} or {n,m}; write "\\{" for a brace');
    }
    out += char;
    if (char === "[") {
      inClass = true;
      // A bracket that comes first in a class is a literal one.
      if (source[i + 1] === "^") out += source[++i];
      if (source[i + 1] === "]") out += source[++i];
    }
  }
  return out;
}

function refused(reason: string): EvaluationError {
  return new EvaluationError("INVALID_PATTERN", reason);
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
