import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { sendSpans, spanIdOf, type TestSpan, traceIdOf } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
const now = Date.now();
const DAY_MS = 24 * 3600_000;
const ORDER = traceIdOf(0xa1);
const SHIPPING = traceIdOf(0xa2);
const LATE = traceIdOf(0xa3);
const UNLINKED = traceIdOf(0xa4);

const span = (traceId: string, number: number, more: Partial<TestSpan> = {}): TestSpan => ({
  traceId,
  spanId: spanIdOf(number),
  name: `span ${number}`,
  service: "shop",
  startMs: now - 3 * DAY_MS,
  durationMs: 900,
  ...more,
});
const toPublish = { traceId: ORDER, spanId: spanIdOf(2) };

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 180_000 }),
    launchBrowser(),
  ]);
  await sendSpans(server.httpUrl, [
    span(ORDER, 1, { name: "POST /order" }),
    span(ORDER, 2, { name: "publish order", parentSpanId: spanIdOf(1), kind: 4, durationMs: 20 }),
    span(ORDER, 3, {
      name: "retry publish",
      parentSpanId: spanIdOf(1),
      durationMs: 10,
      links: [toPublish],
    }),
    span(SHIPPING, 11, { name: "worker loop", service: "shipping" }),
    span(SHIPPING, 12, {
      name: "process order",
      service: "shipping",
      parentSpanId: spanIdOf(11),
      kind: 5,
      startMs: now - 3 * DAY_MS + 60_000,
      durationMs: 250,
      links: [toPublish],
      error: "no stock",
    }),
    span(LATE, 21, {
      name: "weekly report",
      service: "reports",
      startMs: now - DAY_MS,
      links: [{ traceId: ORDER, spanId: spanIdOf(1) }],
    }),
    span(UNLINKED, 31, { name: "lonely" }),
  ]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const open = (path: string, options = {}) =>
  openPage(browser, `${server.httpUrl}/traces/${path}`, options);
const panelOf = (page: Page) => page.getByRole("complementary", { name: "Span" });
const listed = (page: Page) =>
  page.getByRole("region", { name: "Linked from" }).locator(".linked-what .operation")
    .allTextContents();

/** Calls of the page that look for links. */
function linkCalls(page: Page): string[] {
  const calls: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/ListLinkingSpans")) calls.push(request.url());
  });
  return calls;
}

test("a link is followed to its span and back to those that link, with the mouse", async () => {
  const { page, context, troubles } = await open(`${ORDER}?span=${spanIdOf(2)}`);
  const calls = linkCalls(page);
  const panel = panelOf(page);
  await panel.getByText("Span id").waitFor();
  await panel.getByRole("button", { name: "Linked from" }).waitFor();
  assert.deepEqual(calls, [], "nothing is looked for before somebody asks");
  await panel.getByRole("button", { name: "Linked from" }).click();
  await eventually(async () =>
    assert.deepEqual(await listed(page), ["retry publish", "process order"])
  );
  const found = panel.getByRole("link", { name: /process order/ });
  const text = await found.textContent() ?? "";
  for (const part of ["shipping", "✕ failed: no stock", "250 ms", SHIPPING.slice(0, 12)]) {
    assert.ok(text.includes(part), `${part} in ${text}`);
  }
  assert.match(
    await panel.getByRole("link", { name: /retry publish/ }).textContent() ?? "",
    /✓ no error.*this trace/,
  );
  await found.click();
  await page.waitForURL(new RegExp(`/traces/${SHIPPING}\\?span=${spanIdOf(12)}`));
  await panel.getByRole("heading", { name: "process order" }).waitFor();
  // And forward again, by the link itself.
  await panel.getByRole("link", { name: new RegExp(spanIdOf(2)) }).click();
  await page.waitForURL(new RegExp(`/traces/${ORDER}\\?span=${spanIdOf(2)}`));
  await panel.getByRole("heading", { name: "publish order" }).waitFor();
  await page.goBack();
  await panel.getByRole("heading", { name: "process order" }).waitFor();
  await page.goBack();
  await eventually(async () =>
    assert.deepEqual(await listed(page), ["retry publish", "process order"])
  );
  assert.deepEqual(troubles, []);
  await context.close();
});

test("26. Links are followed both ways by keyboard alone", async () => {
  const { page, context } = await open(`${SHIPPING}?span=${spanIdOf(12)}`);
  const panel = panelOf(page);
  const tabTo = async (wanted: RegExp) => {
    for (let presses = 0; presses < 60; presses++) {
      const focused = String(await page.evaluate("document.activeElement?.textContent ?? ''"));
      const inPanel = await page.evaluate(
        "document.activeElement?.closest('.panel') !== null",
      );
      if (inPanel === true && wanted.test(focused)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`nothing like ${wanted} was reached`);
  };
  await panel.getByRole("link", { name: new RegExp(spanIdOf(2)) }).waitFor();
  await tabTo(new RegExp(`^${ORDER.slice(0, 12)}`));
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/traces/${ORDER}`));
  await panel.getByRole("button", { name: "Linked from" }).waitFor();
  await tabTo(/Linked from$/);
  await page.keyboard.press("Enter");
  await panel.getByRole("link", { name: /process order/ }).waitFor();
  await tabTo(/process order/);
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/traces/${SHIPPING}`));
  await panel.getByRole("heading", { name: "process order" }).waitFor();
  // The browser's own key for it; a browser without a window has none.
  await page.goBack();
  await panel.getByRole("heading", { name: "publish order" }).waitFor();
  await context.close();
});

test("the header tells what links to any span of the trace, in a window that is said and can be widened", async () => {
  const { page, context, troubles } = await open(ORDER);
  await page.waitForSelector(".waterfall");
  await page.getByRole("button", { name: "Linked from" }).click();
  await eventually(async () =>
    assert.deepEqual(await listed(page), ["retry publish", "process order"])
  );
  const window = page.getByLabel("Looked through");
  assert.equal(
    await window.locator("option:checked").textContent(),
    "during the trace and 24 hours after",
  );
  await window.selectOption({ label: "during the trace and 7 days after" });
  await eventually(async () =>
    assert.deepEqual(await listed(page), ["retry publish", "process order", "weekly report"])
  );
  await page.reload();
  await eventually(async () => assert.equal((await listed(page)).length, 3));
  const report = page.locator(".linked-list li", { hasText: "weekly report" });
  assert.match(await report.textContent() ?? "", /links to POST \/order$/);
  await report.getByRole("link", { name: "POST /order" }).click();
  await panelOf(page).getByRole("heading", { name: "POST /order" }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("a trace that nothing links to says so and where it was looked", async () => {
  const { page, context } = await open(`${UNLINKED}?linked=trace`);
  await page.getByText(/No span links to this trace between .* and /).waitFor();
  await page.getByLabel("Looked through").selectOption({ label: "everything stored" });
  await page.getByText("No span links to this trace.").waitFor();
  await context.close();
});

test("a search for links that fails shows cause, retry and request id", async () => {
  const { page, context } = await open(ORDER);
  await page.waitForSelector(".waterfall");
  await page.route("**/ListLinkingSpans", (route) =>
    route.fulfill({
      status: 504,
      headers: { "content-type": "application/json", "x-request-id": "r-7" },
      body: JSON.stringify({ code: "deadline_exceeded", message: "The query took too long." }),
    }));
  await page.getByRole("button", { name: "Linked from" }).click();
  const list = page.getByRole("region", { name: "Linked from" });
  await list.getByText("The query took too long.").waitFor();
  await list.getByText("r-7").waitFor();
  await page.unroute("**/ListLinkingSpans");
  await list.getByRole("button", { name: "Try again" }).click();
  await eventually(async () => assert.equal((await listed(page)).length, 2));
  await context.close();
});

for (const theme of ["light", "dark"] as const) {
  test(`axe finds nothing on the links of a span in the ${theme} theme, and nothing overflows at 390 px`, async () => {
    const { page, context } = await open(
      `${ORDER}?span=${spanIdOf(2)}&linked=${spanIdOf(2)}`,
      { theme, width: 390, height: 844 },
    );
    await eventually(async () => assert.equal((await listed(page)).length, 2));
    assert.deepEqual(await accessibilityProblems(page), []);
    assert.equal(
      await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      ),
      0,
    );
    await context.close();
  });
}
