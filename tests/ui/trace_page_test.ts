import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { agentTrace } from "./support/sample_traces.ts";
import { sendSpans, spanIdOf, type TestSpan, traceIdOf } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
const now = Date.now();
const AGENT = traceIdOf(1);
const LARGE = traceIdOf(2);
const HOSTILE = traceIdOf(3);
const GROWING = traceIdOf(4);

const one = (traceId: string, more: Partial<TestSpan> = {}): TestSpan => ({
  traceId,
  spanId: spanIdOf(1),
  name: "root",
  service: "shop",
  startMs: now - 60_000,
  durationMs: 100,
  ...more,
});

before(async () => {
  [server, browser] = await Promise.all([startServerProcess(), launchBrowser()]);
  await sendSpans(server.httpUrl, agentTrace(AGENT, now - 120_000));
  await sendSpans(
    server.httpUrl,
    Array.from({ length: 10_000 }, (_, i) => ({
      ...one(LARGE),
      spanId: spanIdOf(i + 1),
      ...(i === 0 ? {} : { parentSpanId: spanIdOf(1 + Math.floor((i - 1) / 10)) }),
      name: `step ${i}`,
      startMs: now - 60_000 + i,
      durationMs: i === 0 ? 10_000 : 5,
    })),
  );
  await sendSpans(server.httpUrl, [one(HOSTILE, {
    name: "<b>bold</b>\u202Etxt",
    attributes: {
      "<script>": "<img src=x onerror=alert(1)>\u0000",
      "long": "x".repeat(1_000_000),
      "web": "https://example.com/page",
      "script": "javascript:alert(1)",
    },
  })]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const open = (path: string, options = {}) =>
  openPage(browser, `${server.httpUrl}/traces/${path}`, options);
const rowNames = (page: Page) => page.locator(".span-row .operation").allTextContents();

test("a click on a trace opens its spans, and going back returns to the list", async () => {
  const { page, context, troubles } = await openPage(
    browser,
    `${server.httpUrl}/traces?q=name%3A%22invoke_agent%20support%22`,
  );
  await page.getByRole("link", { name: "invoke_agent support" }).click();
  await page.waitForSelector(".waterfall");
  assert.equal(new URL(page.url()).pathname, `/traces/${AGENT}`);
  assert.deepEqual(await rowNames(page), [
    "invoke_agent support",
    "chat gpt-4o",
    "execute_tool find_order",
    "GET /orders/1042",
    "chat gpt-4o",
    "flush metrics",
  ]);
  await page.goBack();
  await page.waitForSelector(".trace-table");
  assert.equal(await page.inputValue("#search"), 'name:"invoke_agent support"');
  assert.deepEqual(troubles, []);
  await context.close();
});

test("bars match start and duration", async () => {
  const { page, context } = await open(AGENT);
  await page.waitForSelector(".waterfall");
  const area = await page.locator(".span-time").first().boundingBox();
  const tool = await page.locator(".span-row", { hasText: "execute_tool" })
    .locator(".span-bar").boundingBox();
  assert.ok(area && tool);
  // The trace lasts 4200 ms; the tool runs from 1500 ms for 900 ms.
  assert.ok(Math.abs(tool.x - area.x - area.width * 1500 / 4200) < 1.5);
  assert.ok(Math.abs(tool.width - area.width * 900 / 4200) < 1.5);
  await context.close();
});

test("the critical path is the chain the end of the trace waited for", async () => {
  const { page, context } = await open(AGENT);
  await page.waitForSelector(".waterfall");
  const onPath: string[] = [];
  for (const row of await page.locator(".span-row").all()) {
    if (await row.locator(".critical").count() > 0) {
      onPath.push(await row.locator(".operation").textContent() ?? "");
    }
  }
  // By hand: nothing runs in parallel, so all but the orphan are on it.
  assert.deepEqual(onPath, [
    "invoke_agent support",
    "chat gpt-4o",
    "execute_tool find_order",
    "GET /orders/1042",
    "chat gpt-4o",
  ]);
  await context.close();
});

test("orphans appear under a missing parent", async () => {
  const { page, context } = await open(AGENT);
  const missing = page.getByRole("treeitem", { name: /missing parent/ });
  await missing.waitFor();
  assert.match(await missing.textContent() ?? "", new RegExp(spanIdOf(99).slice(0, 8)));
  const orphan = page.getByRole("treeitem", { name: /flush metrics/ });
  assert.equal(await orphan.getAttribute("aria-level"), "2");
  await context.close();
});

test("the failing step is found by keyboard, with its error and attributes, and the address keeps it", async () => {
  const { page, context } = await open(AGENT);
  await page.waitForSelector(".waterfall");
  await page.keyboard.press("e");
  await page.keyboard.press("e");
  await page.waitForURL(new RegExp(`span=${spanIdOf(4)}`));
  const panel = page.getByRole("complementary", { name: "Span" });
  await panel.getByText("connection refused").waitFor();
  await panel.getByText("http.request.method").waitFor();
  await page.reload();
  await panel.getByText("http.request.method").waitFor();
  await page.getByRole("tree").focus();
  await page.keyboard.press("ArrowLeft");
  await page.waitForURL(new RegExp(`span=${spanIdOf(3)}`));
  await page.keyboard.press("ArrowLeft");
  await eventually(async () => assert.equal((await rowNames(page)).length, 5));
  await page.keyboard.press("ArrowRight");
  await eventually(async () => assert.equal((await rowNames(page)).length, 6));
  await context.close();
});

test("an open trace grows while looking", async () => {
  const start = Date.now() - 1000;
  const root = one(GROWING, { startMs: start, durationMs: 900 });
  await sendSpans(server.httpUrl, [root]);
  const { page, context } = await open(GROWING);
  await page.waitForSelector(".waterfall");
  await page.getByText("still open").waitFor();
  await sendSpans(server.httpUrl, [{
    ...root,
    spanId: spanIdOf(2),
    parentSpanId: spanIdOf(1),
    name: "late",
  }]);
  await eventually(async () => assert.deepEqual(await rowNames(page), ["root", "late"]));
  await context.close();
});

test("of 10,000 spans only the rows in view are in the document, and all can be reached", async () => {
  const { page, context } = await open(LARGE);
  await page.waitForSelector(".waterfall");
  await page.getByText("10,000 spans").waitFor();
  assert.ok(await page.locator(".span-row").count() < 100, "only rows in view are in the document");
  await page.getByRole("tree").focus();
  await page.keyboard.press("End");
  // By hand: the parent of step i is (i - 1) / 10, so the last child each goes 0, 10, 110, 1110.
  await page.getByRole("treeitem", { name: /step 1110 / }).waitFor();
  await context.close();
});

test("hostile names, keys and values run nothing; long ones unfold, and only web addresses are links", async () => {
  const { page, context, troubles } = await open(`${HOSTILE}?span=${spanIdOf(1)}`);
  const panel = page.getByRole("complementary", { name: "Span" });
  await panel.getByText("<img src=x onerror=alert(1)>␀").waitFor();
  assert.deepEqual(await rowNames(page), ["<b>bold</b>‹U+202E›txt"]);
  assert.equal(
    await panel.locator("a[href^='https://example.com']").getAttribute("rel"),
    "noopener noreferrer",
  );
  assert.equal(await panel.locator("a[href^='javascript']").count(), 0);
  await panel.getByRole("button", { name: "Show all 1,000,000 characters" }).click();
  await eventually(async () =>
    assert.ok(((await panel.locator(".attributes").first().textContent())?.length ?? 0) > 1_000_000)
  );
  assert.deepEqual(troubles, []);
  await context.close();
});

test("a trace that is not there says so", async () => {
  const { page, context } = await open(traceIdOf(0xdead));
  await page.getByText("This trace has not arrived").waitFor();
  await context.close();
});

for (const theme of ["light", "dark"] as const) {
  test(`axe finds nothing on a trace in the ${theme} theme`, async () => {
    const { page, context } = await open(`${AGENT}?span=${spanIdOf(4)}`, { theme });
    await page.waitForSelector(".attributes");
    assert.deepEqual(await accessibilityProblems(page), []);
    await context.close();
  });
}

test("at 390 px a trace does not overflow sideways", async () => {
  const { page, context } = await open(`${AGENT}?span=${spanIdOf(4)}`, { width: 390, height: 844 });
  await page.waitForSelector(".attributes");
  assert.equal(
    await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    ),
    0,
  );
  await context.close();
});
