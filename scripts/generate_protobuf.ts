/**
 * Lints the schemas, refuses changes that break existing clients, and generates the TypeScript in `sdk/gen` and
 * `server/gen`. `proto/baseline.binpb` is what clients may rely on. Options: `--check` generates nothing,
 * `--accept` makes the present schemas the new baseline.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const PACKAGES = ["-p", "@bufbuild/buf@1.75.0", "-p", "@bufbuild/protoc-gen-es@2.17.0"];
const BASELINE = "proto/baseline.binpb";

function buf(...args: string[]): void {
  const { status } = spawnSync("npx", ["-y", ...PACKAGES, "buf", ...args], { stdio: "inherit" });
  if (status !== 0) Deno.exit(status ?? 1);
}

buf("lint", "proto");
if (existsSync(BASELINE)) buf("breaking", "proto", "--against", BASELINE);
if (!Deno.args.includes("--check")) {
  buf("generate", "--template", "proto/buf.gen.sdk.yaml");
  buf("generate", "--template", "proto/buf.gen.server.yaml");
}
if (Deno.args.includes("--accept")) buf("build", "proto", "-o", BASELINE);
