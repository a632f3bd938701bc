/**
 * The `scouter` command: `scouter eval …`, `scouter drift …`, `scouter profile …`. Run by `bin.ts`.
 *
 * Exit codes are those of `EXIT` in `io.ts`: 0 good, 1 failure or regression, 2 usage, 3 could not
 * be measured.
 *
 * @module
 */

import { type CliCommand, type CliIo, EXIT, type ExitCode, UsageError } from "./io.ts";

/** Sub-commands by name; loaded when asked for, so that one does not pay for the others. */
const COMMANDS: Readonly<Record<string, () => Promise<CliCommand>>> = {
  eval: async () => (await import("./eval.ts")).evalCommand,
  drift: async () => (await import("./drift.ts")).driftCommand,
  profile: async () => (await import("./profile.ts")).profileCommand,
};

/**
 * Runs one command line.
 *
 * @param args the arguments after the program's name
 * @param io the world
 * @returns the exit code
 * @example
 * ```ts
 * import { runCli } from "./main.ts";
 * import { processIo } from "./process_io.ts";
 *
 * const code = await runCli(["--help"], processIo()); // 0
 * ```
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    io.stdout(await overview());
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    io.stderr(`Unknown command "${name}".\n\n${await overview()}`);
    return EXIT.usage;
  }
  const command = await load();
  if (rest.includes("--help") || rest.includes("-h")) {
    io.stdout(command.help);
    return EXIT.ok;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.stderr(`scouter ${name}: ${error.message}\nSee scouter ${name} --help.\n`);
      return EXIT.usage;
    }
    const text = error instanceof Error ? (io.env.SCOUTER_DEBUG ? error.stack : error.message) : "";
    io.stderr(`scouter ${name}: ${text || String(error)}\n`);
    return EXIT.unmeasured;
  }
}

async function overview(): Promise<string> {
  const lines = ["Usage: scouter <command> [options]", "", "Commands:"];
  for (const [name, load] of Object.entries(COMMANDS)) {
    lines.push(`  ${name.padEnd(10)} ${(await load()).summary}`);
  }
  lines.push("", "scouter <command> --help tells more.", "");
  lines.push(
    "Exit codes: 0 good · 1 failure or regression · 2 usage · 3 could not be measured",
    "",
  );
  return lines.join("\n");
}
