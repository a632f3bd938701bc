/**
 * The command line of the server.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { loadSettings } from "./config_load.ts";
import type { Settings } from "./config.ts";
import { settingsHelp } from "./config_text.ts";
import { ScouterError } from "./errors.ts";
import { closeLogging, configureLogging, getLogger } from "./telemetry/log.ts";
import { VERSION } from "./version.ts";

const USAGE = `Scouter ${VERSION}

  serve [--mode http|grpc|both]   start the server (default: both)
  migrate                         bring the relational store up to date and exit
  --help, --version

Settings are environment variables:

`;

const MODES = ["http", "grpc", "both"] as const;

/** Runs a command. @returns The exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { command, mode, help, version, problem } = parse(args);
  if (help) {
    console.log(USAGE + settingsHelp());
    return 0;
  }
  if (version) {
    console.log(VERSION);
    return 0;
  }
  if (problem !== null) {
    console.error(`${problem} Run with --help to see what there is.`);
    return 2;
  }
  const settings = checkedSettings(Deno.env.toObject());
  if (settings === null) return 2;
  await configureLogging({ level: settings.logLevel, json: settings.logJson });
  try {
    // Imported when needed, so that help and problems with settings are answered at once.
    if (command === "migrate") {
      return await (await import("./main_migrate.ts")).migrateCommand(settings);
    }
    return await (await import("./main_serve.ts")).serveCommand(settings, mode);
  } catch (error) {
    reportFailure(error);
    return 1;
  } finally {
    await closeLogging();
  }
}

function parse(args: readonly string[]) {
  const nothing = { command: "serve", mode: "both" as const, help: false, version: false };
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        mode: { type: "string", default: "both" },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", default: false },
      },
    });
    const [command = "serve", ...rest] = positionals;
    const mode = MODES.find((word) => word === values.mode);
    const problem = mode === undefined
      ? `--mode ${values.mode}: expected http, grpc or both.`
      : !["serve", "migrate"].includes(command) || rest.length > 0
      ? `"${positionals.join(" ")}" is not a command.`
      : null;
    return {
      command,
      mode: mode ?? "both",
      help: values.help,
      version: values.version,
      problem,
    };
  } catch (error) {
    return { ...nothing, problem: error instanceof Error ? `${error.message}.` : String(error) };
  }
}

/** Prints all that is wrong with the settings; null when the server cannot start with them. */
function checkedSettings(env: Record<string, string>): Settings | null {
  const { settings, problems, warnings } = loadSettings(env);
  for (const warning of warnings) console.error(`Warning: ${warning}`);
  if (problems.length > 0) {
    console.error(`The settings cannot be used:`);
    for (const problem of problems) console.error(`  ${problem}`);
  }
  return settings;
}

function reportFailure(error: unknown): void {
  if (!(error instanceof ScouterError)) {
    getLogger("main").fatal("{error}", {
      error: error instanceof Error ? error.stack ?? error.message : String(error),
    });
    return;
  }
  console.error(`Cannot start: ${error.message}`);
  if (error.suggestedAction !== undefined) console.error(`  ${error.suggestedAction}`);
  getLogger("main").debug("{cause}", { cause: String(error.cause ?? "no further cause") });
}

if (import.meta.main) {
  // Not left to the event loop: a forgotten timer must not keep a failed process alive.
  process.exit(await main(Deno.args));
}
