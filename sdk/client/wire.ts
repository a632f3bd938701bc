/**
 * Requests on the wire.
 *
 * @module
 */

import { snakeCase } from "../records/codec.ts";
import { ClientError } from "./errors.ts";

/** A time: a date, or RFC 3339. */
export type TimeLike = Date | string;

function wireValue(name: string, value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  if (Number.isNaN(value.getTime())) {
    throw new ClientError("INVALID_ARGUMENT", `${name} is an invalid date`);
  }
  return value.toISOString();
}

/** A request's members as JSON text: `startTime` becomes `start_time`, dates become RFC 3339, undefined is left out. */
export function bodyOf(request: object): string {
  return JSON.stringify(Object.fromEntries(
    Object.entries(request).map(([name, value]) => [snakeCase(name), wireValue(name, value)]),
  ));
}

/** The same as query parameters. */
export function queryOf(request: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [snakeCase(name), String(wireValue(name, value))]),
  );
}
