/**
 * Headers in whatever shape a runtime or framework has them.
 *
 * @module
 */

/** Headers of a request: the web's, or an object as Node has it. Names are matched in any case. */
export type HeaderCarrier =
  | Headers
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * All values of a header.
 *
 * @param carrier The headers
 * @param name Name in lower case
 */
export function headerValues(carrier: HeaderCarrier, name: string): string[] {
  if (carrier instanceof Headers) {
    const value = carrier.get(name);
    return value === null ? [] : [value];
  }
  const values: string[] = [];
  for (const [key, value] of Object.entries(carrier)) {
    if (value === undefined || key.toLowerCase() !== name) continue;
    if (typeof value === "string") values.push(value);
    else values.push(...value);
  }
  return values;
}
