import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { build } from "esbuild";
import { launchBrowser } from "../ui/support/browser.ts";
import { copyTests, Project, ROOT, run, TARBALL } from "./project.ts";

const NODE_20 = "node@20.20.2";
const NODE_22 = "node@22.23.3";
const BUN = "bun@1.3.14";

/** Peers that the tests use, and what the tests themselves import. */
const PACKAGES = [
  "@duckdb/node-api",
  "@grpc/grpc-js",
  "@platformatic/kafka",
  "apache-arrow",
  "fast-check",
  "hono",
  "hyparquet-writer",
  "ioredis",
  "rabbitmq-client",
  "typescript",
];

const USE = `
const exporter = new TestSpanExporter();
instrument({ serviceName: "shop", transport: exporter });
const add = traced((a, b) => a + b, { name: "add" });
const sum = add(2, 3);
await uninstrument();
console.log(JSON.stringify({ sum, name: exporter.spans[0].span_name, version: VERSION }));
`;
const ANSWER = { sum: 5, name: "add", version: "0.1.0" };

describe("the npm package", () => {
  let project: Project;

  before(async () => {
    execFileSync("deno", ["task", "pack"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
    const { imports } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
    project = await Project.with(
      PACKAGES.map((name) => String(imports[name]).replace("npm:", "")),
    );
  });

  after(async () => {
    await project[Symbol.asyncDispose]();
  });

  it("publint finds nothing", () => {
    const said = run(ROOT, "npx", "-y", "publint@0.3.25", "--strict", TARBALL);
    assert.match(said, /All good!/);
  });

  it("Are The Types Wrong finds nothing, for ECMAScript modules, CommonJS and bundlers", () => {
    const said = run(
      ROOT,
      "npx",
      ...["-y", "@arethetypeswrong/cli@0.18.5", TARBALL, "--profile", "node16"],
      ...["--format", "json"],
    );
    const { analysis } = JSON.parse(said);
    assert.equal(analysis.types.kind, "included");
    const problems: { kind: string; resolutionKind?: string }[] = analysis.problems;
    assert.deepEqual(problems.filter((problem) => problem.resolutionKind !== "node10"), []);
  });

  for (const node of [NODE_20, NODE_22]) {
    it(`${node} imports and requires it, and both get the same modules`, async () => {
      const names = "instrument, TestSpanExporter, traced, uninstrument, VERSION";
      await project.write("use.mjs", `import { ${names} } from "@scouter/sdk";${USE}`);
      await project.write(
        "use.cjs",
        `const { ${names} } = require("@scouter/sdk");(async () => {${USE}})();`,
      );
      await project.write(
        "same.cjs",
        `import("@scouter/sdk/tracing").then(({ traced }) =>
           console.log(traced === require("@scouter/sdk").traced));`,
      );
      for (const file of ["use.mjs", "use.cjs"]) {
        assert.deepEqual(JSON.parse(project.run("npx", "-y", node, file)), ANSWER, file);
      }
      assert.equal(project.run("npx", "-y", node, "same.cjs"), "true\n");
    });
  }

  it("its command runs", () => {
    assert.match(
      project.run("npx", "-y", NODE_22, "node_modules/.bin/scouter", "--help"),
      /scouter/,
    );
  });

  it("TypeScript accepts strict users of node16 and bundler resolution", async () => {
    const use = `
import { instrument, ScouterClient, ScouterQueue, traced } from "@scouter/sdk";
import { createPsiProfile, type PsiDriftProfile } from "@scouter/sdk/drift";
import { features } from "@scouter/sdk/records";
export const add: (a: number, b: number) => number = traced((a: number, b: number) => a + b);
export const profile: PsiDriftProfile = createPsiProfile({ age: [1, 2, 3] });
// @ts-expect-error a profile is no number
export const wrong: number = profile;
export const used: unknown[] = [instrument, ScouterClient, ScouterQueue, features];
`;
    await project.write("types/esm.mts", use);
    await project.write("types/cjs.cts", use);
    await project.write("types/bundled.ts", use);
    const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022"];
    const tsc = (...args: string[]) => project.run("node_modules/.bin/tsc", ...strict, ...args);
    tsc("--module", "node16", "--skipLibCheck", "types/esm.mts", "types/cjs.cts");
    tsc(
      "--module",
      "esnext",
      "--moduleResolution",
      "bundler",
      "--skipLibCheck",
      "types/bundled.ts",
    );
  });

  it("the SDK's own tests pass on Node and Bun with the package in place of its sources", async () => {
    const { tests, leftOut } = await copyTests(project);
    assert.ok(tests.length > 3 * leftOut.length, `only ${tests.length} tests use public modules`);
    const node = project.run("npx", "-y", NODE_22, "--test", "--test-reporter=tap", ...tests);
    assert.match(node, /^# fail 0$/m);
    assert.ok(Number(/^# pass (\d+)$/m.exec(node)?.[1]) > 300, "Node ran too few tests");
    project.run("npx", "-y", BUN, "test", "tests/sdk");
  });

  it("its pure parts run in a browser", async () => {
    await project.write(
      "browser.js",
      `
import { computePsiDrift, createPsiProfile } from "@scouter/sdk/drift";
import { createDataProfile } from "@scouter/sdk/profile";
import { assertionTask, Evaluation } from "@scouter/sdk/evaluate";
import { features } from "@scouter/sdk/records";
const age = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const profile = createPsiProfile({ age });
const evaluation = new Evaluation([
  assertionTask({ id: "short", contextPath: "text", operator: "HasLengthLessThan", expectedValue: 9 }),
]);
document.title = JSON.stringify({
  drift: computePsiDrift({ age }, profile).features.age,
  passed: evaluation.outcomes(evaluation.run({ text: "hello" }))[0]?.check?.passed,
  mean: createDataProfile({ age }).features.get("age")?.numericStats?.mean,
  features: features({ age: 3 }).features.length,
});
`,
    );
    const { outputFiles } = await build({
      absWorkingDir: project.folder,
      entryPoints: ["browser.js"],
      bundle: true,
      format: "esm",
      platform: "browser",
      write: false,
      logLevel: "warning",
    });
    const script = outputFiles[0]?.text ?? "";
    const server = createServer((request, response) => {
      const isScript = request.url === "/app.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : '<script type="module" src="/app.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.waitForFunction("document.title !== ''").catch(() => {});
      assert.deepEqual(errors, []);
      assert.deepEqual(JSON.parse(await page.title()), {
        drift: 0,
        passed: true,
        mean: 5.5,
        features: 1,
      });
    } finally {
      await browser.close();
      server.close();
    }
  });
});
