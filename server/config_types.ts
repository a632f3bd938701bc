/**
 * What a setting is, and the constructors for the kinds of settings there are.
 *
 * @module
 */

/** A value a setting may hold. */
export type SettingValue = string | number | boolean | readonly string[];

/** Reads the text of a setting; returns a sentence about what would be right when it cannot. */
export type SettingParser<T> = (text: string) => { value: T } | { expected: string };

/** One setting: everything the start-up check, `--help` and the documentation say about it. */
export interface Setting<T extends SettingValue> {
  /** The environment variable. */
  readonly name: string;
  /** For readers: `integer`, `text`, `yes/no`, or the list of choices. */
  readonly type: string;
  readonly default: T;
  /** Shown instead of the default where the default depends on something else. */
  readonly defaultText?: string;
  readonly unit?: string;
  readonly meaning: string;
  /** The value is never printed. */
  readonly secret: boolean;
  readonly group: string;
  readonly parse: SettingParser<T>;
}

/** What every constructor takes. */
export interface SettingInfo {
  readonly group: string;
  readonly meaning: string;
  readonly unit?: string;
  readonly secret?: boolean;
  readonly defaultText?: string;
}

function make<T extends SettingValue>(
  name: string,
  type: string,
  value: T,
  info: SettingInfo,
  parse: SettingParser<T>,
): Setting<T> {
  return { name, type, default: value, ...info, secret: info.secret ?? false, parse };
}

/** A text; trimmed. */
export function text(name: string, value: string, info: SettingInfo): Setting<string> {
  return make(name, "text", value, info, (given) => ({ value: given.trim() }));
}

/** A whole number between bounds. */
export function integer(
  name: string,
  value: number,
  range: { readonly min: number; readonly max: number },
  info: SettingInfo,
): Setting<number> {
  return make(name, "integer", value, info, (given) => {
    const parsed = /^[+-]?\d+$/.test(given.trim()) ? Number(given) : NaN;
    return parsed >= range.min && parsed <= range.max
      ? { value: parsed }
      : { expected: `a whole number from ${range.min} to ${range.max}` };
  });
}

/** A TCP port; 0 turns the listener off. */
export function port(name: string, value: number, info: SettingInfo): Setting<number> {
  return make(name, "port", value, info, (given) => {
    const parsed = /^\d+$/.test(given.trim()) ? Number(given) : NaN;
    if (parsed <= 65535) return { value: parsed };
    const hint = given.includes("://")
      ? " (Kubernetes sets this name for a Service called like it; set enableServiceLinks: false)"
      : "";
    return { expected: `a port from 1 to 65535, or 0 to turn it off${hint}` };
  });
}

/** Yes or no. */
export function flag(name: string, value: boolean, info: SettingInfo): Setting<boolean> {
  return make(name, "true/false", value, info, (given) => {
    const parsed = given.trim().toLowerCase();
    if (["true", "1", "yes", "on"].includes(parsed)) return { value: true };
    if (["false", "0", "no", "off"].includes(parsed)) return { value: false };
    return { expected: "true or false" };
  });
}

/** One of a few words. */
export function choice<const C extends string>(
  name: string,
  value: NoInfer<C>,
  choices: readonly C[],
  info: SettingInfo,
): Setting<C> {
  return make<C>(name, choices.join(" \\| "), value, info, (given) => {
    const parsed = choices.find((word) => word === given.trim().toLowerCase());
    return parsed === undefined ? { expected: `one of ${choices.join(", ")}` } : { value: parsed };
  });
}

/** Several texts, separated by commas. */
export function list(
  name: string,
  check: (item: string) => boolean,
  expected: string,
  info: SettingInfo,
  value: readonly string[] = [],
): Setting<readonly string[]> {
  return make<readonly string[]>(name, "list", value, info, (given) => {
    const items = given.split(",").map((item) => item.trim()).filter((item) => item !== "");
    return items.every(check) ? { value: items } : { expected };
  });
}
