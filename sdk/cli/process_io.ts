import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import type { CliIo } from "./io.ts";

/**
 * The real world: this process's streams, environment and file system.
 *
 * @returns an I/O seam for {@linkcode runCli}
 * @example
 * ```ts
 * import { processIo } from "./process_io.ts";
 *
 * processIo().stderr("ready\n");
 * ```
 */
export function processIo(): CliIo {
  const cwd = process.cwd();
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    isTty: process.stderr.isTTY === true,
    env: process.env,
    cwd,
    readText: (path) => readFile(resolve(cwd, path), "utf8"),
    readBytes: (path) => readFile(resolve(cwd, path)),
    async writeText(path, text) {
      const target = resolve(cwd, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, text);
    },
  };
}
