import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { sendSpans, spanIdOf, traceIdOf } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
const now = Date.now();
const TRACE = traceIdOf(0xfeed);

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 240_000 }),
    launchBrowser(),
  ]);
  await sendSpans(server.httpUrl, [
    {
      traceId: TRACE,
      spanId: spanIdOf(7),
      name: "GET /hello",
      service: "greeter",
      startMs: now - 60_000,
      durationMs: 40,
    },
  ]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

test("11. Opening a trace by pasted id from the palette works", async () => {
  const { page, context, troubles } = await openPage(browser, `${server.httpUrl}/traces`);
  await page.waitForSelector(".trace-table");
  const dashed = TRACE.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  for (
    const pasted of [
      TRACE,
      ` ${TRACE.toUpperCase()} `,
      dashed,
      `00-${TRACE}-${spanIdOf(7)}-01`,
      `https://example.com/deep/traces/${TRACE}?span=${spanIdOf(7)}`,
    ]
  ) {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: /^Go to a page/ }).fill(pasted);
    await page.getByRole("option", { name: /^Trace/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(new RegExp(`/traces/${TRACE}`));
    await page.getByRole("treeitem", { name: /GET \/hello/ }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.waitForSelector(".trace-table");
  }
  assert.deepEqual(troubles, []);
  await context.close();
});

test("the palette goes to pages, to recent traces and to a search, and is accessible", async () => {
  const { page, context, troubles } = await openPage(browser, `${server.httpUrl}/traces/${TRACE}`);
  await page.getByRole("treeitem", { name: /GET \/hello/ }).waitFor();
  await page.getByRole("button", { name: /^Go to/ }).click();
  await page.getByRole("option", { name: /Recent.*GET \/hello.*greeter/ }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.keyboard.type("traces");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".trace-table");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("nothing is called this");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=nothing\+is\+called\+this/);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("keyboard");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Keyboard" }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.keyboard.press("Escape");
  await eventually(async () => assert.equal(await page.locator("dialog").count(), 0));
  assert.deepEqual(troubles, []);
  await context.close();
});

test("a copied link fixes the time range and keeps the rest", async () => {
  const { page, context } = await openPage(
    browser,
    `${server.httpUrl}/traces?range=6h&q=service%3Agreeter&live=1`,
  );
  await page.waitForSelector(".trace-table");
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const beforeMs = Date.now();
  await page.getByRole("button", { name: "Copy link with absolute time" }).click();
  await page.getByText("Link copied").waitFor();
  const copied: unknown = await page.evaluate("navigator.clipboard.readText()");
  const url = new URL(String(copied));
  assert.equal(url.pathname, "/traces");
  assert.equal(url.searchParams.get("q"), "service:greeter");
  assert.equal(url.searchParams.get("range"), null);
  assert.equal(url.searchParams.get("live"), null);
  const from = Date.parse(url.searchParams.get("from") ?? "");
  const to = Date.parse(url.searchParams.get("to") ?? "");
  assert.equal(to - from, 6 * 3_600_000);
  assert.ok(to >= beforeMs && to < Date.now() + 10_000);
  await page.goto(url.href);
  await page.waitForSelector(".trace-table");
  assert.equal(await page.getByRole("checkbox", { name: "Live" }).isDisabled(), true);
  await context.close();
});

test("theme, zone and a folded navigation are kept; single keys can be switched off", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/traces`);
  await page.waitForSelector(".trace-table");
  await page.keyboard.press("t");
  await page.getByRole("button", { name: "Hide the names of pages" }).click();
  await page.keyboard.press("?");
  await page.getByLabel(/Single keys do something/).uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("t");
  await page.reload();
  await page.waitForSelector(".trace-table");
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
  assert.equal(await page.getAttribute("html", "data-rail"), "narrow");
  await page.keyboard.press("?");
  assert.equal(await page.locator("dialog").count(), 0);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /^Go to a page/ }).waitFor();
  await context.close();
});
