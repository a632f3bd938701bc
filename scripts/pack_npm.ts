/**
 * Makes the npm package of the SDK from the exports of `deno.json`.
 *
 * Modules are ECMAScript modules in few files, and what CommonJS requires is those same modules, so that a process has
 * one tracer however its parts load it. Types are those that the sources state.
 *
 * @example
 * ```sh
 * deno task pack   # dist/scouter-sdk.tgz
 * ```
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import ts from "typescript";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A program, not a module: it is the package's command. */
const COMMAND = "./cli";

/** Needed by some sub-paths only; who uses those installs them. */
const OPTIONAL = [
  "@duckdb/node-api",
  "@grpc/grpc-js",
  "@platformatic/kafka",
  "apache-arrow",
  "ioredis",
  "rabbitmq-client",
];

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  exports: z.record(z.string(), z.string()),
  imports: z.record(z.string(), z.string()),
});

/**
 * Built into the package, of which the SDK uses a small part: loading the rest would take longer than all else together.
 * Their types are still theirs.
 */
const BUILT_IN = [
  "@opentelemetry/core",
  "@opentelemetry/otlp-transformer",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-trace",
];

/** Writes the modules. Returns the packages they import, and those that are built in, with where they were found. */
async function writeModules(entries: readonly string[], out: string) {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...entries],
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node20",
    format: "esm",
    mainFields: ["module", "main"],
    outdir: out,
    outbase: ROOT,
    chunkNames: "chunks/[name]-[hash]",
    charset: "utf8",
    metafile: true,
    logLevel: "warning",
    tsconfigRaw: {},
    plugins: [externalPackages],
  });
  const imported = new Set<string>();
  for (const { imports } of Object.values(metafile.outputs)) {
    for (const { path, external } of imports) {
      if (external === true && !isBuiltin(path)) imported.add(packageOf(path));
    }
  }
  const builtIn = new Map<string, string>();
  for (const path of Object.keys(metafile.inputs)) {
    const [, folder, name] = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(path) ?? [];
    if (folder !== undefined && name !== undefined) builtIn.set(name, join(ROOT, folder));
  }
  for (const entry of entries) {
    if (entry === entryOf(COMMAND)) continue;
    const file = entry.replace(/\.ts$/, "");
    await writeFile(
      join(out, `${file}.cjs`),
      `"use strict";\nmodule.exports = require("./${basename(file)}.js");\n`,
    );
  }
  return { imported, builtIn };
}

/** Leaves packages to be installed beside this one, but for those that are built in and what these import. */
const externalPackages: Plugin = {
  name: "external-packages",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      if (kind === "entry-point" || isBuiltin(path)) return null;
      const name = packageOf(path);
      if (BUILT_IN.includes(name)) return null;
      const shared = Object.hasOwn(config.imports, name) || !importer.includes("node_modules");
      return shared ? { path, external: true } : null;
    });
  },
};

/** Writes declarations of everything that the entries' declarations lead to. Returns the packages they import. */
async function writeTypes(entries: readonly string[], out: string): Promise<Set<string>> {
  const imported = new Set<string>();
  const todo = [...entries];
  const seen = new Set(todo);
  for (let source = todo.pop(); source !== undefined; source = todo.pop()) {
    const text = await readFile(join(ROOT, source), "utf8");
    const { outputText: code, diagnostics = [] } = ts.transpileDeclaration(text, {
      fileName: source,
      reportDiagnostics: true,
      compilerOptions: { isolatedDeclarations: true, declaration: true, strict: true },
    });
    if (diagnostics.length > 0) {
      const what = diagnostics.map(({ messageText }) =>
        ts.flattenDiagnosticMessageText(messageText, " ")
      );
      throw new Error(`${source} does not state the types it makes public: ${what.join("; ")}`);
    }
    const { importedFiles } = ts.preProcessFile(code, true, true);
    for (const { fileName } of importedFiles) {
      if (isBuiltin(fileName)) continue;
      if (!fileName.startsWith(".")) {
        imported.add(packageOf(fileName));
        continue;
      }
      const next = join(dirname(source), fileName);
      if (!seen.has(next)) todo.push(next);
      seen.add(next);
    }
    for (const [script, types] of [[".js", ".d.ts"], [".cjs", ".d.cts"]] as const) {
      const target = join(out, source.replace(/\.ts$/, types));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, renameImports(code, importedFiles, script));
    }
  }
  return imported;
}

/** Replaces the `.ts` at the end of relative module names. */
function renameImports(code: string, imports: readonly ts.FileReference[], script: string): string {
  let text = code;
  for (const { fileName, pos } of imports.toSorted((a, b) => b.pos - a.pos)) {
    if (!fileName.startsWith(".")) continue;
    const start = pos + 1; // behind the quotation mark
    text = text.slice(0, start) + fileName.replace(/\.ts$/, script) +
      text.slice(start + fileName.length);
  }
  return text;
}

function packageOf(path: string): string {
  return path.split("/").slice(0, path.startsWith("@") ? 2 : 1).join("/");
}

const config = manifest.parse(JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8")));

function entryOf(name: string): string {
  const path = config.exports[name];
  if (path === undefined) throw new Error(`deno.json exports no ${name}`);
  return path.slice(2);
}

/** The exact version that `deno.json` pins. */
function versionOf(name: string): string {
  const pinned = config.imports[name];
  const version = pinned?.slice(pinned.lastIndexOf("@") + 1);
  if (version === undefined) throw new Error(`deno.json pins no version of ${name}`);
  return version;
}

/** Major and minor releases of the pinned major: what a library asks of those who install it. */
function rangesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `^${versionOf(name)}`]));
}

function packageJson(packages: ReadonlySet<string>): object {
  const optional = OPTIONAL.filter((name) => packages.has(name));
  const base = (name: string) => `./${entryOf(name).replace(/\.ts$/, "")}`;
  return {
    name: config.name,
    version: config.version,
    description:
      "Tracing, queues, drift detection and evaluation for models and agents, on Deno, Node and Bun",
    license: config.license,
    type: "module",
    sideEffects: false,
    engines: { node: ">=20.19" },
    main: `${base(".")}.cjs`,
    module: `${base(".")}.js`,
    types: `${base(".")}.d.ts`,
    bin: { scouter: `${base(COMMAND)}.js` },
    exports: {
      ...Object.fromEntries(
        Object.keys(config.exports).filter((name) => name !== COMMAND).map((name) => [name, {
          import: { types: `${base(name)}.d.ts`, default: `${base(name)}.js` },
          require: { types: `${base(name)}.d.cts`, default: `${base(name)}.cjs` },
        }]),
      ),
      "./package.json": "./package.json",
    },
    dependencies: rangesOf([...packages].filter((name) => !optional.includes(name)).sort()),
    peerDependencies: rangesOf(optional),
    peerDependenciesMeta: Object.fromEntries(optional.map((name) => [name, { optional: true }])),
  };
}

/** Licences of what is built in, each once. */
async function licensesOf(builtIn: ReadonlyMap<string, string>): Promise<string> {
  const names = new Map<string, string[]>();
  for (const [name, folder] of [...builtIn].sort(([a], [b]) => a < b ? -1 : 1)) {
    const text = await readFile(join(folder, "LICENSE"), "utf8");
    names.set(text, [...names.get(text) ?? [], name]);
  }
  return [...names].map(([text, of]) =>
    `This package contains code of ${of.join(", ")}:\n\n${text}`
  )
    .join("\n\n");
}

const dist = join(ROOT, "dist");
const out = join(dist, "npm");
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const entries = Object.keys(config.exports).map(entryOf);
const { imported, builtIn } = await writeModules(entries, out);
for (const name of await writeTypes(entries, out)) imported.add(name);
await writeFile(join(out, "package.json"), `${JSON.stringify(packageJson(imported), null, 2)}\n`);
await writeFile(join(out, "THIRD_PARTY_LICENSES"), await licensesOf(builtIn));
for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) {
  await copyFile(join(ROOT, name), join(out, name));
}
const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", dist], {
  cwd: out,
  encoding: "utf8",
  stdio: ["ignore", "pipe", "inherit"],
}).trim();
await rename(join(dist, packed), join(dist, "scouter-sdk.tgz"));
process.stdout.write("dist/scouter-sdk.tgz\n");
