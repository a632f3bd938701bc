/**
 * Paths into JSON values: `user.tags[0].name`.
 *
 * Two grammars. The *reference* one tokenises: identifiers and `[digits]` count, everything else
 * is skipped in silence, which keeps files written for other engines working. The *strict* one
 * refuses what it does not understand and adds quoted keys (`["a-b"]`), negative indexes (from the
 * end) and any letter in identifiers.
 *
 * @module
 */

import { EvaluationError } from "./errors.ts";
import { isJsonArray, isJsonObject, type JsonValue } from "./json.ts";

/** Longest path in UTF-8 bytes. */
const MAX_PATH_BYTES = 512;
/** Most segments of a path. */
const MAX_PATH_SEGMENTS = 32;

/**
 * How faithful to be where the original's behaviour is a mistake: `reference` answers as it does,
 * `strict` answers what the words mean.
 */
export type Compatibility = "reference" | "strict";

/** A step: an object key or an array index. */
export type PathSegment = string | number;

/** A path, parsed once. */
export interface CompiledPath {
  /** The path as written. */
  readonly text: string;
  /** Its steps. */
  readonly segments: readonly PathSegment[];
  /** Characters that the reference grammar skipped; a reason to warn when not empty. */
  readonly ignored: string;
  /**
   * Walks the path.
   *
   * @returns the value, or `undefined` when a step leads nowhere
   */
  get(root: JsonValue): JsonValue | undefined;
  /** Says at which step the walk ends, for error messages. */
  explain(root: JsonValue): EvaluationError;
}

const TOKEN = /[A-Za-z_][A-Za-z0-9_]*|\[\d+\]/g;

/**
 * Parses a path.
 *
 * @param text the path, at most 512 UTF-8 bytes and 32 segments
 * @param compatibility which grammar
 * @returns the compiled path
 * @throws EvaluationError `PATH_TOO_LONG`, `TOO_MANY_PATH_SEGMENTS`, `EMPTY_PATH`, and in strict
 * mode `INVALID_PATH`
 * @example
 * ```ts
 * import { compilePath } from "./path.ts";
 *
 * compilePath("items[1].id").get({ items: [{ id: 1 }, { id: 2 }] }); // 2
 * compilePath('meta["content-type"]', "strict").get({ meta: { "content-type": "x" } }); // "x"
 * ```
 */
export function compilePath(
  text: string,
  compatibility: Compatibility = "reference",
): CompiledPath {
  if (text.length > MAX_PATH_BYTES || new TextEncoder().encode(text).length > MAX_PATH_BYTES) {
    throw new EvaluationError(
      "PATH_TOO_LONG",
      `Path of ${text.length} characters is longer than ${MAX_PATH_BYTES} bytes: ` +
        `"${text.slice(0, 40)}…"`,
    );
  }
  const { segments, ignored } = compatibility === "strict" ? parseStrict(text) : tokenise(text);
  if (segments.length > MAX_PATH_SEGMENTS) {
    throw new EvaluationError(
      "TOO_MANY_PATH_SEGMENTS",
      `Path "${text}" has ${segments.length} segments; ${MAX_PATH_SEGMENTS} are the limit`,
    );
  }
  if (segments.length === 0) {
    throw new EvaluationError(
      "EMPTY_PATH",
      `Path "${text}" names no field; leave it out to mean the whole value`,
    );
  }
  const [first] = segments;
  const single = segments.length === 1 && typeof first === "string" ? first : undefined;
  return {
    text,
    segments,
    ignored,
    get: single === undefined
      ? (root) => walk(root, segments)
      : (root) =>
        isJsonObject(root) && Object.hasOwn(root, single) ? root[single] as JsonValue : undefined,
    explain: (root) => explain(root, segments, text),
  };
}

/** One step, or `undefined` when it leads nowhere. */
function step(value: JsonValue, segment: PathSegment): JsonValue | undefined {
  if (typeof segment === "number") {
    if (!isJsonArray(value)) return undefined;
    return segment < 0 ? value[value.length + segment] : value[segment];
  }
  if (!isJsonObject(value) || !Object.hasOwn(value, segment)) return undefined;
  return value[segment];
}

function walk(root: JsonValue, segments: readonly PathSegment[]): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (let i = 0; i < segments.length; i++) {
    value = step(value, segments[i] as PathSegment);
    if (value === undefined) return undefined;
  }
  return value;
}

function explain(
  root: JsonValue,
  segments: readonly PathSegment[],
  text: string,
): EvaluationError {
  let value: JsonValue = root;
  for (const segment of segments) {
    const next = step(value, segment);
    if (next !== undefined) {
      value = next;
      continue;
    }
    if (typeof segment === "number") {
      const what = isJsonArray(value) ? `an array of ${value.length}` : `not an array`;
      return new EvaluationError(
        "INDEX_NOT_FOUND",
        `Index ${segment} not found (path "${text}": the value there is ${what})`,
      );
    }
    return new EvaluationError(
      "FIELD_NOT_FOUND",
      `Field '${segment}' not found (path "${text}")`,
    );
  }
  return new EvaluationError("FIELD_NOT_FOUND", `Path "${text}" leads nowhere`);
}

function tokenise(text: string): { segments: PathSegment[]; ignored: string } {
  const segments: PathSegment[] = [];
  let ignored = "";
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const token = match[0];
    ignored += text.slice(end, match.index);
    end = match.index + token.length;
    segments.push(token.startsWith("[") ? Number(token.slice(1, -1)) : token);
  }
  ignored += text.slice(end);
  return { segments, ignored: ignored.replaceAll(".", "") };
}

const STRICT_IDENTIFIER = /[\p{L}_$][\p{L}\p{M}\p{N}_$-]*/uy;
const STRICT_INDEX = /\[(-?\d+)\]/y;
const STRICT_QUOTED = /\[("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\]/y;

function parseStrict(text: string): { segments: PathSegment[]; ignored: string } {
  const segments: PathSegment[] = [];
  let at = 0;
  while (at < text.length) {
    let start = at;
    if (text[at] === "." && segments.length > 0) start = ++at;
    const dotted = start > 0 && text[start - 1] === ".";
    const quoted = dotted ? undefined : matchAt(STRICT_QUOTED, text, at);
    if (quoted !== undefined) {
      segments.push(unquote(quoted[1] as string));
      at += quoted[0].length;
      continue;
    }
    const index = dotted ? undefined : matchAt(STRICT_INDEX, text, at);
    if (index !== undefined) {
      segments.push(Number(index[1]));
      at += index[0].length;
      continue;
    }
    const name = segments.length === 0 || dotted ? matchAt(STRICT_IDENTIFIER, text, at) : undefined;
    if (name === undefined) throw unexpected(text, at);
    segments.push(name[0]);
    at += name[0].length;
  }
  return { segments, ignored: "" };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/gs, "$1");
}

function unexpected(text: string, at: number): EvaluationError {
  const found = at < text.length ? `"${text.slice(at, at + 8)}"` : "the end";
  return new EvaluationError(
    "INVALID_PATH",
    `Path "${text}": expected a name, [index] or ["key"] at position ${at}, found ${found}`,
  );
}
