/**
 * Builds the web application into `server/ui/built`, which is committed so that a server needs no build step.
 *
 * @example
 * ```sh
 * deno task ui
 * ```
 *
 * @module
 */

import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Where the built files are. */
export const BUILT_DIR: string = fileURLToPath(new URL("../server/ui/built", import.meta.url));

/** Builds in memory. File names carry a hash of the content. */
export async function buildUi(): Promise<Map<string, Uint8Array>> {
  const app = join(ROOT, "server/ui/app");
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: {
      app: join(app, "main.tsx"),
      style: join(app, "style.css"),
      icon: join(app, "icon.svg"),
    },
    entryNames: "[name]-[hash]",
    // A page that is imported when it is shown becomes a file of its own, and what pages share others.
    splitting: true,
    chunkNames: "part-[name]-[hash]",
    loader: { ".svg": "copy" },
    outdir: BUILT_DIR,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022"],
    jsx: "automatic",
    jsxImportSource: "preact",
    charset: "utf8",
    legalComments: "none",
    write: false,
    logLevel: "silent",
    tsconfigRaw: {},
  });
  return new Map(result.outputFiles.map((file) => [basename(file.path), file.contents]));
}

/** Builds onto disk and removes what an earlier build left. */
async function main(): Promise<void> {
  const files = await buildUi();
  await mkdir(BUILT_DIR, { recursive: true });
  for (const name of await readdir(BUILT_DIR)) {
    if (!files.has(name)) await rm(join(BUILT_DIR, name));
  }
  for (const [name, content] of files) {
    await writeFile(join(BUILT_DIR, name), content);
    console.log(`${name} ${content.length} bytes`);
  }
}

if (import.meta.main) await main();
