/**
 * What importing the SDK costs: time on Node in fresh processes, beside OpenTelemetry's own packages, and bytes in a
 * bundle.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { Project, ROOT } from "../tests/package/project.ts";
import type { Figures } from "./lib/results.ts";

const NODE = "node@22.23.3";

/** What one needs to trace with OpenTelemetry alone. */
const PEER = [
  "@opentelemetry/api",
  "@opentelemetry/sdk-trace",
  "@opentelemetry/context-async-hooks",
  "@opentelemetry/otlp-transformer",
];

/** Median times of importing, in milliseconds; the processes take turns. */
function importTimes(project: Project, lists: readonly (readonly string[])[], rounds: number) {
  const node = project.run("npx", "-y", NODE, "-p", "process.execPath").trim();
  const times = lists.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    lists.forEach((names, at) => {
      const imports = names.map((name) => `await import(${JSON.stringify(name)});`).join("");
      const script = `const t = performance.now();${imports}console.log(performance.now() - t)`;
      times[at]?.push(Number(project.run(node, "--input-type=module", "-e", script)));
    });
  }
  return times.map((list) => list.sort((a, b) => a - b)[rounds >> 1] ?? NaN);
}

/** Bytes of a minified bundle of the front door and everything it needs. */
async function bundleBytes(project: Project): Promise<number> {
  await project.write("front_door.js", 'export * from "@scouter/sdk";');
  const { outputFiles, metafile } = await build({
    absWorkingDir: project.folder,
    entryPoints: ["front_door.js"],
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    outdir: "bundle",
    write: false,
    metafile: true,
    logLevel: "silent",
    external: Object.keys(optionalPeers(project)),
  });
  const first = new Set<string>();
  const todo = ["bundle/front_door.js"];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (first.has(path)) continue;
    first.add(path);
    for (const { path: next, kind, external } of metafile.outputs[path]?.imports ?? []) {
      if (kind === "import-statement" && external !== true) todo.push(next);
    }
  }
  return outputFiles.filter(({ path }) => [...first].some((name) => path.endsWith(name)))
    .reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
}

function optionalPeers(project: Project): Record<string, string> {
  const text = project.run("node", "-p", 'JSON.stringify(require("@scouter/sdk/package.json"))');
  return JSON.parse(text).peerDependencies;
}

/** Packs the SDK, installs it, and measures. */
export async function benchSdkImport(rounds: number): Promise<Figures> {
  execFileSync("deno", ["task", "pack"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  await using project = await Project.with(PEER.map((name) => `${name}@latest`));
  const [ours = NaN, peer = NaN] = importTimes(project, [["@scouter/sdk"], PEER], rounds);
  return {
    import_ms: Math.round(ours * 10) / 10,
    import_opentelemetry_ms: Math.round(peer * 10) / 10,
    import_ratio_to_opentelemetry: Math.round((ours / peer) * 100) / 100,
    bundle_gzip_bytes: await bundleBytes(project),
  };
}
