/**
 * Reads and checks what comes in.
 *
 * @module
 */

import type { z } from "zod";
import { ScouterError } from "../errors.ts";
import { readBody } from "./body.ts";
import type { HttpContext } from "./context.ts";

/** Enough for anything but bulk data. */
const DEFAULT_LIMIT_BYTES = 1 << 20;

/**
 * The JSON body, checked. Unknown fields are ignored.
 *
 * @throws {ScouterError} PAYLOAD_TOO_LARGE, or BAD_REQUEST naming each field, its value and what it should be.
 */
export async function jsonBody<T>(
  c: HttpContext,
  schema: z.ZodType<T>,
  limitBytes = DEFAULT_LIMIT_BYTES,
): Promise<T> {
  const bytes = await readBody(c.req.raw, limitBytes);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ScouterError("BAD_REQUEST", `The body is not JSON: ${what.slice(0, 200)}`, { cause });
  }
  return parsed(value, schema, "body");
}

/** The query parameters, checked. @throws {ScouterError} BAD_REQUEST. */
export function queryOf<T>(c: HttpContext, schema: z.ZodType<T>): T {
  return parsed(c.req.query(), schema, "query");
}

function parsed<T>(value: unknown, schema: z.ZodType<T>, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, 5).map((issue) => {
    const path = issue.path.map(String).join(".");
    return `${where}${path ? ` field "${path}"` : ""} (${
      shown(at(value, issue.path), path)
    }): ${issue.message}`;
  });
  throw new ScouterError("BAD_REQUEST", problems.join("; "));
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const step of path) {
    found = typeof found === "object" && found !== null ? Reflect.get(found, step) : undefined;
  }
  return found;
}

/** The value, cut short; never a password or token. */
function shown(value: unknown, path: string): string {
  if (value === undefined) return "missing";
  if (/password|token|code|secret/i.test(path)) return "not shown";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…, ${text.length} characters` : text;
}
