/**
 * Real clients for end-to-end tests: OpenTelemetry SDKs and OpenTelemetry's load generator, installed once into a
 * cache folder. Each answers null, with a printed reason, only when the machine cannot have it.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CACHE = join(ROOT, "tests/.cache");
const CLIENTS = join(ROOT, "tests/e2e/clients");

/** A command line that sends something when given arguments and an environment. */
export interface Client {
  send(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string>;
}

async function once(folder: string, stamp: string, install: () => Promise<void>): Promise<void> {
  const file = join(folder, ".installed");
  if (await readFile(file, "utf8").catch(() => "") === stamp) return;
  await mkdir(folder, { recursive: true });
  await install();
  await writeFile(file, stamp);
}

function command(file: string, first: readonly string[]): Client {
  return {
    async send(args, env) {
      const { stdout } = await run(file, [...first, ...args], {
        env: { ...Deno.env.toObject(), ...env },
        timeout: 60_000,
        maxBuffer: 64 << 20,
      });
      return stdout.trim();
    },
  };
}

function unavailable(name: string, error: unknown): null {
  console.log(
    `skipped: ${name} cannot be had here: ${error instanceof Error ? error.message : error}`,
  );
  return null;
}

const JS_PACKAGES = [
  "@opentelemetry/api@1.9.0",
  "@opentelemetry/resources@2.12.0",
  "@opentelemetry/sdk-trace-node@2.12.0",
  "@opentelemetry/exporter-trace-otlp-proto@0.223.0",
  "@opentelemetry/exporter-trace-otlp-http@0.223.0",
  "@opentelemetry/exporter-trace-otlp-grpc@0.223.0",
];

/** The OpenTelemetry JS SDK on Node. Arguments: `proto`, `http` (JSON) or `grpc`. */
export function otelJs(): Promise<Client | null> {
  return otelJsProgram("send_otel_js.mjs");
}

/** Runs of an agent, told by the OpenTelemetry JS SDK on Node. Prints the trace id of the one that fails. */
export function otelJsAgentRuns(): Promise<Client | null> {
  return otelJsProgram("send_agent_runs.mjs");
}

async function otelJsProgram(program: string): Promise<Client | null> {
  const folder = join(CACHE, "otel_js");
  try {
    await once(folder, JS_PACKAGES.join(" "), async () => {
      await writeFile(join(folder, "package.json"), '{"private":true,"type":"module"}\n');
      await run("npm", ["install", "--no-audit", "--no-fund", "--save-exact", ...JS_PACKAGES], {
        cwd: folder,
      });
    });
    await copyFile(join(CLIENTS, program), join(folder, program));
  } catch (error) {
    return unavailable("the OpenTelemetry JS SDK", error);
  }
  return command("node", [join(folder, program)]);
}

const PYTHON_PACKAGES = ["opentelemetry-sdk==1.45.2", "opentelemetry-exporter-otlp==1.45.2"];

/** The OpenTelemetry Python SDK. Arguments: `http` or `grpc`. */
export async function otelPython(): Promise<Client | null> {
  const folder = join(CACHE, "otel_python");
  try {
    await once(folder, PYTHON_PACKAGES.join(" "), async () => {
      await run("python3", ["-m", "venv", folder]);
      await run(join(folder, "bin/pip"), ["install", "--quiet", ...PYTHON_PACKAGES]);
    });
  } catch (error) {
    return unavailable("the OpenTelemetry Python SDK", error);
  }
  return command(join(folder, "bin/python"), [join(CLIENTS, "send_otel_python.py")]);
}

/** OpenTelemetry's load generator. Arguments: those of `telemetrygen`. */
export async function telemetrygen(): Promise<Client | null> {
  try {
    const { stdout } = await run("bash", [join(ROOT, "tests/services/telemetrygen.sh")], {
      timeout: 600_000,
    });
    return command(stdout.trim(), []);
  } catch (error) {
    return unavailable("telemetrygen", error);
  }
}
