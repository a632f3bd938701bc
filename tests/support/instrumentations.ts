/**
 * Real GenAI instrumentations, in the versions their manifests pin, installed once into a cache folder.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SOURCES = join(ROOT, "tests/e2e/clients/genai");

/** Where instrumentations are installed. */
export const INSTALLED = join(ROOT, "tests/.cache/genai");

/** What they run on. */
export type Runtime = "node" | "python";

/** Scripts by runtime; each has the conversation of `fake_provider.ts`. */
export const INSTRUMENTATIONS: Readonly<Record<Runtime, readonly string[]>> = {
  node: [
    "opentelemetry_openai",
    "openinference_openai",
    "openinference_langchain",
    "openllmetry_openai",
    "openllmetry_langchain",
    "ai_sdk",
  ],
  python: [
    "opentelemetry_openai",
    "openinference_openai",
    "openinference_langchain",
    "openllmetry_openai",
    "openllmetry_langchain",
  ],
};

/**
 * Installs what a runtime's scripts need.
 *
 * @returns Null, with a printed reason, when the machine cannot have it.
 */
export async function installInstrumentations(runtime: Runtime): Promise<string | null> {
  const folder = join(INSTALLED, runtime);
  const source = join(SOURCES, runtime);
  const manifest = runtime === "node" ? "package.json" : "requirements.txt";
  const wanted = await readFile(join(source, manifest), "utf8");
  try {
    const stamp = join(folder, ".installed");
    if (await readFile(stamp, "utf8").catch(() => "") !== wanted) {
      await mkdir(folder, { recursive: true });
      await copyFile(join(source, manifest), join(folder, manifest));
      if (runtime === "node") {
        const options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];
        await run("npm", ["install", ...options], { cwd: folder, timeout: 600_000 });
      } else {
        await run("python3", ["-m", "venv", folder]);
        const pip = join(folder, "bin/pip");
        await run(pip, ["install", "--quiet", "-r", join(folder, manifest)], { timeout: 600_000 });
      }
      await writeFile(stamp, wanted);
    }
  } catch (error) {
    console.log(
      `skipped: the ${runtime} instrumentations cannot be installed here: ${
        error instanceof Error ? error.message : error
      }`,
    );
    return null;
  }
  for (const file of await readdir(source)) await copyFile(join(source, file), join(folder, file));
  return folder;
}

/**
 * Runs a script to its end.
 *
 * @param folder As installed.
 * @param endpoint OTLP/HTTP base URL.
 * @param baseUrl The provider's.
 */
export async function runInstrumentation(
  runtime: Runtime,
  folder: string,
  name: string,
  endpoint: string,
  baseUrl: string,
): Promise<void> {
  const command = runtime === "node"
    ? { file: "node", script: `${name}.cjs` }
    : { file: join(folder, "bin/python"), script: `${name}.py` };
  await run(command.file, [join(folder, command.script)], {
    cwd: folder,
    timeout: 120_000,
    env: {
      ...Deno.env.toObject(),
      OPENAI_BASE_URL: baseUrl,
      OPENAI_API_KEY: "sk-none",
      OTEL_SERVICE_NAME: `${runtime}_${name}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true",
      LANGCHAIN_TRACING_V2: "false",
    },
  });
}
