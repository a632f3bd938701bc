/**
 * Finds out how a server is started here.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { environment, runtimeName } from "../runtime/mod.ts";

/** Version of Deno the server is run by where the tests themselves run elsewhere. */
const DENO = "deno@2.9.6";

/** A program and its arguments. */
export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * The command that starts a server: the one given, else `SCOUTER_SERVER_COMMAND`, else the server that lies beside this
 * SDK, run by this Deno or by one that npm gets.
 *
 * @throws {Error} when there is none of them
 */
export async function serverCommand(given?: readonly string[]): Promise<ServerCommand> {
  const words = given ?? environment("SCOUTER_SERVER_COMMAND")?.split(" ").filter(Boolean);
  const [program, ...args] = words ?? [];
  if (program !== undefined) return { program, args };
  const main = beside("../../server/main.ts");
  const config = beside("../../deno.json");
  if (main === null || config === null) {
    throw new Error(
      "there is no server beside this SDK; give `command`, or set SCOUTER_SERVER_COMMAND, such as " +
        '"deno run -A /path/to/scouter/server/main.ts serve"',
    );
  }
  return {
    program: await denoPath(),
    args: ["run", "-A", "--quiet", "--config", config, main, "serve"],
  };
}

function beside(path: string): string | null {
  const url = new URL(path, import.meta.url);
  if (url.protocol !== "file:") return null;
  const file = fileURLToPath(url);
  return existsSync(file) ? file : null;
}

let found: Promise<string> | null = null;

/** Deno itself and not `npx deno`: what is started must be what a signal ends. */
function denoPath(): Promise<string> {
  if (runtimeName() === "deno") return Promise.resolve(process.execPath);
  found ??= promisify(execFile)("npx", ["-y", DENO, "eval", "console.log(Deno.execPath())"])
    .then(({ stdout }) => stdout.trim());
  // A failure is not kept: the network may be back for the next server.
  found.catch(() => found = null);
  return found;
}
