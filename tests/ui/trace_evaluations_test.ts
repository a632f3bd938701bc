import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { sendSpans, spanIdOf, type TestSpan, traceIdOf } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
const now = Date.now();
const JUDGED = traceIdOf(0xe1);
const PLAIN = traceIdOf(0xe2);

const result = (name: string, label?: string, score?: number) => ({
  name: "gen_ai.evaluation.result",
  atMs: now - 50_000,
  attributes: {
    "gen_ai.evaluation.name": name,
    ...(label === undefined ? {} : { "gen_ai.evaluation.score.label": label }),
    ...(score === undefined ? {} : { "gen_ai.evaluation.score.value": score }),
    "gen_ai.evaluation.explanation": `because of ${name}`,
  },
});

const chat = (
  number: number,
  events: TestSpan["events"],
  more: Partial<TestSpan> = {},
): TestSpan => ({
  traceId: JUDGED,
  spanId: spanIdOf(number),
  parentSpanId: spanIdOf(1),
  name: `chat ${number}`,
  service: "support-agent",
  startMs: now - 60_000 + number * 100,
  durationMs: 90,
  attributes: {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.output.messages": JSON.stringify([
      { role: "assistant", parts: [{ type: "text", content: `answer ${number} `.repeat(60) }] },
    ]),
  },
  ...(events === undefined ? {} : { events }),
  ...more,
});

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 180_000 }),
    launchBrowser(),
  ]);
  await sendSpans(server.httpUrl, [
    {
      traceId: JUDGED,
      spanId: spanIdOf(1),
      name: "POST /ask",
      service: "web",
      startMs: now - 60_000,
      durationMs: 1500,
      kind: 2,
      attributes: { "scouter.entity": "0198b8f0-7a4e-7bfa-9d53-0d1c2b3a4f55" },
      // A span that is no call of a model was judged as well.
      events: [result("deadline", "pass", 1)],
    },
    chat(2, [result("correctness", "pass", 0.9), result("relevance", "relevant", 0.8)]),
    chat(3, [result("correctness", "fail", 0.2), result("relevance", "partly", 0.5)]),
    chat(4, [result("correctness"), result("tone", undefined, 0.75), result("grounded")]),
    chat(5, [result("correctness", "Passed", 0.7), result("relevance", "relevant", 0.5)]),
    ...[6, 7, 8, 9].map((number) => chat(number, undefined)),
    chat(10, [result("closing", "fail")]),
    {
      traceId: PLAIN,
      spanId: spanIdOf(1),
      name: "GET /",
      service: "web",
      startMs: now - 60_000,
      durationMs: 15,
    },
  ]);
  // A result may come as a log record later.
  const response = await fetch(`${server.httpUrl}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      resourceLogs: [{
        scopeLogs: [{
          logRecords: [{
            traceId: JUDGED,
            spanId: spanIdOf(5),
            eventName: "gen_ai.evaluation.result",
            timeUnixNano: `${BigInt(now) * 1_000_000n}`,
            attributes: [
              { key: "gen_ai.evaluation.name", value: { stringValue: "tone" } },
              { key: "gen_ai.evaluation.score.value", value: { doubleValue: 0.25 } },
            ],
          }],
        }],
      }],
    }),
  });
  assert.equal(response.status, 200, await response.text());
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const open = (path: string, options = {}) =>
  openPage(browser, `${server.httpUrl}/traces/${path}`, options);

test("the header has a badge for each evaluation, its outcomes told by shape and number, and its profile", async () => {
  const { page, context, troubles } = await open(JUDGED);
  const group = page.getByRole("group", { name: "Evaluations" });
  const badges = async () =>
    (await group.getByRole("button").allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
  // By hand. correctness: passed twice, failed once, not measured once; (0.9 + 0.2 + 0.7) / 3 = 0.6.
  // relevance: (0.8 + 0.5 + 0.5) / 3 = 0.6. tone: 0.75 of the event and 0.25 of the log record.
  await eventually(async () =>
    assert.deepEqual(await badges(), [
      "correctness ✓ 2 passed ✕ 1 failed ○ 1 unmeasured mean 0.6",
      "closing ✕ fail",
      "relevance relevant ×2 partly mean 0.6",
      "tone mean 0.5",
      "grounded ○ unmeasured",
      "deadline ✓ pass 1",
    ])
  );
  await page.getByTitle("correctness: 2 passed, 1 failed, 1 unmeasured, mean score 0.6").waitFor();
  await page.locator(".facts-line .badge", { hasText: "0198b8f0" }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("a badge leads to the step judged, the failed one first, and on to the next", async () => {
  const { page, context } = await open(JUDGED, { height: 600 });
  const badge = page.getByRole("button", { name: /^correctness/ });
  await badge.click();
  await page.waitForURL(new RegExp(`span=${spanIdOf(3)}.*view=conversation`));
  const step = page.locator(".step.selected");
  await step.locator(".verdict", { hasText: "correctness" }).getByText("✕ fail · 0.2").waitFor();
  await step.locator(".verdict", { hasText: "partly" }).waitFor();
  await badge.press("Enter");
  await page.waitForURL(new RegExp(`span=${spanIdOf(4)}`));
  await step.locator(".verdict", { hasText: "grounded" }).getByText("○ unmeasured").waitFor();
  // The last step lies far below: it is brought into view.
  await page.getByRole("button", { name: /^closing/ }).click();
  await page.waitForURL(new RegExp(`span=${spanIdOf(10)}`));
  await eventually(async () => {
    const box = await page.locator(`#step-${spanIdOf(10)}`).boundingBox();
    assert.ok(box && box.y > 0 && box.y < 600, `the step is at ${box?.y}`);
  });
  // A judged span that is no step of the conversation is shown in the timeline.
  await page.getByRole("button", { name: /^deadline/ }).click();
  await page.waitForSelector(`.waterfall [aria-selected=true]`);
  assert.equal(new URL(page.url()).searchParams.get("view"), null);
  await page.goBack();
  await page.waitForSelector(`#step-${spanIdOf(10)}`);
  await context.close();
});

test("a trace that nobody judged has no badges", async () => {
  const { page, context } = await open(PLAIN);
  await page.waitForSelector(".waterfall");
  assert.equal(await page.getByRole("group", { name: "Evaluations" }).count(), 0);
  await context.close();
});

for (const theme of ["light", "dark"] as const) {
  test(`axe finds nothing on the badges in the ${theme} theme, and nothing overflows at 390 px`, async () => {
    const { page, context } = await open(`${JUDGED}?view=conversation&span=${spanIdOf(3)}`, {
      theme,
      width: 390,
      height: 844,
    });
    await page.getByRole("button", { name: /^deadline/ }).waitFor();
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
