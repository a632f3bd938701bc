import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, launchBrowser, openPage } from "./support/browser.ts";

let server: ServerProcess;
let browser: Browser;

before(async () => {
  [server, browser] = await Promise.all([startServerProcess(), launchBrowser()]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

test("an empty server shows first-run with its own address; a span turns the indicator, and opens", async () => {
  const { page, context, troubles } = await openPage(browser, server.httpUrl);
  await page.getByText("Send your first trace").waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  const code = page.locator(".snippet pre");
  let text = "";
  for (const name of ["Any OpenTelemetry SDK", "JavaScript", "Python", "curl"]) {
    await page.getByRole("button", { name, exact: true }).click();
    text = await code.textContent() ?? "";
    assert.ok(text.includes(server.httpUrl), `${name}: ${text}`);
  }
  await page.getByText("Listening for spans").waitFor();
  execFileSync("bash", ["-c", text]);
  await page.getByRole("link", { name: "open hello" }).click();
  await page.getByRole("treeitem", { name: /hello/ }).waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});

test("sample data comes in through the front door and is shown", async () => {
  await using empty = await startServerProcess();
  const { page, context, troubles } = await openPage(browser, empty.httpUrl);
  await page.getByRole("button", { name: "Load sample data" }).click();
  await page.waitForSelector(".trace-table");
  await page.locator(".totals b", { hasText: "60" }).first().waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});
