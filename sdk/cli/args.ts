import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { UsageError } from "./io.ts";

/** What was given on a command line. */
export interface ParsedArgs {
  /** The values of options. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  /** What is no option. */
  readonly positionals: readonly string[];
}

/**
 * Parses a command line strictly.
 *
 * @param args what was given
 * @param options what is understood
 * @returns values and positionals
 * @throws UsageError for an unknown option or a missing value
 * @example
 * ```ts
 * import { parseCommandLine } from "./args.ts";
 *
 * parseCommandLine(["--json", "a"], { json: { type: "boolean" } }).positionals; // ["a"]
 * ```
 */
export function parseCommandLine(
  args: readonly string[],
  options: ParseArgsOptionsConfig,
): ParsedArgs {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const values: Record<string, string | boolean | undefined> = {};
    for (const [name, value] of Object.entries(parsed.values)) {
      if (!Array.isArray(value)) values[name] = value;
    }
    return { values, positionals: parsed.positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * The text of an option.
 *
 * @param args the command line
 * @param name the option
 * @returns its text, or `undefined` when it was not given
 */
export function textOption(args: ParsedArgs, name: string): string | undefined {
  const value = args.values[name];
  return typeof value === "string" ? value : undefined;
}

/**
 * The number of an option.
 *
 * @param args the command line
 * @param name the option
 * @param range inclusive bounds
 * @returns its number, or `undefined` when it was not given
 * @throws UsageError when it is no number within the bounds
 */
export function numberOption(
  args: ParsedArgs,
  name: string,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  const text = textOption(args, name);
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= range.min && value <= range.max)) {
    throw new UsageError(`--${name} has to be a number from ${range.min} to ${range.max}`);
  }
  return value;
}

/**
 * One of several words.
 *
 * @param args the command line
 * @param name the option
 * @param words what is allowed
 * @returns the word, or `undefined` when it was not given
 * @throws UsageError for another word
 */
export function wordOption<Word extends string>(
  args: ParsedArgs,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = textOption(args, name);
  if (text === undefined) return undefined;
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new UsageError(`--${name} is one of ${words.join(", ")}`);
  return word;
}
