import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";

const SERVE = fileURLToPath(new URL("../../../server/main_serve.ts", import.meta.url));
const Graph = z.object({
  modules: z.array(z.object({
    specifier: z.string(),
    dependencies: z.array(z.object({
      specifier: z.string(),
      code: z.object({ specifier: z.string().optional() }).optional(),
      isDynamic: z.boolean().optional(),
    })).optional(),
  })),
});

/** Packages that take long to load: the two stores load side by side, the rest when it is used. */
const LATER = [
  "@duckdb/node-api",
  "@electric-sql/pglite",
  "@electric-sql/pglite-prepopulatedfs",
  "apache-arrow",
  "pg",
  "tar",
  "@platformatic/kafka",
  "rabbitmq-client",
  "ioredis",
];

test("the server starts without waiting for packages that can load later", async () => {
  const { stdout } = await promisify(execFile)(
    Deno.execPath(),
    ["info", "--json", SERVE],
    { maxBuffer: 1 << 28 },
  );
  const { modules } = Graph.parse(JSON.parse(stdout));
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const seen = new Set<string>();
  const bare = new Set<string>();
  const visit = (specifier: string) => {
    if (seen.has(specifier)) return;
    seen.add(specifier);
    for (
      const { specifier: written, code, isDynamic } of byName.get(specifier)?.dependencies ?? []
    ) {
      if (isDynamic || code?.specifier === undefined) continue;
      bare.add(written);
      visit(code.specifier);
    }
  };
  visit(new URL(`file://${SERVE}`).href);
  assert.ok(seen.size > 100 && bare.has("zod"), "the graph was read");
  assert.deepEqual(LATER.filter((name) => bare.has(name)), []);
});
