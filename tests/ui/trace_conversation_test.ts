import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { taskTimes } from "./support/long_tasks.ts";
import { agentTrace } from "./support/sample_traces.ts";
import { sendSpans, spanIdOf, traceIdOf } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
const now = Date.now();
const AGENT = traceIdOf(1);
const LONG = traceIdOf(2);

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 180_000 }),
    launchBrowser(),
  ]);
  await sendSpans(server.httpUrl, agentTrace(AGENT, now - 120_000));
  await sendSpans(server.httpUrl, [{
    traceId: LONG,
    spanId: spanIdOf(1),
    name: "chat unheard-of",
    service: "agent",
    startMs: now - 60_000,
    durationMs: 500,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "unheard-of",
      "gen_ai.usage.input_tokens": 250_000,
      "gen_ai.usage.output_tokens": 3,
      "gen_ai.input.messages": JSON.stringify([
        { role: "user", parts: [{ type: "text", content: `${"long text ".repeat(100_000)}end` }] },
      ]),
    },
  }]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const open = (path: string, options = {}) =>
  openPage(browser, `${server.httpUrl}/traces/${path}`, options);

test("16. The conversation shows roles, tool calls, results, tokens and cost in order", async () => {
  const { page, context, troubles } = await open(AGENT);
  await page.waitForSelector(".waterfall");
  await page.keyboard.press("2");
  await page.waitForURL(/view=conversation/);
  const steps = page.locator(".step");
  await eventually(async () => assert.equal(await steps.count(), 4));
  assert.deepEqual(await steps.locator(".step-name").allTextContents(), [
    "invoke_agent support",
    "chat gpt-4o",
    "execute_tool find_order",
    "chat gpt-4o",
  ]);
  // What a step only repeats is folded away.
  const said = async (step: number) => {
    const texts = await steps.nth(step).locator("> .message").allInnerTexts();
    return texts.map((text) => text.replace(/\s+/g, " ").trim());
  };
  assert.deepEqual(await said(1), [
    "system You help customers of a shop.",
    "user Where is my order 1042?",
    "assistant calls find_order call_1 order: 1042",
  ]);
  assert.deepEqual(await said(3), [
    "tool result call_1 connection refused",
    "assistant I cannot reach the order system right now. Please try again soon.",
  ]);
  const numbers = await steps.nth(1).locator(".step-numbers > span").allTextContents();
  // The shipped price of gpt-4o: 2.50 and 10 dollars a million. 412 and 38 tokens cost 0.00141.
  assert.deepEqual(numbers.slice(0, 3), ["412 in, 38 out", "$0.0014", "1.40 s"]);
  assert.match(await steps.nth(2).locator(".step-head").textContent() ?? "", /connection refused/);
  // 878 tokens in and 99 out: 0.003185 dollars.
  await page.locator(".facts-line").getByText("$0.0032").waitFor();
  await page.getByRole("region", { name: "Conversation" }).focus();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.waitForURL(new RegExp(`span=${spanIdOf(2)}`));
  await page.getByRole("complementary", { name: "Span" }).getByText("gen_ai.request.model")
    .waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("17. A folded 1 MB message unfolds without freezing", async () => {
  const { page, context } = await open(`${LONG}?view=conversation`);
  const unfold = page.getByRole("button", { name: "Show all 1,000,003 characters" });
  await unfold.waitFor();
  const text = page.locator(".message .text").first();
  const times = await taskTimes(browser, page, async () => {
    await unfold.click();
    await page.getByRole("button", { name: "Fold" }).waitFor();
    await page.locator(".piece").nth(100).waitFor({ state: "attached" });
  });
  const [slowest = Infinity] = times;
  assert.ok(slowest > 0, "the work was seen");
  assert.ok(slowest < 100, `one task took ${slowest} ms of the processor`);
  assert.ok((await text.textContent() ?? "").includes("long text end"));
  await context.close();
});

test("a model without a price is said to be unpriced, not free", async () => {
  const { page, context } = await open(`${LONG}?view=conversation`);
  await page.locator(".step").getByText("unpriced").waitFor();
  await page.locator(".facts-line").getByText("1 unpriced").waitFor();
  assert.equal(await page.getByText("$0").count(), 0);
  await context.close();
});
