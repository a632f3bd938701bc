/**
 * What a command needs from the world around it, and how it tells the world how things went.
 *
 * Commands are functions from arguments and a {@linkcode CliIo} to an exit code: tests hand them
 * one in memory, `main.ts` the real one.
 *
 * @module
 */

/** Exit codes of every `scouter` command. */
export const EXIT: {
  /** Everything was measured and is good. */
  readonly ok: 0;
  /** A check failed, a regression was found, drift was detected. */
  readonly failure: 1;
  /** The command line or an input file is wrong. */
  readonly usage: 2;
  /** The question could not be answered: errors, unreachable providers, nothing measured. */
  readonly unmeasured: 3;
} = { ok: 0, failure: 1, usage: 2, unmeasured: 3 };

/** One of the values of {@linkcode EXIT}. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Everything a command may touch outside its own memory. */
export interface CliIo {
  /** Writes text to standard output; no newline is added. */
  stdout(text: string): void;
  /** Writes text to standard error; no newline is added. */
  stderr(text: string): void;
  /** Whether standard error is a terminal, so that progress bars make sense. */
  readonly isTty: boolean;
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The directory that relative paths start from. */
  readonly cwd: string;
  /** Reads a UTF-8 file; rejects when it cannot be read. */
  readText(path: string): Promise<string>;
  /** Reads a file's bytes; rejects when it cannot be read. */
  readBytes(path: string): Promise<Uint8Array>;
  /** Writes a UTF-8 file, creating its directory. */
  writeText(path: string, text: string): Promise<void>;
}

/** A `scouter` sub-command. */
export interface CliCommand {
  /** One line for the overview. */
  readonly summary: string;
  /** The whole help text, ending with a newline. */
  readonly help: string;
  /**
   * Runs the command.
   *
   * @param args what followed the command's name
   * @param io the world
   * @returns the exit code
   * @throws UsageError when the arguments or an input file are wrong (exit code 2)
   */
  run(args: readonly string[], io: CliIo): Promise<ExitCode>;
}

/** The command line or a file named on it is wrong: the message goes to the user, exit code 2. */
export class UsageError extends Error {
  /** Always `UsageError`. */
  override name: string = "UsageError";
}
