import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { calibrationMs } from "../../bench/lib/calibration.ts";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { launchBrowser, openPage } from "./support/browser.ts";
import { taskTimes } from "./support/long_tasks.ts";
import { sendSpans, spanIdOf, type TestSpan, traceIdOf } from "./support/spans.ts";

/** What the calibration work costs on the machine of `bench/README.md` when nothing else runs. */
const CALM_CALIBRATION_MS = 25;

let server: ServerProcess;
let browser: Browser;
const now = Date.now();
const LARGE = traceIdOf(2);
const HOSTILE = traceIdOf(3);

const one = (traceId: string, more: Partial<TestSpan> = {}): TestSpan => ({
  traceId,
  spanId: spanIdOf(1),
  name: "root",
  service: "shop",
  startMs: now - 60_000,
  durationMs: 100,
  ...more,
});

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 180_000 }),
    launchBrowser(),
  ]);
  await sendSpans(
    server.httpUrl,
    Array.from({ length: 10_000 }, (_, i) => ({
      ...one(LARGE),
      spanId: spanIdOf(i + 1),
      ...(i === 0 ? {} : { parentSpanId: spanIdOf(1 + Math.floor((i - 1) / 10)) }),
      name: `step ${i}`,
      startMs: now - 60_000 + i,
      durationMs: i === 0 ? 10_000 : 5,
      ...(i % 97 === 96 ? { error: "it broke" } : {}),
      ...(i % 5 === 0 ? { events: [{ name: "tick", atMs: now - 60_000 + i + 2 }] } : {}),
    })),
  );
  await sendSpans(server.httpUrl, [
    one(HOSTILE, {
      name: "<b>bold</b>\u202Etxt",
      service: "</script><script>document.title=1</script>",
      attributes: {
        "<script>": "<img src=x onerror=alert(1)>\u0000",
        "right to left": "\u202Egnp.exe \u2066\u0007",
        "long": "x".repeat(5_000_000),
        "web": "https://example.com/page",
        "script": "javascript:alert(1)",
        "constructor": "kept",
        ["__proto__"]: "kept too",
        ["k".repeat(5000)]: "a long key",
      },
    }),
    one(HOSTILE, {
      spanId: spanIdOf(2),
      parentSpanId: spanIdOf(1),
      name: "w".repeat(20_000),
      attributes: Object.fromEntries(
        Array.from({ length: 10_000 }, (_, i) => [`key ${i}`, `value ${i}`]),
      ),
    }),
  ]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const open = (path: string, options = {}) =>
  openPage(browser, `${server.httpUrl}/traces/${path}`, options);

/** Scrolls a box to its end, 1500 points a picture, and answers when it is there. */
const SCROLL = (selector: string) =>
  `new Promise((done) => {
  const view = document.querySelector(${JSON.stringify(selector)});
  view.scrollTop = 0;
  const step = () => {
    view.scrollTop += 1500;
    if (view.scrollTop + view.clientHeight < view.scrollHeight - 1) requestAnimationFrame(step);
    else done(view.scrollTop);
  };
  requestAnimationFrame(step);
})`;

test("18. 10,000 spans scroll with no long task over 50 ms", async () => {
  const { page, context } = await open(LARGE);
  await page.waitForSelector(".waterfall");
  await page.getByText("10,000 spans").waitFor();
  assert.ok(await page.locator(".span-row").count() < 100, "only rows in view are in the document");
  for (const [view, selector] of [["timeline", ".waterfall-view"], ["table", ".span-table"]]) {
    await page.getByRole("button", { name: new RegExp(String(view), "i") }).click();
    await page.waitForSelector(String(selector));
    const times = await taskTimes(browser, page, async () => {
      const end = Number(await page.evaluate(SCROLL(String(selector))));
      assert.ok(end > 200_000, `scrolled ${end}`);
    });
    assert.ok(times.length > 50 && Number(times[0]) > 0, "the work of scrolling was seen");
    // A shared machine is at times half as fast as at others; the limit is that of a calm one.
    const slowness = Math.max(1, calibrationMs() / CALM_CALIBRATION_MS);
    console.log(`${view}: longest tasks ${times.slice(0, 3)} ms, machine ${slowness} times slower`);
    assert.ok(Number(times[0]) < 50 * slowness, `${view}: a task took ${times[0]} ms`);
  }
  await context.close();
});

test("of 10,000 spans the last can be reached by one key, and found by its name", async () => {
  const { page, context } = await open(LARGE);
  await page.waitForSelector(".waterfall");
  await page.getByRole("tree").focus();
  await page.keyboard.press("End");
  // By hand: the parent of step i is (i - 1) / 10, so the last child each goes 0, 10, 110, 1110.
  await page.getByRole("treeitem", { name: /step 1110 / }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("step 9999");
  await page.keyboard.press("Enter");
  await page.getByRole("treeitem", { name: /step 9999 / }).waitFor();
  await context.close();
});

test("19. Hostile names, keys and values run nothing and break no layout", async () => {
  for (const look of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    const { page, context, troubles } = await open(`${HOSTILE}?span=${spanIdOf(1)}`, look);
    const panel = page.getByRole("complementary", { name: "Span" });
    await panel.getByText("<img src=x onerror=alert(1)>␀").waitFor();
    await panel.getByText("‹U+202E›gnp.exe ‹U+2066›␇").waitFor();
    await panel.getByText("kept too").waitFor();
    assert.equal(
      await page.locator(".span-row .operation").first().textContent(),
      "<b>bold</b>‹U+202E›txt",
    );
    assert.equal(
      await panel.locator("a[href^='https://example.com']").getAttribute("rel"),
      "noopener noreferrer",
    );
    assert.equal(await panel.locator("a[href^='javascript']").count(), 0);
    for (const view of ["timeline", "table", "flame"]) {
      await page.goto(`${server.httpUrl}/traces/${HOSTILE}?span=${spanIdOf(1)}&view=${view}`);
      await panel.getByText("kept too").waitFor();
      assert.equal(
        await page.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        ),
        0,
        view,
      );
    }
    assert.deepEqual(troubles, []);
    await context.close();
  }
});

test("19. A 5 MB attribute is read when it is asked for; 10,000 attributes are shown in parts", async () => {
  const { page, context, troubles } = await open(HOSTILE);
  await page.waitForSelector(".waterfall");
  const sizes: Promise<number>[] = [];
  page.on("response", (response) => {
    if (!response.url().endsWith("/GetSpan")) return;
    sizes.push(response.body().then((body) => body.length));
  });
  await page.locator(".span-row").first().click();
  const panel = page.getByRole("complementary", { name: "Span" });
  const unfold = panel.getByRole("button", { name: "Show all 5,000,000 characters" });
  await unfold.waitFor();
  assert.ok((await sizes[0] ?? Infinity) < 50_000, "the long value is not sent at first");
  await unfold.click();
  const long = panel.locator(".attributes > div", { hasText: "long" }).locator("dd").first();
  await long.locator(".piece").nth(499).waitFor({ state: "attached" });
  assert.equal(await long.locator(".piece").count(), 500);
  await page.locator(".span-row").nth(1).click();
  await panel.getByRole("button", { name: "9,900 more" }).waitFor();
  await panel.getByRole("button", { name: "9,900 more" }).click();
  await panel.getByRole("button", { name: "9,400 more" }).waitFor();
  await panel.getByPlaceholder("Filter attributes").fill("value 9876");
  await panel.getByText("key 9876").waitFor();
  assert.equal(await panel.locator(".attributes").first().locator("> div").count(), 1);
  assert.deepEqual(troubles, []);
  await context.close();
});
