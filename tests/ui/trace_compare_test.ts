import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { agentTrace, goodAgentTrace } from "./support/sample_traces.ts";
import { sendSpans, spanIdOf, traceIdOf } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
const now = Date.now();
const BAD = traceIdOf(0xbad);
const GOOD = traceIdOf(0x900d);

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 180_000 }),
    launchBrowser(),
  ]);
  await sendSpans(server.httpUrl, agentTrace(BAD, now - 60_000));
  await sendSpans(server.httpUrl, goodAgentTrace(GOOD, now - 120_000));
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

test("20. Compare shows added, removed and changed steps", async () => {
  const { page, context, troubles } = await openPage(
    browser,
    `${server.httpUrl}/traces?q=service%3Asupport-agent`,
  );
  await page.waitForSelector(".trace-table");
  // By keyboard alone: the newer one is A.
  for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
  await page.getByRole("link", { name: "Compare" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/compare/);
  const rows = page.locator(".step-table .span-table-row");
  await eventually(async () => assert.equal(await rows.count(), 7));
  const names = await page.locator(".step-table .span-table-row .name").allTextContents();
  const changes = await page.locator(".step-table .span-table-row .change").allTextContents();
  const shown = names.map((name, i) => [name, changes[i]]);
  // By hand: 4200 against 3600 ms is less than a fifth; the tool took 900 and 240 ms, the request 850 and 200,
  // the second call of the model 1700 and 1400 ms with 61 and 24 tokens.
  assert.deepEqual(shown, [
    ["=invoke_agent support support-agent", "same"],
    ["=chat gpt-4o support-agent", "same"],
    ["≠execute_tool find_order support-agent", "no longer fails, faster"],
    ["≠GET /orders/1042 orders", "no longer fails, faster"],
    ["+execute_tool track_parcel support-agent", "added"],
    ["≠chat gpt-4o support-agent", "tokens out"],
    ["−flush metrics support-agent", "removed"],
  ]);
  const time = rows.nth(2).locator("[role=gridcell]");
  assert.equal(await time.nth(2).textContent(), "900 ms");
  assert.equal(await time.nth(3).textContent(), "240 ms −660 ms");
  const tokens = rows.nth(5).locator("[role=gridcell]").nth(4);
  assert.equal(await tokens.textContent(), "490 −37");
  assert.match(
    await page.getByRole("region", { name: "Trace B" }).textContent() ?? "",
    /3\.60 s −600 ms/,
  );
  await page.getByRole("grid").focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press("e");
  await page.waitForURL(new RegExp(`step=${spanIdOf(5)}.${spanIdOf(5)}`));
  const panel = page.getByRole("complementary", { name: "Step" });
  await panel.locator(".diff-removed", { hasText: "I cannot reach the order system" }).waitFor();
  await panel.locator(".diff-added", { hasText: "arrives on Tuesday" }).waitFor();
  await panel.getByText("the same in both").waitFor();
  await page.getByRole("button", { name: "1 added" }).click();
  await eventually(async () => assert.equal(await rows.count(), 1));
  await page.reload();
  await eventually(async () => assert.equal(await rows.count(), 1));
  assert.deepEqual(await accessibilityProblems(page), []);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("comparing with a trace that is not there says which", async () => {
  const { page, context } = await openPage(
    browser,
    `${server.httpUrl}/traces/compare?a=${BAD}&b=${traceIdOf(0xdead)}`,
  );
  await page.getByText("A trace is missing").waitFor();
  await page.getByText(traceIdOf(0xdead)).waitFor();
  await page.goto(`${server.httpUrl}/traces/compare`);
  await page.getByText("Pick two traces from the list").waitFor();
  await context.close();
});
