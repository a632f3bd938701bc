import { DriftError } from "./error.ts";

/**
 * A place in a JSON document: reads typed values and, when one is not what it should be, says where it lies.
 *
 * Used once at the edge, when a profile comes in; everything behind it trusts the types.
 */
export class JsonNode {
  readonly value: unknown;
  readonly path: string;

  /**
   * @param value the parsed JSON
   * @param path where it lies, for messages
   */
  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  /** Parses text, or takes what is parsed already. */
  static from(input: unknown, what: string): JsonNode {
    if (typeof input !== "string") return new JsonNode(input, what);
    try {
      return new JsonNode(JSON.parse(input), what);
    } catch (cause) {
      throw new DriftError("INVALID_PROFILE", `${what} is not JSON: ${String(cause)}`, { cause });
    }
  }

  /** Whether there is nothing here: no such key, or null. */
  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** The value under a key; absent when there is no such key. */
  get(key: string): JsonNode {
    const object = this.object();
    return new JsonNode(
      Object.hasOwn(object, key) ? object[key] : undefined,
      `${this.path}.${key}`,
    );
  }

  /** Keys and values of an object. */
  entries(): [string, JsonNode][] {
    return Object.entries(this.object()).map((
      [key, value],
    ) => [key, new JsonNode(value, `${this.path}.${key}`)]);
  }

  /** The only key of an externally tagged union, and its content. */
  tagged(): [string, JsonNode] {
    const [entry, ...rest] = this.entries();
    if (entry === undefined || rest.length > 0) this.fail("an object with exactly one key");
    return entry;
  }

  string(): string {
    return typeof this.value === "string" ? this.value : this.fail("a string");
  }

  number(): number {
    return typeof this.value === "number" ? this.value : this.fail("a number");
  }

  integer(): number {
    return Number.isSafeInteger(this.value) ? this.value as number : this.fail("a whole number");
  }

  boolean(): boolean {
    return typeof this.value === "boolean" ? this.value : this.fail("true or false");
  }

  array(): JsonNode[] {
    if (!Array.isArray(this.value)) this.fail("an array");
    return this.value.map((value: unknown, i) => new JsonNode(value, `${this.path}[${i}]`));
  }

  strings(): string[] {
    return this.array().map((node) => node.string());
  }

  /** One of a list of strings. */
  oneOf<T extends string>(allowed: readonly T[]): T {
    const text = this.string();
    return allowed.find((candidate) => candidate === text) ??
      this.fail(`one of ${allowed.join(", ")}`);
  }

  /** Throws: expected something else here. */
  fail(expected: string): never {
    const shown = JSON.stringify(this.value) ?? "nothing";
    throw new DriftError(
      "INVALID_PROFILE",
      `${this.path} must be ${expected}, got ${
        shown.length > 80 ? shown.slice(0, 80) + "…" : shown
      }`,
    );
  }

  private object(): Record<string, unknown> {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value)) {
      this.fail("an object");
    }
    return this.value as Record<string, unknown>;
  }
}
