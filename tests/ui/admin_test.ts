import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { genAiTraces } from "./support/genai_traces.ts";
import { sendSpans, spanIdOf, traceIdOf } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
let now: number;
const STORED = traceIdOf(0xbeef);
const REFUSED = traceIdOf(0xdead);

/** A first start makes a database, which takes long on a busy machine. */
const START_MS = 240_000;
const SECTIONS = [
  "Ingest",
  "Storage",
  "Workers",
  "Settings",
  "People",
  "API keys",
  "Prices",
  "About",
];

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: START_MS }),
    launchBrowser(),
  ]);
  now = Date.now();
  await sendSpans(server.httpUrl, [
    ...genAiTraces(12, now),
    {
      traceId: STORED,
      spanId: spanIdOf(1),
      name: "GET /ok",
      service: "shop",
      startMs: now - 5000,
      durationMs: 10,
    },
  ]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const open = (path: string, options = {}) =>
  openPage(browser, `${server.httpUrl}/${path}`, options);

/** Sends spans that are refused one by one, beside one that is stored. */
async function sendBroken(): Promise<void> {
  const span = (traceId: string, spanId: string) => ({
    traceId,
    spanId,
    name: "broken",
    startTimeUnixNano: `${now}000000`,
    endTimeUnixNano: `${now}000000`,
  });
  const response = await fetch(`${server.httpUrl}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      resourceSpans: [{
        resource: {
          attributes: [{ key: "service.name", value: { stringValue: "broken-service" } }],
        },
        scopeSpans: [{
          spans: [
            span("0".repeat(32), spanIdOf(2)),
            span("0".repeat(32), spanIdOf(3)),
            span(REFUSED, "0".repeat(16)),
            span(STORED, spanIdOf(4)),
          ],
        }],
      }],
    }),
  });
  assert.equal(response.status, 200);
}

test("25. Rejected spans appear in Admin with reason and count", async () => {
  const { page, context, troubles } = await open("admin");
  await page.getByText("Nothing was refused in this window").waitFor();
  await sendBroken();
  await page.getByRole("button", { name: "Refresh" }).click();
  const reasons = page.getByRole("region", { name: "Why spans were refused" });
  const row = (reason: string) => reasons.getByRole("row", { name: new RegExp(`^${reason}`) });
  await row("invalid_trace_id").waitFor();
  assert.equal(await row("invalid_trace_id").locator('[data-label="Spans"]').textContent(), "2");
  assert.equal(await row("invalid_span_id").locator('[data-label="Spans"]').textContent(), "1");
  const tile = page.locator(".tile", { has: page.getByText("Rejected", { exact: true }) });
  assert.equal(await tile.locator(".tile-value").textContent(), "3");
  const newest = page.getByRole("region", { name: "Newest refusals" });
  await newest.getByText("broken-service").first().waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});

test("where is my trace: stored, refused or never seen", async () => {
  const { page, context, troubles } = await open("admin/ingest");
  const field = page.getByLabel("Trace id, traceparent or address of a trace");
  const ask = async (text: string) => {
    await field.fill(text);
    await page.keyboard.press("Enter");
  };
  await ask(`00-${STORED}-${spanIdOf(1)}-01`);
  await page.locator(".answer").getByText("Stored", { exact: false }).first().waitFor();
  await page.getByRole("link", { name: "Open the trace" }).click();
  await page.getByRole("treeitem", { name: /GET \/ok/ }).waitFor();
  await page.goBack();
  await page.locator(".answer").getByText("Stored", { exact: false }).first().waitFor();
  await ask(traceIdOf(0x404));
  await page.getByText("Never seen").waitFor();
  await ask(REFUSED);
  await page.locator(".answer b", { hasText: "Refused" }).waitFor();
  await page.locator(".answer").getByText("invalid_span_id").first().waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});

test("a price that is set here counts from its date on, and can be removed", async () => {
  const { page, context, troubles } = await open("genai?range=6h");
  await page.getByRole("note").getByRole("link", { name: "house-llm-7b" }).click();
  assert.equal(await page.getByLabel("Model", { exact: true }).inputValue(), "house-llm-7b");
  await page.getByLabel("Input", { exact: true }).fill("100");
  await page.getByLabel("Output", { exact: true }).fill("200");
  await page.getByLabel(/^From/).fill("2020-01-01");
  await page.keyboard.press("Enter");
  const own = page.getByRole("region", { name: "Set here" });
  await own.getByRole("row", { name: /^house-llm-7b/ }).waitFor();
  await own.getByText("2020-01-01").waitFor();
  await page.goto(`${server.httpUrl}/genai?range=6h`);
  await page.getByText("all calls have a price").waitFor();
  await page.goBack();
  await page.getByRole("button", { name: /^Remove the price of house-llm-7b/ }).click();
  await page.getByRole("button", { name: "Yes, remove" }).click();
  await own.getByText("A price set here wins").waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});

test("settings tell their source, and can be searched; storage, workers and about are shown", async () => {
  const { page, context, troubles } = await open("admin/settings");
  const port = page.getByRole("row", { name: /^SCOUTER_SERVER_PORT/ });
  await port.waitFor();
  assert.equal(await port.locator('[data-label="From"]').textContent(), "environment");
  await page.getByLabel("Find").fill("grpc_port");
  await eventually(async () => assert.equal(await port.count(), 0));
  assert.match(page.url(), /find=grpc_port/);
  await page.getByRole("link", { name: "Storage" }).click();
  await page.getByRole("row", { name: /^trace_spans/ }).waitFor();
  await page.getByRole("link", { name: "Workers" }).click();
  await page.getByRole("region", { name: "Background work" }).getByText("✓ waiting").first()
    .waitFor();
  await page.getByRole("link", { name: "About" }).click();
  await page.getByText("no login: whoever reaches it is administrator").waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});

for (const theme of ["light", "dark"] as const) {
  test(`axe finds nothing on any part of Admin in the ${theme} theme`, async () => {
    const { page, context } = await open("admin", { theme });
    const tabs = page.getByRole("navigation", { name: "Parts of Admin" });
    for (const name of SECTIONS) {
      await tabs.getByRole("link", { name, exact: true }).click();
      await page.waitForSelector(".skeleton", { state: "detached" });
      assert.deepEqual(await accessibilityProblems(page), [], name);
    }
    await context.close();
  });
}

test("at 390 px no part of Admin overflows sideways", async () => {
  const { page, context } = await open("admin", { width: 390, height: 844 });
  const tabs = page.getByRole("navigation", { name: "Parts of Admin" });
  for (const name of SECTIONS) {
    await tabs.getByRole("link", { name, exact: true }).click();
    await page.waitForSelector(".skeleton", { state: "detached" });
    assert.equal(
      await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      ),
      0,
      name,
    );
  }
  await context.close();
});
