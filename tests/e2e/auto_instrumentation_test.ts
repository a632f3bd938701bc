import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { bunCommand, denoCommand, nodeCommand, type RuntimeCommand } from "../support/runtimes.ts";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
// Inside the project, so that Node and Bun find the SDK's own packages; installed once.
const FOLDER = join(ROOT, "tests/.cache/auto_instrumentation");
const EXAMPLES = join(FOLDER, "examples/auto_instrumentation");

/** Copies the examples and the SDK, and installs the packages. @returns why that is impossible, or null */
async function install(): Promise<string | null> {
  await mkdir(EXAMPLES, { recursive: true });
  for (const part of ["sdk", "examples/tracing_three_services", "examples/auto_instrumentation"]) {
    await cp(join(ROOT, part), join(FOLDER, part), {
      recursive: true,
      filter: (source) => !source.includes("node_modules"),
    });
  }
  const wanted = await readFile(join(EXAMPLES, "package.json"), "utf8");
  const stamp = join(EXAMPLES, "node_modules/.installed");
  if (await readFile(stamp, "utf8").catch(() => "") === wanted) return null;
  try {
    await run("npm", ["install", "--no-audit", "--no-fund"], { cwd: EXAMPLES, timeout: 600_000 });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  await writeFile(stamp, wanted);
  return null;
}

interface Example {
  readonly name: string;
  readonly tree: readonly string[];
  readonly tells: RegExp;
}

const CHAIN = ["ChatPromptTemplate", "ChatOpenAI", "StrOutputParser"];
const EXAMPLES_AND_TREES: readonly Example[] = [
  {
    name: "http_express",
    tree: [
      "visit  [shop, internal]",
      "└─ GET  [shop, client]",
      "   └─ GET /orders/:id  [shop, server]",
      "      └─ request handler  [shop, internal]",
      "         └─ look up  [shop, internal]",
    ],
    tells: /http\.route=\/orders\/:id/,
  },
  {
    name: "express_middleware",
    tree: [
      "visit  [shop, internal]",
      "└─ POST HOST  [shop, client]",
      "   └─ POST /orders/:id  [shop, server]",
      "      └─ store  [shop, internal]",
    ],
    tells: /^201 \{"id":"7"\}[^]*shop calls orders \/orders\/\{id\}/,
  },
  {
    name: "undici_fetch",
    tree: [
      "visit  [shop, internal]",
      "└─ GET  [shop, client]",
      "   └─ GET /stock  [shop, server]",
    ],
    tells: /http\.response\.status_code=200/,
  },
  {
    name: "pg",
    tree: [
      "stock  [shop, internal]",
      "├─ pg.connect  [shop, client]",
      "└─ pg.query:SELECT NAME  [shop, client]",
    ],
    tells: /SELECT \$1::int AS tea/,
  },
  {
    name: "openai_openinference",
    tree: [
      "answer  [support, internal]",
      "├─ OpenAI Chat Completions  [support, internal]",
      "└─ OpenAI Chat Completions  [support, internal]",
    ],
    tells: /llm\.model_name=gpt-test, .*llm\.token_count\.prompt=14/,
  },
  {
    name: "openai_openllmetry",
    tree: [
      "answer  [support, internal]",
      "├─ chat gpt-test  [support, client]",
      "└─ chat gpt-test  [support, client]",
    ],
    tells: /gen_ai\.usage\.input_tokens=14/,
  },
  {
    name: "langchain_openinference",
    tree: [
      "answer  [support, internal]",
      "└─ RunnableSequence  [support, internal]",
      ...CHAIN.map((name, at) => `   ${at < 2 ? "├" : "└"}─ ${name}  [support, internal]`),
    ],
    tells: /llm\.token_count\.completion=7/,
  },
  {
    name: "langchain_openllmetry",
    tree: [
      "answer  [support, internal]",
      "├─ workflow RunnableSequence  [support, internal]",
      "├─ workflow prompt  [support, internal]",
      "├─ chat gpt-test  [support, client]",
      "└─ workflow parser  [support, internal]",
    ],
    tells: /gen_ai\.usage\.output_tokens=7/,
  },
];

/** Their `fetch` is not undici's and tells nobody of its calls. */
const NO_UNDICI: ReadonlySet<string> = new Set(["deno", "bun"]);

describe("automatic instrumentations through instrument()", () => {
  let server: ServerProcess | undefined;
  let postgres: TestPostgres | undefined;
  let databaseUri: string | undefined;
  let missing: string | null = null;
  const commands = new Map<string, RuntimeCommand | null>();

  before(async () => {
    missing = await install();
    if (missing !== null) return;
    commands.set("deno", denoCommand());
    commands.set("node", await nodeCommand());
    commands.set("bun", await bunCommand());
    const started = await startPostgres();
    if (!("unavailable" in started)) {
      postgres = started;
      databaseUri = await started.createDatabase();
    }
    server = await startServerProcess({ readyTimeoutMs: 240_000 });
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await postgres?.stop();
  });

  for (const runtime of ["deno", "node", "bun"]) {
    for (const { name, tree, tells } of EXAMPLES_AND_TREES) {
      if (name === "undici_fetch" && NO_UNDICI.has(runtime)) continue;
      it(`make the trace of ${name} on ${runtime}`, async () => {
        const command = commands.get(runtime);
        const why = missing ?? (command ? null : `${runtime} cannot be had`) ??
          (name === "pg" && databaseUri === undefined ? "there is no PostgreSQL" : null);
        if (why !== null || !command || server === undefined) {
          console.log(`skipped: ${name} on ${runtime}: ${why}`);
          return;
        }
        const [program, ...args] = command;
        const { stdout } = await run(program, [...args, `${name}.ts`], {
          cwd: EXAMPLES,
          timeout: 120_000,
          env: {
            ...Deno.env.toObject(),
            NO_COLOR: "1",
            SCOUTER_SERVER_URI: server.httpUrl,
            OTEL_EXPORTER_OTLP_ENDPOINT: server.otlpHttpUrl,
            DATABASE_URI: databaseUri ?? "",
          },
        });
        const lines = stdout.split("\n");
        const start = lines.findIndex((line) => line.startsWith("trace ")) + 2;
        // Durations and the database's name differ from run to run.
        const printed = lines.slice(start, start + tree.length)
          .map((line) =>
            line.replace(/, \d+ ms/, "").replace(/test_\d+/, "NAME")
              .replace(/127\.0\.0\.1:\d+/, "HOST")
          );
        assert.deepEqual(printed, tree, stdout);
        assert.equal(lines[start + tree.length], "", "the tree has no further spans");
        assert.match(stdout, tells);
      });
    }
  }
});
