/**
 * Schemas that read and write: one description of a wire shape gives its parser, its writer and the place of a mistake.
 *
 * A whole validation library would weigh more than everything else that is loaded to send a record.
 *
 * @module
 */

import { RecordError } from "./error.ts";
import { floatText } from "./float_text.ts";

/** What stands in for a member that is not there. */
type Absent = { readonly value: unknown } | "left out";

/** Reads values from parsed JSON and writes them as JSON text. */
export interface Codec<T> {
  /** Set for members that may be missing. */
  readonly absent?: Absent;
  /** Checks a parsed value. @throws {RecordError} with the path below this value */
  read(value: unknown): T;
  /** JSON text. @throws {RecordError} with the path below this value */
  write(value: T): string;
}

function fail(expected: string, found: unknown): never {
  throw new RecordError("", expected, found);
}

/** The same mistake, seen from one level further out. */
function within(step: string, thrown: unknown): unknown {
  return thrown instanceof RecordError
    ? new RecordError(step + thrown.path, thrown.expected, thrown.found)
    : thrown;
}

/** Runs work on a document of a name, which begins the paths of mistakes. */
export function inside<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw within(name, error);
  }
}

/** A text. */
export const text: Codec<string> = {
  read: (value) => typeof value === "string" ? value : fail("a text", value),
  write: (value) => JSON.stringify(value),
};

/** True or false. */
export const bool: Codec<boolean> = {
  read: (value) => typeof value === "boolean" ? value : fail("true or false", value),
  write: String,
};

/** A whole number that a double holds exactly. */
export const int: Codec<number> = {
  read: (value) =>
    typeof value === "number" && Number.isSafeInteger(value)
      ? value
      : fail("a whole number below 2^53", value),
  write: (value) => Number.isSafeInteger(value) ? String(value) : fail("a whole number", value),
};

/** A double, always written with a fraction or an exponent; JSON has none for NaN and the infinities. */
export const float: Codec<number> = {
  read: (value) =>
    typeof value === "number" && Number.isFinite(value) ? value : fail("a number", value),
  write: (value) => Number.isFinite(value) ? floatText(value) : fail("a finite number", value),
};

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** A time as RFC 3339, kept as text: a `Date` would lose the microseconds. */
export const time: Codec<string> = {
  read: (value) =>
    typeof value === "string" && TIME.test(value) && !Number.isNaN(Date.parse(value))
      ? value
      : fail("a time such as 2026-01-05T10:00:00.123456Z", value),
  write: (value) => JSON.stringify(value),
};

/** A text of a form. */
export function pattern(form: RegExp, expected: string): Codec<string> {
  return {
    read: (value) => typeof value === "string" && form.test(value) ? value : fail(expected, value),
    write: (value) => JSON.stringify(value),
  };
}

/** Any JSON. */
export const json: Codec<unknown> = {
  read: (value) => value === undefined ? fail("present", value) : value,
  write: (value) => JSON.stringify(value) ?? "null",
};

/** One of several texts. */
export function oneOf<T extends string>(...allowed: readonly T[]): Codec<T> {
  return {
    read: (value) =>
      allowed.find((candidate) => candidate === value) ??
        fail(`one of ${allowed.join(", ")}`, value),
    write: (value) => JSON.stringify(value),
  };
}

/** A value or null; a member that is missing is null. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    absent: { value: null },
    read: (value) => value === null ? null : codec.read(value),
    write: (value) => value === null ? "null" : codec.write(value),
  };
}

/** A member that may be missing, and then is left out. */
export function optional<T>(codec: Codec<T>): Codec<T> {
  return { ...codec, absent: "left out" };
}

/** A member that may be missing, and then has a value. */
export function orElse<T>(codec: Codec<T>, value: T): Codec<T> {
  return { ...codec, absent: { value } };
}

/** A list. */
export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  const each = <A, B>(values: readonly A[], work: (value: A) => B): B[] => {
    const results: B[] = [];
    try {
      for (const value of values) results.push(work(value));
    } catch (error) {
      throw within(`[${results.length}]`, error);
    }
    return results;
  };
  return {
    read: (value) => Array.isArray(value) ? each(value, item.read) : fail("an array", value),
    write: (values) => `[${each(values, item.write).join()}]`,
  };
}

/** An object, and not an array or null. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  // The checks are all that the type says.
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : fail("an object", value);
}

/** An object with keys of the user's own. */
export function mapOf<T>(item: Codec<T>): Codec<Readonly<Record<string, T>>> {
  const each = <A, B>(object: Readonly<Record<string, A>>, work: (value: A) => B): [string, B][] =>
    Object.entries(object).map(([key, value]) => {
      try {
        return [key, work(value)];
      } catch (error) {
        throw within(`.${key}`, error);
      }
    });
  return {
    read: (value) => Object.fromEntries(each(asObject(value), item.read)),
    write: (value) =>
      `{${each(value, item.write).map(([key, item]) => `${JSON.stringify(key)}:${item}`).join()}}`,
  };
}

/** The codecs of an object's members. */
export type Fields<T> = { readonly [K in keyof T]-?: Codec<T[K]> };

/**
 * An object with known members, written in the order of the description. Unknown members are ignored.
 *
 * @param fields a codec for each member
 * @param wireName a member's name on the wire; its own by default
 */
export function object<T extends object>(
  fields: Fields<T>,
  wireName: (name: string) => string = (name) => name,
): Codec<T> {
  const members = Object.entries<Codec<unknown>>(fields).map(([name, codec]) => {
    const wire = wireName(name);
    return { name, wire, codec, key: JSON.stringify(wire) };
  });
  return {
    read(value) {
      const source = asObject(value);
      const result: Record<string, unknown> = {};
      for (const { name, wire, codec } of members) {
        const member = Object.hasOwn(source, wire) ? source[wire] : undefined;
        if (member === undefined && codec.absent !== undefined) {
          if (codec.absent !== "left out") result[name] = codec.absent.value;
          continue;
        }
        try {
          result[name] = codec.read(member);
        } catch (error) {
          throw within(`.${wire}`, error);
        }
      }
      // Every member went through the codec that `Fields` demands for it.
      return result as T;
    },
    write(value) {
      const parts: string[] = [];
      for (const { name, wire, codec, key } of members) {
        const member: unknown = Reflect.get(value, name);
        if (member === undefined) {
          if (codec.absent === "left out") continue;
          if (codec.absent === undefined) {
            throw within(`.${wire}`, new RecordError("", "present", member));
          }
        }
        try {
          const codecValue = member === undefined ? valueWhenAbsent(codec) : member;
          parts.push(`${key}:${codec.write(codecValue)}`);
        } catch (error) {
          throw within(`.${wire}`, error);
        }
      }
      return `{${parts.join()}}`;
    },
  };
}

function valueWhenAbsent(codec: Codec<unknown>): unknown {
  return typeof codec.absent === "object" ? codec.absent.value : undefined;
}

/** `traceId` is `trace_id`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** An object whose members are written `like_this` on the wire and `likeThis` in programs. */
export function camelObject<T extends object>(fields: Fields<T>): Codec<T> {
  return object(fields, snakeCase);
}

/** An object with exactly one key, which tells what stands under it. */
export function tagged<T extends object>(cases: Fields<T>): Codec<OneOf<T>> {
  const names = Object.keys(cases);
  const table = new Map(Object.entries<Codec<unknown>>(cases));
  const only = (value: object): [string, unknown, Codec<unknown>] => {
    const entries: [string, unknown][] = Object.entries(value);
    const [name, content] = entries[0] ?? ["", undefined];
    const codec = entries.length === 1 ? table.get(name) : undefined;
    return codec === undefined
      ? fail(`an object with exactly one key of ${names.join(", ")}`, value)
      : [name, content, codec];
  };
  return {
    read(value) {
      const [name, content, codec] = only(asObject(value));
      try {
        // The codec under this name is that of the case.
        return { [name]: codec.read(content) } as OneOf<T>;
      } catch (error) {
        throw within(`.${name}`, error);
      }
    },
    write(value) {
      const [name, content, codec] = only(value);
      try {
        return `{${JSON.stringify(name)}:${codec.write(content)}}`;
      } catch (error) {
        throw within(`.${name}`, error);
      }
    },
  };
}

/** A union of objects with one member each. */
export type OneOf<T> = { [K in keyof T]: { readonly [P in K]: T[P] } }[keyof T];
