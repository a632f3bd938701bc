import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
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
const PARALLEL = traceIdOf(2);
const SKEWED = traceIdOf(3);
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

const child = (number: number, parent: number, name: string, fromMs: number, untilMs: number) => ({
  spanId: spanIdOf(number),
  parentSpanId: spanIdOf(parent),
  name,
  startMs: now - 60_000 + fromMs,
  durationMs: untilMs - fromMs,
});

/** Two branches at once: the shorter one is waited for by nobody. */
const PARALLEL_SPANS: TestSpan[] = [
  one(PARALLEL),
  one(PARALLEL, child(2, 1, "short branch", 0, 40)),
  one(PARALLEL, child(3, 1, "long branch", 10, 90)),
  one(PARALLEL, child(4, 3, "inner", 20, 30)),
];

/** A service whose clock is 12 ms behind its caller's. */
const SKEWED_SPANS: TestSpan[] = [
  one(SKEWED, { kind: 3 }),
  one(SKEWED, { ...child(2, 1, "serve", -12, 60), service: "orders", kind: 2 }),
];

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 180_000 }),
    launchBrowser(),
  ]);
  await sendSpans(server.httpUrl, agentTrace(AGENT, now - 120_000));
  await sendSpans(server.httpUrl, PARALLEL_SPANS);
  await sendSpans(server.httpUrl, SKEWED_SPANS);
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

test("12. The waterfall's bars match start and duration to the pixel scale", async () => {
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

test("13. Critical path equals the computed one", async () => {
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
  await page.goto(`${server.httpUrl}/traces/${PARALLEL}`);
  await page.waitForSelector(".waterfall");
  const stretches: Record<string, number[][]> = {};
  for (const row of await page.locator(".span-row").all()) {
    const area = await row.locator(".span-time").boundingBox();
    assert.ok(area);
    const found: number[][] = [];
    for (const mark of await row.locator(".critical").all()) {
      const box = await mark.boundingBox();
      assert.ok(box);
      const percent = (x: number) => Math.round(100 * (x - area.x) / area.width);
      found.push([percent(box.x), percent(box.x + box.width)]);
    }
    stretches[await row.locator(".operation").textContent() ?? ""] = found;
  }
  // By hand, in ms of 100: the end waits for the long branch until 90, which waited for the inner span from 20 to 30.
  assert.deepEqual(stretches, {
    "root": [[90, 100], [0, 10]],
    "short branch": [],
    "long branch": [[30, 90], [10, 20]],
    "inner": [[20, 30]],
  });
  await context.close();
});

test("14. Orphans appear under a missing parent", async () => {
  const { page, context } = await open(AGENT);
  const missing = page.getByRole("treeitem", { name: /missing parent/ });
  await missing.waitFor();
  assert.match(await missing.textContent() ?? "", new RegExp(spanIdOf(99).slice(0, 8)));
  const orphan = page.getByRole("treeitem", { name: /flush metrics/ });
  assert.equal(await orphan.getAttribute("aria-level"), "2");
  await context.close();
});

test("26. The failing step is found by keyboard alone, with its error and attributes, and the address keeps it", async () => {
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

test("15. An open trace grows while looking", async () => {
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

test("dragging over the whole trace narrows the time shown, and the address keeps it", async () => {
  const { page, context } = await open(AGENT);
  const map = await page.locator(".minimap canvas").boundingBox();
  assert.ok(map);
  await page.mouse.move(map.x + map.width * 0.25, map.y + 10);
  await page.mouse.down();
  await page.mouse.move(map.x + map.width * 0.75, map.y + 10, { steps: 3 });
  await page.mouse.up();
  await page.waitForURL(/zoom=/);
  await page.reload();
  await page.waitForSelector(".waterfall");
  const scale = await page.locator(".waterfall-scale .scale span").allTextContents();
  // A quarter and three quarters of 4.2 s, to about a point of the screen.
  assert.match(scale[0] ?? "", /^1\.0[4-6] s$/);
  assert.match(scale[4] ?? "", /^3\.1[3-7] s$/);
  const area = await page.locator(".span-time").first().boundingBox();
  const tool = await page.locator(".span-row", { hasText: "execute_tool" })
    .locator(".span-bar").boundingBox();
  assert.ok(area && tool);
  assert.ok(Math.abs(tool.x - area.x - area.width * (1500 - 1050) / 2100) < 3);
  assert.ok(Math.abs(tool.width - area.width * 900 / 2100) < 3);
  await page.getByRole("application").focus();
  await page.keyboard.press("0");
  await eventually(async () =>
    assert.equal(await page.locator(".waterfall-scale .scale span").last().textContent(), "4.20 s")
  );
  await context.close();
});

test("clocks that differ are said, and nothing is moved", async () => {
  const { page, context } = await open(`${SKEWED}?span=${spanIdOf(2)}`);
  await page.getByText("orders is at least 12.0 ms behind shop").waitFor();
  await page.getByRole("complementary", { name: "Span" })
    .getByText("starts 12.0 ms before its parent").waitFor();
  const bars = await page.locator(".span-bar").all();
  const [root, served] = await Promise.all(bars.map((bar) => bar.boundingBox()));
  assert.ok(root && served && served.x < root.x);
  await context.close();
});

test("spans are found over the whole trace, sorted in the table, and added up by name", async () => {
  const { page, context, troubles } = await open(AGENT);
  await page.waitForSelector(".waterfall");
  await page.keyboard.press("/");
  await page.keyboard.type("gpt-4o");
  await page.getByText("2 found").waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`span=${spanIdOf(2)}`));
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`span=${spanIdOf(5)}`));
  await page.getByRole("button", { name: "Table" }).click();
  const lines = () => page.locator(".span-table-row .name").allTextContents();
  await eventually(async () => assert.deepEqual(await lines(), ["chat gpt-4o", "chat gpt-4o"]));
  await page.fill("#search", "");
  await page.getByRole("columnheader", { name: "Self" }).getByRole("button").click();
  // By hand, own time in ms: the models 1700 and 1400, the request 850, the agent 4200 - 1400 - 900 - 1700 = 200,
  // the orphan 60, the tool 900 - 850 = 50.
  await eventually(async () =>
    assert.deepEqual(await lines(), [
      "chat gpt-4o",
      "chat gpt-4o",
      "GET /orders/1042",
      "invoke_agent support",
      "flush metrics",
      "execute_tool find_order",
    ])
  );
  await page.getByRole("button", { name: "Flame" }).click();
  // The two calls of the model are one block: 3100 of 4260 ms.
  const block = page.getByRole("treeitem", { name: /^chat gpt-4o ×2: 3\.10 s, 72\.8/ });
  await block.waitFor();
  const area = await page.locator(".flame-view").boundingBox();
  const box = await block.boundingBox();
  assert.ok(area && box && Math.abs(box.width - area.width * 3100 / 4260) < 2);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("the trace is saved as OTLP JSON, and copied as curl that answers", async () => {
  const { page, context } = await open(AGENT);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const copied = async (name: string) => {
    await page.getByRole("button", { name, exact: true }).click();
    await page.locator("button", { hasText: `${name} · Copied` }).waitFor();
    return String(await page.evaluate("navigator.clipboard.readText()"));
  };
  const json = await copied("Copy JSON");
  const answer = execFileSync("bash", ["-c", await copied("Copy curl")], { encoding: "utf8" });
  assert.equal(JSON.parse(answer).spans.length, 6);
  assert.equal(await copied("Copy link"), page.url());
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download OTLP" }).click(),
  ]);
  const saved = await readFile(await download.path(), "utf8");
  assert.equal(JSON.parse(saved).resourceSpans.length, 2);
  assert.equal(json, saved);
  await context.close();
});

test("log records stand under their trace and beside their span", async () => {
  const record = (spanId: string, severityNumber: number, text: string, afterMs: number) => ({
    traceId: AGENT,
    spanId,
    severityNumber,
    timeUnixNano: `${BigInt(now - 120_000 + afterMs) * 1_000_000n}`,
    body: { stringValue: text },
    attributes: [{ key: "thread", value: { stringValue: "main" } }],
  });
  const response = await fetch(`${server.httpUrl}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      resourceLogs: [{
        resource: {
          attributes: [{ key: "service.name", value: { stringValue: "support-agent" } }],
        },
        scopeLogs: [{
          logRecords: [
            record(spanIdOf(3), 17, "<i>cannot</i> connect", 1600),
            record(spanIdOf(1), 9, "run begins", 10),
          ],
        }],
      }],
    }),
  });
  assert.equal(response.status, 200, await response.text());
  const { page, context, troubles } = await open(`${AGENT}?view=logs`);
  await page.waitForSelector(".log");
  assert.deepEqual(await page.locator(".log .text").allTextContents(), [
    "run begins",
    "<i>cannot</i> connect",
  ]);
  assert.deepEqual(await page.locator(".log-level").allTextContents(), ["info", "error"]);
  await page.locator(".log").getByRole("button", { name: "execute_tool find_order" }).click();
  const panel = page.getByRole("complementary", { name: "Span" });
  await panel.getByText("<i>cannot</i> connect").waitFor();
  assert.equal(await panel.locator(".log").count(), 1);
  assert.deepEqual(await accessibilityProblems(page), []);
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
