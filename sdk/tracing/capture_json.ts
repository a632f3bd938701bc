/**
 * Values as JSON that fits into an attribute.
 *
 * @module
 */

/** Added to what was cut. */
const MARK = "...[truncated]";
const MAX_DEPTH = 32;

/** Limits of a captured value. */
export interface CaptureLimits {
  /** Longest string leaf in code points; 1,000 by default. */
  readonly maxLength?: number;
  /** Code points that all leaves and keys may have together; 65,536 by default. */
  readonly maxTotalLength?: number;
}

/** Cuts a string between characters. */
function cut(text: string, maxLength: number): string {
  // UTF-16 units are never fewer than code points, so most strings need no counting.
  if (text.length <= maxLength) return text;
  let end = 0;
  for (let count = 0; end < text.length; count++) {
    if (count === maxLength) return text.slice(0, end) + MARK;
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

class Writer {
  readonly #maxLength: number;
  readonly #open = new Set<object>();
  #left: number;

  constructor(limits: CaptureLimits) {
    this.#maxLength = limits.maxLength ?? 1_000;
    this.#left = limits.maxTotalLength ?? 65_536;
  }

  get spent(): boolean {
    return this.#left <= 0;
  }

  leaf(text: string): string {
    if (this.spent) return MARK;
    const short = cut(text, Math.min(this.#maxLength, this.#left));
    this.#left -= short.length;
    return short;
  }

  value(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case "string":
        return this.leaf(value);
      case "number":
        this.#left -= 8;
        return Number.isFinite(value) ? value : String(value);
      case "boolean":
        this.#left -= 4;
        return value;
      case "bigint":
        return this.leaf(String(value));
      case "function":
      case "symbol":
        return this.leaf(typeof value);
      case "undefined":
        return null;
    }
    return typeof value === "object" && value !== null ? this.object(value, depth) : null;
  }

  object(value: object, depth: number): unknown {
    if (depth > MAX_DEPTH) return MARK;
    if (this.#open.has(value)) return "[circular]";
    this.#open.add(value);
    try {
      if (value instanceof Uint8Array) {
        // Base64 makes four characters of three bytes; more would be cut off anyway.
        return this.leaf(base64(value.subarray(0, this.#maxLength)));
      }
      if (value instanceof Error) return this.leaf(`${value.name}: ${value.message}`);
      if ("toJSON" in value && typeof value.toJSON === "function") {
        return this.value(value.toJSON(), depth + 1);
      }
      if (Array.isArray(value) || value instanceof Set) return this.list(value, depth);
      return this.members(value instanceof Map ? value : Object.entries(value), depth);
    } finally {
      this.#open.delete(value);
    }
  }

  list(items: Iterable<unknown>, depth: number): unknown[] {
    const out: unknown[] = [];
    for (const item of items) {
      if (this.spent) {
        out.push(MARK);
        break;
      }
      this.#left -= 1;
      out.push(this.value(item, depth + 1));
    }
    return out;
  }

  members(entries: Iterable<[unknown, unknown]>, depth: number): unknown {
    const out: [string, unknown][] = [];
    for (const [key, member] of entries) {
      if (this.spent) {
        out.push([MARK, true]);
        break;
      }
      if (member === undefined) continue;
      out.push([this.leaf(String(key)), this.value(member, depth + 1)]);
    }
    return Object.fromEntries(out);
  }
}

/**
 * Writes a value as JSON that is never longer than its limits allow: long strings are cut between characters, what goes
 * beyond the total is left out and marked. Bytes become base64, functions and symbols the name of their type, cycles
 * a mark. Never throws: a value that cannot be read becomes a text that says so.
 *
 * @param value Anything
 * @param limits How long it may become
 * @returns Valid JSON
 * @example
 * ```ts
 * import { captureJson } from "@scouter/sdk/tracing";
 *
 * console.log(captureJson({ text: "abcdef" }, { maxLength: 3 })); // {"text":"abc...[truncated]"}
 * ```
 */
export function captureJson(value: unknown, limits: CaptureLimits = {}): string {
  try {
    return JSON.stringify(new Writer(limits).value(value, 0)) ?? "null";
  } catch (error) {
    // A getter or toJSON of the caller's threw; tracing must not break the call it watches.
    return JSON.stringify(`[unreadable: ${error instanceof Error ? error.message : "?"}]`);
  }
}
