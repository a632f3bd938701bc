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
import { build, type Metafile } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Where the built files are. */
export const BUILT_DIR: string = fileURLToPath(new URL("../server/ui/built", import.meta.url));

/** Tells the server which files belong to which page. */
const PRELOAD_FILE = "preload.json";

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
    metafile: true,
    logLevel: "silent",
    tsconfigRaw: {},
  });
  const files = new Map(result.outputFiles.map((file) => [basename(file.path), file.contents]));
  const preload = JSON.stringify(filesOfPages(result.metafile), null, 1);
  return files.set(PRELOAD_FILE, new TextEncoder().encode(`${preload}\n`));
}

/** The scripts that each page needs, so that a browser can ask for all at once. */
function filesOfPages({ outputs }: Metafile): Record<string, readonly string[]> {
  const closure = (path: string, seen: Set<string>): Set<string> => {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const { path: imported, kind } of outputs[path]?.imports ?? []) {
      if (kind === "import-statement") closure(imported, seen);
    }
    return seen;
  };
  const pages: [string, string[]][] = [];
  const appFiles = new Set<string>();
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint?.endsWith("/main.tsx")) closure(path, appFiles);
  }
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    const page = /\/(\w+_page)\.tsx$/.exec(entryPoint ?? "")?.[1];
    if (page === undefined) continue;
    const files = closure(path, new Set(appFiles));
    pages.push([page, [...files].map((file) => basename(file)).sort()]);
  }
  return Object.fromEntries(pages.sort());
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
