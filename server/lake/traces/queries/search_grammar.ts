/**
 * The search language: `service:checkout status:error duration>1s -component:kafka (tool:* or "time out")`.
 *
 * Space means and; `or` stands between; `-` negates; parentheses group. `key:value` and `key=value` match exactly,
 * `key!=value` and the order comparisons need the key present, `key:*` asks for its presence. Anything else is text.
 *
 * @module
 */

import { ScouterError } from "../../../errors.ts";
import type { CompareOp, SearchExpression, SearchField } from "./search_expression.ts";

/** Where a search is wrong, and what was expected there. */
export interface SearchProblem {
  /** Index of the first wrong UTF-16 unit. */
  readonly position: number;
  /** Length of what is wrong; 0 at the end of the text. */
  readonly length: number;
  readonly expected: string;
}

/** A search that cannot be read. */
export class SearchSyntaxError extends ScouterError {
  readonly problem: SearchProblem;
  constructor(text: string, problem: SearchProblem) {
    const found = text.slice(problem.position, problem.position + problem.length);
    super(
      "BAD_REQUEST",
      `query: ${problem.expected} at character ${problem.position + 1}${
        found === "" ? "" : `, found "${found}"`
      }.`,
    );
    this.problem = problem;
  }
}

const MAX_LENGTH = 4096;
const MAX_TERMS = 64;
const MAX_DEPTH = 32;

const SHORT_NAMES: Readonly<Record<string, SearchField>> = {
  service: { kind: "service" },
  name: { kind: "name" },
  kind: { kind: "span-kind" },
  status: { kind: "status" },
  duration: { kind: "duration" },
  model: { kind: "model" },
  agent: { kind: "agent" },
  tool: { kind: "tool" },
  tokens: { kind: "tokens" },
  cost: { kind: "cost" },
  conversation: { kind: "conversation" },
  trace: { kind: "trace" },
  span: { kind: "span" },
  entity: { kind: "entity" },
};

/** Keys with a meaning of their own, for completion. */
export const SEARCH_KEYS: readonly string[] = Object.keys(SHORT_NAMES);

const SPAN_KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];
const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const DURATION = /^((?:\d+\.?\d*|\.\d+))(us|ms|s|m|h)$/;
const MICROSECONDS: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
};
const OPERATORS = ["!=", ">=", "<=", "=", ":", ">", "<"] as const;

interface Operator {
  readonly text: string;
  readonly op: CompareOp;
}

/** The operator at a position, if one stands there; `://` belongs to an address, not to a key. */
function operatorAt(text: string, at: number): Operator | null {
  const found = OPERATORS.find((operator) => text.startsWith(operator, at));
  if (found === undefined || text.startsWith("://", at)) return null;
  return { text: found, op: found === ":" ? "=" : found };
}

/**
 * Reads a search.
 *
 * @param text The search as typed.
 * @returns The expression, or null for an empty search.
 * @throws {SearchSyntaxError} With the place and what was expected there.
 */
export function parseSearch(text: string): SearchExpression | null {
  if (text.length > MAX_LENGTH) {
    throw new SearchSyntaxError(text, {
      position: MAX_LENGTH,
      length: 0,
      expected: `expected at most ${MAX_LENGTH} characters`,
    });
  }
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #terms = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): SearchExpression | null {
    this.#space();
    if (this.#at === this.#text.length) return null;
    const expression = this.#or(0);
    if (this.#at < this.#text.length) this.#fail(this.#at, 1, "expected a term before )");
    return expression;
  }

  #or(depth: number): SearchExpression {
    const children = [this.#and(depth)];
    while (this.#keyword("or")) children.push(this.#and(depth));
    return children.length === 1 && children[0] !== undefined
      ? children[0]
      : { kind: "or", children };
  }

  #and(depth: number): SearchExpression {
    const children: SearchExpression[] = [];
    for (;;) {
      this.#space();
      if (this.#at === this.#text.length || this.#text[this.#at] === ")" || this.#peek("or")) break;
      if (children.length > 0 && this.#keyword("and")) continue;
      children.push(this.#unary(depth));
    }
    if (children.length === 0) this.#fail(this.#at, this.#wordLength(), "expected a term");
    return children.length === 1 && children[0] !== undefined
      ? children[0]
      : { kind: "and", children };
  }

  #unary(depth: number): SearchExpression {
    if (this.#text[this.#at] === "-" && this.#at + 1 < this.#text.length) {
      if (/\s/.test(this.#text[this.#at + 1] ?? "")) {
        this.#fail(this.#at, 1, "expected a term right after -");
      }
      if (depth >= MAX_DEPTH) this.#fail(this.#at, 1, `expected at most ${MAX_DEPTH} levels`);
      this.#at++;
      return { kind: "not", child: this.#unary(depth + 1) };
    }
    if (this.#text[this.#at] !== "(") return this.#term();
    const open = this.#at;
    if (depth >= MAX_DEPTH) this.#fail(open, 1, `expected at most ${MAX_DEPTH} levels`);
    this.#at++;
    const inner = this.#or(depth + 1);
    if (this.#text[this.#at] !== ")") this.#fail(open, 1, "expected a ) to close this (");
    this.#at++;
    return inner;
  }

  #term(): SearchExpression {
    const start = this.#at;
    if (++this.#terms > MAX_TERMS) {
      this.#fail(start, this.#wordLength(), `expected at most ${MAX_TERMS} terms`);
    }
    const quoted = this.#text[start] === '"';
    const key = quoted ? this.#quoted() : this.#key();
    const operator = operatorAt(this.#text, this.#at);
    if (operator === null) return { kind: "atom", atom: { kind: "text", text: key } };
    if (key === "") this.#fail(start, operator.text.length, "expected a key before the operator");
    this.#at += operator.text.length;
    return { kind: "atom", atom: this.#condition(key, operator) };
  }

  #condition(key: string, operator: Operator) {
    const start = this.#at;
    const quoted = this.#text[start] === '"';
    const value = quoted ? this.#quoted() : this.#value();
    if (value === "" && !quoted) this.#fail(start, 0, `expected a value after ${operator.text}`);
    const field = fieldOf(key);
    const { op } = operator;
    if (!quoted && value === "*" && (op === "=" || op === "!=")) {
      if (op === "!=") this.#fail(start, 1, "expected a value after != (use -key:* for absent)");
      return { kind: "present", field } as const;
    }
    const expect = (expected: string): never =>
      this.#fail(start, this.#at - start, `expected ${expected} after ${operator.text}`);
    const compare = (value: string | number) => ({ kind: "compare", field, op, value }) as const;
    const ordered = op !== "=" && op !== "!=";
    switch (field.kind) {
      case "duration": {
        const match = DURATION.exec(value);
        const unit = MICROSECONDS[match?.[2] ?? ""];
        if (match === null || unit === undefined) return expect("a number with ms, s or m");
        return compare(Number(match[1]) * unit);
      }
      case "cost":
        return NUMBER.test(value) ? compare(Number(value)) : expect("a number of US dollars");
      case "tokens":
        return NUMBER.test(value) ? compare(Number(value)) : expect("a number");
      case "attribute":
      case "resource":
        if (!ordered) return compare(value);
        return NUMBER.test(value) ? compare(Number(value)) : expect("a number");
      default:
    }
    if (ordered) this.#fail(start - operator.text.length, operator.text.length, "expected : or !=");
    const lower = value.toLowerCase();
    switch (field.kind) {
      case "status":
        return ["ok", "error", "unset"].includes(lower)
          ? compare(lower)
          : expect("ok, error or unset");
      case "span-kind":
        return SPAN_KINDS.includes(lower)
          ? compare(lower.toUpperCase())
          : expect(`one of ${SPAN_KINDS.join(", ")}`);
      case "trace":
        return /^[0-9a-f]{32}$/.test(lower)
          ? compare(lower)
          : expect("a trace id of 32 hexadecimal characters");
      case "span":
        return /^[0-9a-f]{16}$/.test(lower)
          ? compare(lower)
          : expect("a span id of 16 hexadecimal characters");
      default:
        return compare(value);
    }
  }

  /** A quoted text, in which `\"` and `\\` stand for `"` and `\`. */
  #quoted(): string {
    const open = this.#at++;
    let value = "";
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at++] ?? "";
      if (character === '"') return value;
      const next = this.#text[this.#at];
      if (character === "\\" && (next === '"' || next === "\\")) {
        value += next;
        this.#at++;
      } else value += character;
    }
    return this.#fail(open, 1, 'expected a " to close this one');
  }

  #key(): string {
    const start = this.#at;
    while (this.#at < this.#text.length) {
      if (/[\s()"]/.test(this.#text[this.#at] ?? "")) break;
      if (operatorAt(this.#text, this.#at) !== null) break;
      this.#at++;
    }
    return this.#text.slice(start, this.#at);
  }

  #value(): string {
    const start = this.#at;
    this.#at += this.#wordLength();
    return this.#text.slice(start, this.#at);
  }

  #wordLength(): number {
    return /^[^\s()]*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0;
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #peek(word: string): boolean {
    const end = this.#at + word.length;
    return this.#text.slice(this.#at, end).toLowerCase() === word &&
      (end >= this.#text.length || /[\s()]/.test(this.#text[end] ?? ""));
  }

  #keyword(word: string): boolean {
    this.#space();
    if (!this.#peek(word)) return false;
    this.#at += word.length;
    return true;
  }

  #fail(position: number, length: number, expected: string): never {
    throw new SearchSyntaxError(this.#text, { position, length, expected });
  }
}

/** The field a key stands for: a short name, `resource.x`, `tag.x` (tags are stored as attributes), or an attribute. */
function fieldOf(key: string): SearchField {
  if (Object.hasOwn(SHORT_NAMES, key)) {
    const field = SHORT_NAMES[key];
    if (field !== undefined) return field;
  }
  if (key.startsWith("resource.")) return { kind: "resource", key: key.slice("resource.".length) };
  if (key.startsWith("tag.")) return { kind: "attribute", key: key.slice("tag.".length) };
  return { kind: "attribute", key };
}

/**
 * Reads one entry of a list of attribute filters: `key=value`, `key:value`, `key!=value`, `key>10`, or free text.
 * Keys are always span attributes, and the value is all that follows the operator, spaces included.
 */
export function parseAttributeFilter(text: string): SearchExpression {
  for (let at = 1; at < text.length; at++) {
    const operator = operatorAt(text, at);
    if (operator === null) continue;
    const field: SearchField = { kind: "attribute", key: text.slice(0, at) };
    const value = text.slice(at + operator.text.length);
    const { op } = operator;
    if (op === "=" || op === "!=") {
      return { kind: "atom", atom: { kind: "compare", field, op, value } };
    }
    if (!NUMBER.test(value.trim())) break;
    return { kind: "atom", atom: { kind: "compare", field, op, value: Number(value) } };
  }
  if (text.trim() === "") {
    throw new ScouterError(
      "BAD_REQUEST",
      'attribute_filters holds an empty filter; expected "key=value", "key!=value", "key>10" or words.',
    );
  }
  return { kind: "atom", atom: { kind: "text", text } };
}
