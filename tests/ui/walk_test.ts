/**
 * The way of somebody who has read nothing: from an empty server to the failing step of an agent's run.
 *
 * @module
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { otelJsAgentRuns } from "../support/clients.ts";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";

const MESSAGE = "no timetable for Bern on 2026-12-24: seats is undefined";
const FAILED_TOOL = "execute_tool find_trains";
/** More presses of Tab than anybody has patience for. */
const MOST_TABS = 40;

let server: ServerProcess;
let browser: Browser;
/** The page that was open while the first spans arrived, and the trace that failed. */
let first: Awaited<ReturnType<typeof openPage>>;
let failedTraceId = "";

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 240_000 }),
    launchBrowser(),
  ]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** What the panel must show of the step that failed: why, where in the code, and what it was given. */
async function assertFailingStep(page: Page): Promise<void> {
  const panel = page.getByRole("complementary", { name: "Span" });
  await panel.getByRole("heading", { name: FAILED_TOOL }).waitFor();
  await panel.getByText(`✕ Failed: ${MESSAGE}`).waitFor();
  await panel.getByText("TypeError", { exact: true }).waitFor();
  await panel.locator(".stack", { hasText: "at findTrains" }).waitFor();
  const input = panel.locator("section", { has: page.getByRole("heading", { name: "Input" }) });
  const read = (await input.locator(".json-box").innerText()).replaceAll(/\s+/g, " ");
  assert.match(read, /to: Bern/);
  assert.match(read, /date: 2026-12-24/);
  assert.match(page.url(), new RegExp(`/traces/${failedTraceId}\\?.*span=[0-9a-f]{16}`));
  await page.getByRole("treeitem", { selected: true, name: FAILED_TOOL }).waitFor();
  await page.getByRole("status").filter({ hasText: `${FAILED_TOOL}, failed: ${MESSAGE}` })
    .waitFor({ state: "attached" });
}

/** What has the focus: its role's element, its name, and whether a person sees that it has it. */
async function focused(page: Page): Promise<string> {
  return String(
    await page.evaluate(`(() => {
    const element = document.activeElement;
    const seen = getComputedStyle(element).outlineStyle !== "none";
    const box = element.getBoundingClientRect();
    const inView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const name = element.getAttribute("aria-label") ?? element.innerText;
    return (seen && inView ? "" : "unseen ") + element.tagName.toLowerCase() + " " + name.trim();
  })()`),
  );
}

/** Presses Tab until something has the focus that reads so. */
async function tabTo(page: Page, wanted: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < MOST_TABS; i++) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    assert.doesNotMatch(now, /^unseen/, `the focus cannot be seen; before: ${passed.join(" · ")}`);
    if (wanted.test(now)) return;
    passed.push(now);
  }
  assert.fail(`Tab did not come to ${wanted}, but to ${passed.join(" · ")}`);
}

test("an empty server turns as the runs of an agent arrive", async (t) => {
  const client = await otelJsAgentRuns();
  if (client === null) return t.skip("the OpenTelemetry JS SDK cannot be had here");
  first = await openPage(browser, server.httpUrl);
  await first.page.getByText("Listening for spans").waitFor();
  const shown = await first.page.locator(".snippet pre").innerText();
  const env = Object.fromEntries(
    [...shown.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value ?? ""]),
  );
  assert.deepEqual(Object.keys(env), [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
  ]);
  failedTraceId = await client.send([], { ...env, OTEL_SERVICE_NAME: "travel" });
  await first.page.getByText("First span received").waitFor();
});

test("the failing step is found with the mouse alone", async (t) => {
  if (failedTraceId === "") return t.skip("nothing was sent");
  const { page, context, troubles } = first;
  await page.getByRole("button", { name: "see all that arrived" }).click();

  const failing = page.getByRole("region", { name: "Newest failing traces" });
  await failing.getByText(MESSAGE).waitFor();
  assert.equal(await failing.getByRole("listitem").count(), 1);
  const card = page.getByRole("region", { name: "Failed" });
  assert.match(await card.innerText(), /20 %[\s\S]*1 trace/);
  await failing.getByRole("link", { name: "invoke_agent travel" }).click();
  await assertFailingStep(page);
  assert.deepEqual(await accessibilityProblems(page), []);

  // The neighbours of the step are one click away, and so is the step from them.
  await page.getByRole("treeitem", { name: "execute_tool get_weather" }).click();
  await page.getByText("✓ No error reported").waitFor();
  await page.getByRole("button", { name: "✕ 1 failed" }).click();
  await assertFailingStep(page);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("it is two clicks away from the list of traces, too", async (t) => {
  if (failedTraceId === "") return t.skip("nothing was sent");
  const { page, context, troubles } = await openPage(browser, server.httpUrl);
  await page.getByRole("link", { name: "Traces", exact: true }).click();
  await page.locator(".totals b", { hasText: "5" }).first().waitFor();
  const outcomes = page.locator("td.col-outcome");
  assert.deepEqual((await outcomes.allInnerTexts()).map((text) => text.trim()), [
    "✓ ok",
    "✕ 1 error",
    "✓ ok",
    "✓ ok",
    "✓ ok",
  ]);
  await page.getByRole("link", { name: "✕ 1 error" }).click();
  await assertFailingStep(page);
  await page.goBack();
  await page.locator("td.col-outcome").first().waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});

test("the failing step is found with Tab and Enter alone", async (t) => {
  if (failedTraceId === "") return t.skip("nothing was sent");
  const { page, context, troubles } = await openPage(browser, server.httpUrl);
  await page.getByText(MESSAGE).first().waitFor();
  await tabTo(page, /^a invoke_agent travel/);
  await page.keyboard.press("Enter");
  await assertFailingStep(page);

  // The tree is reached by Tab, and arrows go from step to step.
  await tabTo(page, /Spans$/);
  await page.keyboard.press("ArrowDown");
  await page.getByRole("treeitem", { selected: true, name: "get_weather" }).waitFor();
  await page.keyboard.press("ArrowUp");
  await assertFailingStep(page);
  await tabTo(page, /^button Close the span/);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("the failing step is found with the keys that the help lists", async (t) => {
  if (failedTraceId === "") return t.skip("nothing was sent");
  const { page, context, troubles } = await openPage(browser, server.httpUrl);
  await page.getByText(MESSAGE).first().waitFor();
  await tabTo(page, /^a 5$/);
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard" });
  const listed = (await help.innerText()).replaceAll(/\s+/g, " ");
  for (
    const line of [
      "g t Traces",
      "e Traces: only those with errors",
      "j k Next and previous row",
      "Enter Open the row",
      "e Next failed span",
      "Esc Close",
    ]
  ) assert.ok(listed.includes(line), `${line}: ${listed}`);
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "hidden" });

  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await page.locator(".totals b", { hasText: "5" }).first().waitFor();
  await page.keyboard.press("e");
  await eventually(async () =>
    assert.deepEqual(await page.locator("td.col-outcome").allInnerTexts(), ["✕ 1 error"])
  );
  await page.keyboard.press("j");
  assert.match(await focused(page), /^a invoke_agent travel/);
  await page.keyboard.press("Enter");
  await page.getByRole("treeitem", { name: FAILED_TOOL }).waitFor();
  await page.keyboard.press("e");
  await assertFailingStep(page);
  assert.deepEqual(troubles, []);
  await context.close();
});
