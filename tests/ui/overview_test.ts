import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { eventually, launchBrowser, openPage } from "./support/browser.ts";
import { sendSpans, spanIdOf, type TestSpan, traceIdOf } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
const now = Date.now();
const MINUTE_MS = 60_000;

let made = 0;
function span(
  service: string,
  name: string,
  minutesAgo: number,
  durationMs: number,
  error?: string,
): TestSpan {
  made++;
  return {
    traceId: traceIdOf(made),
    spanId: spanIdOf(made),
    service,
    name,
    kind: 2,
    startMs: now - minutesAgo * MINUTE_MS,
    durationMs,
    ...(error === undefined ? {} : { error }),
  };
}

/** In the last hour: 8 traces, of which 2 failed. In the hour before: 4 traces, of which 1 failed. */
const SPANS = [
  ...[5, 10, 15, 20].map((minutes) => span("shop", "GET /", minutes, 100)),
  span("mail", "send", 25, 100),
  span("mail", "send", 30, 100),
  span("shop", "POST /pay", 40, 100, "order 12 refused"),
  span("shop", "POST /pay", 35, 100, "no connection"),
  span("shop", "POST /pay", 80, 100, "order 7 refused"),
  span("shop", "GET /", 90, 100),
  span("shop", "GET /", 95, 100),
  span("print", "label", 100, 100),
];

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 240_000 }),
    launchBrowser(),
  ]);
  await sendSpans(server.httpUrl, SPANS);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

test("the overview counts, compares with the time before, and every number leads to what is behind it", async () => {
  const { page, context, troubles } = await openPage(browser, `${server.httpUrl}/`);
  const card = (name: string) => page.getByRole("region", { name, exact: true });
  await card("Traces").waitFor();
  assert.match(
    await card("Traces").textContent() ?? "",
    /^Traces8.*▲ 100 % more than the hour before/,
  );
  assert.match(await card("Failed").textContent() ?? "", /✕ 25 %2 traces.*as in the hour before/);
  assert.match(await card("Duration, p95").textContent() ?? "", /100 ms/);
  assert.equal(await card("Cost").count(), 0, "no GenAI operations, no cost");
  await card("Failed").getByRole("link").click();
  await page.waitForURL(/\/traces\?q=status%3Aerror/);
  await page.waitForSelector(".trace-table");
  assert.equal(await page.locator(".trace-table tbody tr").count(), 2);
  await page.goBack();
  await card("Traces").getByRole("link").click();
  await page.waitForSelector(".trace-table");
  assert.equal(await page.locator(".trace-table tbody tr").count(), 8);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("what changed names new errors, new services and silent ones, and nothing that was there before", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/`);
  const changes = page.getByRole("region", { name: "What changed" });
  await changes.getByRole("link", { name: "no connection" }).waitFor();
  const lines = await changes.locator("li").allTextContents();
  assert.equal(lines.length, 3, lines.join("\n"));
  assert.match(lines[0] ?? "", /^✕ new.*no connection.*shop.*POST \/pay.*1 ×/);
  assert.match(lines[1] ?? "", /new service.*mail/);
  assert.match(lines[2] ?? "", /fell silent.*print/);
  await changes.getByRole("link", { name: "no connection" }).click();
  await page.getByRole("treeitem", { name: /POST \/pay/ }).waitFor();
  await context.close();
});

test("the newest failing traces stand beside, and live brings in what arrives", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/?live=1`);
  const failing = page.getByRole("region", { name: "Newest failing traces" });
  await failing.locator("li").first().waitFor();
  assert.deepEqual(
    (await failing.locator(".failing-message .bad").allTextContents()).map((text) => text.trim()),
    ["✕ no connection", "✕ order 12 refused"],
  );
  await sendSpans(server.httpUrl, [span("shop", "GET /late", 0, 5, "late failure")]);
  // Live looks every five seconds.
  await page.getByText("late failure").first().waitFor({ timeout: 20_000 });
  await eventually(async () => assert.equal(await failing.locator("li").count(), 3));
  await context.close();
});

test("a part that fails says so and is tried again; the others stand", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/services`);
  await page.waitForSelector(".service-table");
  await page.route("**/ListErrorKinds", (route) => route.abort());
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  const changes = page.getByRole("region", { name: "What changed" });
  await changes.getByText("The server could not be reached").waitFor();
  await page.getByRole("region", { name: "Newest failing traces" }).locator("li").first().waitFor();
  await page.unroute("**/ListErrorKinds");
  await changes.getByRole("button", { name: "Try again" }).click();
  await changes.getByRole("link", { name: "no connection" }).waitFor();
  await context.close();
});
