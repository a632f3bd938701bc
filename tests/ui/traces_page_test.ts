import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { sendSpans, spanIdOf, type TestSpan, traceIdOf } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
const now = Date.now();

/** 120 traces of `shop`, one a second, every tenth failed and slow; and one with a name nobody should trust. */
const HOSTILE = '<img src=x onerror="document.title=1">\u202Egnp.exe\u0000';
const SPANS: TestSpan[] = Array.from({ length: 120 }, (_, i) => ({
  traceId: traceIdOf(i + 1),
  spanId: spanIdOf(i + 1),
  name: `GET /item/${i}`,
  service: i % 2 === 0 ? "shop" : "billing",
  startMs: now - 300_000 + i * 1000,
  durationMs: i % 10 === 0 ? 2000 : 50,
  ...(i % 10 === 0 ? { error: "card declined" } : {}),
}));

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 180_000 }),
    launchBrowser(),
  ]);
  await sendSpans(server.httpUrl, [
    ...SPANS,
    {
      traceId: traceIdOf(999),
      spanId: spanIdOf(999),
      name: HOSTILE,
      service: '"><script>alert(1)</script>',
      startMs: now - 400_000,
      durationMs: 1,
    },
  ]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Names of the rows on screen. */
async function names(page: Page): Promise<string[]> {
  await page.waitForSelector('.results[aria-busy="false"]');
  return await page.locator(".trace-table td.col-operation bdi").allTextContents();
}

const range = (first: number, last: number) =>
  Array.from({ length: first - last + 1 }, (_, i) => `GET /item/${first - i}`);

test("4. The trace list shows newest first, and paging forward and back returns to the same rows", async () => {
  const { page, context, troubles } = await openPage(browser, `${server.httpUrl}/traces`);
  await page.waitForSelector(".trace-table");
  const first = await names(page);
  assert.deepEqual(first, range(119, 70));
  await page.getByRole("button", { name: "Older" }).click();
  await eventually(async () => assert.equal((await names(page))[0], "GET /item/69"));
  assert.deepEqual(await names(page), range(69, 20));
  await page.getByRole("button", { name: "Newer" }).click();
  await eventually(async () => assert.equal((await names(page))[0], "GET /item/119"));
  assert.deepEqual(await names(page), first);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("6. `status:error duration>1s` keeps exactly the expected traces, after a reload too", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/traces`);
  await page.waitForSelector(".trace-table");
  await page.keyboard.press("/");
  await page.keyboard.type("status:error duration>1s");
  await page.keyboard.press("Enter");
  const expected = [110, 100, 90, 80, 70, 60, 50, 40, 30, 20, 10, 0].map((i) => `GET /item/${i}`);
  await eventually(async () => assert.equal((await names(page)).length, 12));
  assert.deepEqual(await names(page), expected);
  await page.reload();
  await page.waitForSelector(".trace-table");
  assert.deepEqual(await names(page), expected);
  assert.equal(await page.inputValue("#search"), "status:error duration>1s");
  await page.goBack();
  await eventually(async () => assert.equal((await names(page)).length, 50));
  await context.close();
});

test("7. A wrong query names place and expectation", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/traces`);
  await page.fill("#search", "duration>fast");
  await page.keyboard.press("Enter");
  const problem = page.locator("#search-problem");
  await problem.waitFor();
  assert.equal(await problem.locator("mark").textContent(), "fast");
  assert.match(await problem.textContent() ?? "", /expected a number/);
  await context.close();
});

test("8. Completion offers keys, then values with counts", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/traces`);
  await page.waitForSelector(".trace-table");
  await page.locator("#search").pressSequentially("serv");
  await page.getByRole("option", { name: "service:" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const shop = page.getByRole("option", { name: /^shop/ });
  await shop.waitFor();
  assert.equal(await shop.locator(".count").textContent(), "60");
  await context.close();
});

test("10. Facet counts equal the list's, and clicking one narrows it", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/traces?q=status%3Aerror`);
  const shop = page.locator(".facet button", { hasText: "shop" });
  await shop.waitFor();
  assert.equal(await shop.locator(".count").textContent(), "12");
  await shop.click();
  await page.waitForURL(/service%3Ashop/);
  assert.equal((await names(page)).length, 12);
  await context.close();
});

test("9. Dragging on the histogram narrows the range and the list", async () => {
  const { page, context } = await openPage(
    browser,
    `${server.httpUrl}/traces?from=${new Date(now - 900_000).toISOString()}&to=${
      new Date(now).toISOString()
    }`,
  );
  await page.waitForSelector(".bar-ok");
  const box = await page.locator(".histogram svg").boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width * 0.75, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.99, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL((url) =>
    url.searchParams.get("from") !== new Date(now - 900_000).toISOString()
  );
  const { searchParams } = new URL(page.url());
  const from = Date.parse(searchParams.get("from") ?? "");
  const to = Date.parse(searchParams.get("to") ?? "");
  assert.ok(Math.abs(to - from - 0.24 * 900_000) < 5000, `${to - from} ms is about 24 % of 15 min`);
  const expected = SPANS.filter((span) => span.startMs >= from && span.startMs < to).length;
  assert.ok(expected > 0);
  const total = page.locator(".totals b").first();
  await eventually(async () => assert.equal(await total.textContent(), String(expected)));
  assert.equal((await names(page)).length, Math.min(50, expected));
  await context.close();
});

test("23. A range with no data says so and offers the nearest data", async () => {
  const { page, context } = await openPage(
    browser,
    `${server.httpUrl}/traces?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z`,
  );
  await page.getByText("No traces in this time range").waitFor();
  await page.getByRole("button", { name: /^Show the last/ }).click();
  await page.waitForSelector(".trace-table");
  await context.close();
});

test("19. Hostile names in the list run nothing and show what they hide", async () => {
  const { page, context, troubles } = await openPage(
    browser,
    `${server.httpUrl}/traces?q=${encodeURIComponent("exe")}`,
  );
  await page.waitForSelector(".trace-table");
  assert.deepEqual(await names(page), [
    '<img src=x onerror="document.title=1">‹U+202E›gnp.exe␀',
  ]);
  assert.equal(await page.title(), "Traces · Scouter");
  assert.deepEqual(troubles, []);
  await context.close();
});

test("5. Reload, back and a copied link restore range, query, columns and selection", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/traces?range=6h`);
  await page.waitForSelector(".trace-table");
  await page.fill("#search", "service:shop");
  await page.keyboard.press("Enter");
  await page.waitForURL(/service%3Ashop/);
  await page.getByRole("button", { name: "Columns" }).click();
  const dialog = page.getByRole("dialog", { name: "Columns" });
  for (const name of ["Tokens", "Trace id", "resource.service.name"]) {
    await dialog.getByRole("checkbox", { name, exact: true }).click();
  }
  await dialog.getByRole("button", { name: "Move Duration earlier" }).click();
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.locator(".trace-table tbody .col-pick input").nth(1).check();
  await page.locator("body").press("j");
  await page.waitForURL(/sel=/);
  const titles = () => page.locator(".trace-table thead th:not(.col-pick)").allTextContents();
  const expected = [
    "Time",
    "Root operation",
    "Duration",
    "Service",
    "Spans",
    "Outcome",
    "Trace id",
    "resource.service.name",
  ];
  const check = async (page: Page) => {
    await page.waitForSelector(".trace-table");
    assert.deepEqual(
      await page.locator(".trace-table thead th:not(.col-pick)").allTextContents(),
      expected,
    );
    assert.equal(await page.inputValue("#search"), "service:shop");
    assert.equal(await page.getByRole("combobox", { name: "Time range" }).inputValue(), "6h");
    const rows = page.locator(".trace-table tbody tr");
    assert.equal(await rows.nth(0).getAttribute("aria-selected"), "true");
    assert.ok(await rows.nth(1).locator("input").isChecked());
    assert.ok(!await rows.nth(2).locator("input").isChecked());
    assert.deepEqual((await names(page)).slice(0, 2), ["GET /item/118", "GET /item/116"]);
  };
  assert.deepEqual(await titles(), expected);
  await page.reload();
  await check(page);
  await page.getByRole("link", { name: "GET /item/116" }).click();
  await page.waitForSelector(".waterfall");
  await page.goBack();
  await check(page);
  const other = await openPage(browser, page.url());
  await check(other.page);
  await other.context.close();
  await context.close();
});

test("26. The list by keyboard alone: search, move, pick two, errors only, open", async () => {
  const { page, context, troubles } = await openPage(browser, `${server.httpUrl}/traces`);
  await page.waitForSelector(".trace-table");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.waitForURL(new RegExp(`sel=${traceIdOf(119)}`));
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.getByText("2 picked").waitFor();
  assert.deepEqual(
    new URL(page.url()).searchParams.get("pick"),
    `${traceIdOf(119)},${traceIdOf(118)}`,
  );
  await page.keyboard.press("x");
  await page.getByText("1 picked").waitFor();
  await page.keyboard.press("e");
  await eventually(async () => assert.equal((await names(page)).length, 12));
  await page.keyboard.press("e");
  await eventually(async () => assert.equal((await names(page)).length, 50));
  await page.keyboard.press("/");
  await page.keyboard.type('name:"GET /item/7"');
  await page.keyboard.press("Enter");
  await eventually(async () => assert.deepEqual(await names(page), ["GET /item/7"]));
  // The counts come after the rows.
  await page.waitForSelector('.overview[aria-busy="false"]');
  await page.locator(".histogram svg").focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await page.waitForURL(/from=/);
  await page.waitForSelector(".trace-table");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/traces/${traceIdOf(8)}`));
  await page.waitForSelector(".waterfall");
  assert.deepEqual(troubles, []);
  await context.close();
});

test("picked traces are exported as OTLP JSON and as CSV", async () => {
  const { page, context } = await openPage(
    browser,
    `${server.httpUrl}/traces?pick=${traceIdOf(2)},${traceIdOf(1)}&q=${
      encodeURIComponent('name:"GET /item/1" or name:"GET /item/0"')
    }`,
  );
  await page.waitForSelector(".trace-table");
  const saved = async (name: string, role: "link" | "button") => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole(role, { name, exact: true }).click(),
    ]);
    return {
      name: download.suggestedFilename(),
      text: await readFile(await download.path(), "utf8"),
    };
  };
  const otlp = await saved("OTLP JSON", "link");
  assert.equal(otlp.name, "2-traces.otlp.json");
  const spans = JSON.parse(otlp.text).resourceSpans.flatMap((
    resource: { scopeSpans: { spans: { name: string }[] }[] },
  ) => resource.scopeSpans.flatMap((scope) => scope.spans.map((span) => span.name)));
  assert.deepEqual(spans, ["GET /item/1", "GET /item/0"]);
  const csv = await saved("CSV", "button");
  const start = (i: number) =>
    new Date(now - 300_000 + i * 1000).toISOString().replace("Z", "000Z");
  assert.equal(
    csv.text,
    [
      "trace_id,time,operation,service,duration_ms,spans,tokens,outcome",
      `${traceIdOf(2)},${start(1)},GET /item/1,billing,50,1,0,unset`,
      `${traceIdOf(1)},${start(0)},GET /item/0,shop,2000,1,0,error`,
      "",
    ].join("\r\n"),
  );
  await context.close();
});

test("above ten thousand the count is rounded and says so", async () => {
  const startMs = Date.parse("2026-01-02T03:00:00Z");
  await sendSpans(
    server.httpUrl,
    Array.from({ length: 12_400 }, (_, i) => ({
      traceId: traceIdOf(0x100000 + i),
      spanId: spanIdOf(0x100000 + i),
      name: "bulk",
      service: "bulk",
      startMs: startMs + i,
      durationMs: 1,
    })),
  );
  const { page, context } = await openPage(
    browser,
    `${server.httpUrl}/traces?from=2026-01-02T02:00:00Z&to=2026-01-02T04:00:00Z`,
  );
  const count = page.locator(".list-count");
  await eventually(async () => assert.equal(await count.textContent(), "50 of ~12.4k"));
  assert.equal(await count.locator("[title]").getAttribute("title"), "12,400");
  await context.close();
});

test("live: new traces wait behind a pill, and nothing moves before it is pressed", async () => {
  const { page, context } = await openPage(
    browser,
    `${server.httpUrl}/traces?live=1&q=service%3Alive`,
  );
  const send = (number: number) =>
    sendSpans(server.httpUrl, [{
      traceId: traceIdOf(0x70000 + number),
      spanId: spanIdOf(0x70000 + number),
      name: `live ${number}`,
      service: "live",
      startMs: Date.now() - 500 + number,
      durationMs: 1,
    }]);
  await send(1);
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.waitForSelector(".trace-table");
  assert.deepEqual(await names(page), ["live 1"]);
  await send(2);
  await send(3);
  const pill = page.getByRole("button", { name: "2 new" });
  await pill.waitFor();
  assert.deepEqual(await names(page), ["live 1"]);
  await pill.click();
  await eventually(async () => assert.deepEqual(await names(page), ["live 3", "live 2", "live 1"]));
  await context.close();
});

for (const theme of ["light", "dark"] as const) {
  test(`axe finds nothing on the list in the ${theme} theme`, async () => {
    const { page, context } = await openPage(browser, `${server.httpUrl}/traces`, { theme });
    await page.waitForSelector(".trace-table");
    await page.waitForSelector(".facet");
    assert.deepEqual(await accessibilityProblems(page), []);
    await context.close();
  });
}

test("at 390 px nothing overflows sideways", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/traces`, {
    width: 390,
    height: 844,
  });
  await page.waitForSelector(".trace-table");
  const overflow = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  assert.equal(overflow, 0);
  await context.close();
});
