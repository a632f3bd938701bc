/**
 * What somebody does who mistypes, pastes half of an address, and clicks twice.
 *
 * @module
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { genAiTraces } from "./support/genai_traces.ts";
import { agentTrace } from "./support/sample_traces.ts";
import { sendSpans, traceIdOf } from "./support/spans.ts";

const TRACE = traceIdOf(0xa9e7);

let server: ServerProcess;
let browser: Browser;

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 240_000 }),
    launchBrowser(),
  ]);
  await sendSpans(server.httpUrl, genAiTraces(12, Date.now()));
  await sendSpans(server.httpUrl, agentTrace(TRACE, Date.now() - 20_000));
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

test("a mistyped address is a page with a way on, and stays JSON for programs", async () => {
  const { page, context, troubles } = await openPage(browser, `${server.httpUrl}/nope/nope`);
  await page.getByRole("heading", { name: "There is no page here" }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.getByRole("link", { name: "Go to the overview" }).click();
  await page.getByRole("heading", { name: "Newest failing traces" }).waitFor();
  assert.deepEqual(troubles, [
    "console: Failed to load resource: the server responded with a status of 404 (Not Found)",
  ]);
  await context.close();

  const asBrowser = { headers: { accept: "text/html,application/xhtml+xml" } };
  for (
    const [path, options] of [
      ["/nope/nope", {}],
      ["/scouter/api/v1/nope", asBrowser],
    ] as const
  ) {
    const answer = await fetch(server.httpUrl + path, options);
    assert.equal(answer.status, 404);
    assert.equal((await answer.json()).code, "NOT_FOUND", path);
  }
});

test("a slash too many at the end leads to the page, with what stood behind it", async () => {
  const { page, context, troubles } = await openPage(
    browser,
    `${server.httpUrl}/traces/?q=status%3Aerror`,
  );
  await page.getByRole("link", { name: /^✕ \d+ errors?$/ }).first().waitFor();
  assert.equal(page.url(), `${server.httpUrl}/traces?q=status%3Aerror`);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("times no clock can show are cut, and all parts of the overview answer", async () => {
  for (
    const range of [
      "from=-271821-04-20T00:00:00Z&to=%2B275760-09-13T00:00:00Z",
      "from=2000-01-01T00:00:00Z&to=2030-01-01T00:00:00Z",
      "range=9999d",
    ]
  ) {
    const { page, context, troubles } = await openPage(browser, `${server.httpUrl}/?${range}`);
    await page.getByRole("region", { name: "Cost" }).locator(".card-value").waitFor();
    await page.getByRole("region", { name: "Newest failing traces" }).getByRole("listitem").first()
      .waitFor();
    assert.equal(await page.getByText("Could not be loaded").count(), 0, range);
    assert.deepEqual(troubles, []);
    await context.close();
  }
});

test("double-clicking the histogram on and on stops where time does", async () => {
  const { page, context, troubles } = await openPage(browser, `${server.httpUrl}/traces`);
  await page.locator(".trace-table tbody tr").first().waitFor();
  const widenings = 25;
  for (let i = 0; i < widenings; i++) {
    await page.locator(".histogram svg").dblclick({ position: { x: 300, y: 20 } });
  }
  await eventually(() => {
    assert.match(page.url(), /from=1970-01-01T00%3A00%3A00.000Z&to=2100-01-01T00%3A00%3A00.000Z/);
    return Promise.resolve();
  });
  await page.locator(".totals b", { hasText: "13" }).first().waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});

test("parameters that mean nothing are passed over", async () => {
  const nonsense = "range=zzz&sort=%E0%A4%A&from=abc&to=zz&before=garbage&cols=,,,x&sel=zz&live=7" +
    "&view=nope&zoom=9-1&split=nope&minutes=-1&pick=zz,zz&span=%00&focus=%3Cb%3E&step=1.2.3";
  for (
    const [path, ready] of [
      ["", ".glance"],
      ["traces", ".trace-table"],
      [`traces/${TRACE}`, ".span-row"],
      ["services", ".service-table"],
      ["genai", ".genai-body .reasons"],
      ["admin/ingest", ".box"],
      ["traces/compare", ".state"],
    ] as const
  ) {
    const { page, context, troubles } = await openPage(
      browser,
      `${server.httpUrl}/${path}?${nonsense}`,
    );
    await page.locator(ready).first().waitFor();
    assert.deepEqual(troubles, [], path);
    await context.close();
  }
});

test("going back and forth faster than pages load ends at the page of the address", async () => {
  const { page, context, troubles } = await openPage(browser, server.httpUrl);
  for (const name of ["Traces", "Services", "GenAI", "Admin", "Overview"]) {
    await page.getByRole("link", { name, exact: true }).click();
  }
  for (let i = 0; i < 4; i++) await page.evaluate("history.back()");
  for (let i = 0; i < 2; i++) await page.evaluate("history.forward()");
  await page.waitForURL(/\/genai$/);
  await page.getByRole("heading", { name: "GenAI", exact: true }).waitFor();
  assert.equal(await page.title(), "GenAI · Scouter");
  assert.deepEqual(troubles, []);
  await context.close();
});

test("a click on a button twice makes one key, not two", async () => {
  const { page, context, troubles } = await openPage(browser, `${server.httpUrl}/admin/keys`);
  await page.getByRole("textbox", { name: "Name" }).fill("twice");
  await page.getByRole("button", { name: "Make the key" }).dblclick();
  await page.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("row", { name: /twice/ }).first().waitFor();
  assert.equal(await page.getByRole("row", { name: /twice/ }).count(), 1);
  assert.deepEqual(troubles, []);
  await context.close();
});
