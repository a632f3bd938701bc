import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { sendSpans, spanIdOf, traceIdOf } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
const now = Date.now();
const LARGE = traceIdOf(0xf1);

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 180_000 }),
    launchBrowser(),
  ]);
  await sendSpans(
    server.httpUrl,
    Array.from({ length: 10_000 }, (_, i) => ({
      traceId: LARGE,
      spanId: spanIdOf(i + 1),
      ...(i === 0 ? {} : { parentSpanId: spanIdOf(1) }),
      name: `step ${i}`,
      service: i % 2 === 0 ? "even" : "odd",
      startMs: now - 60_000 + i,
      durationMs: i === 0 ? 10_000 : 5,
      attributes: {
        "order.id": `order-${i}`,
        // Three spans: 2500, 5000 and 7500.
        ...(i > 0 && i % 2500 === 0 ? { "rare.key": `Needle ${i}` } : {}),
      },
      ...(i === 9000 ? { error: "it broke" } : {}),
    })),
  );
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const open = async (path = "", options = {}) => {
  const opened = await openPage(browser, `${server.httpUrl}/traces/${LARGE}${path}`, options);
  await opened.page.waitForSelector(".waterfall, .span-table");
  return opened;
};
const search = (page: Page) => page.getByLabel("Find spans in this trace");
const status = (page: Page) => page.getByRole("search").getByRole("status");
const at = (page: Page) => new URL(page.url()).searchParams.get("span");
const arrivesAt = (page: Page, span: string) =>
  page.waitForURL((url) => url.searchParams.get("span") === span);

test("Ctrl F within the list of spans finds keys and values of attributes over all 10,000 spans, and n and N go on", async () => {
  const { page, context, troubles } = await open();
  await page.getByRole("tree").focus();
  await page.keyboard.press("Control+f");
  assert.equal(await page.evaluate("document.activeElement.id"), "search");
  await page.getByText("keys and values of attributes").waitFor();
  await page.keyboard.type("needle");
  await eventually(async () => assert.equal(await status(page).textContent(), "3 found"));
  await page.keyboard.press("Enter");
  await arrivesAt(page, spanIdOf(2501));
  assert.equal(await status(page).textContent(), "1 of 3 found");
  await page.getByRole("complementary", { name: "Span" }).getByText("Needle 2500").waitFor();
  await page.getByRole("tree").focus();
  const visited: (string | null)[] = [];
  for (const key of ["n", "n", "n", "N"]) {
    await page.keyboard.press(key);
    visited.push(at(page));
  }
  assert.deepEqual(visited, [spanIdOf(5001), spanIdOf(7501), spanIdOf(2501), spanIdOf(7501)]);
  await eventually(async () => assert.equal(await status(page).textContent(), "3 of 3 found"));
  await page.getByRole("button", { name: "Previous found span" }).click();
  await arrivesAt(page, spanIdOf(5001));
  // A row that was found is in view.
  await page.locator(".span-row.found[aria-selected=true]", { hasText: "step 5000" }).waitFor();
  await search(page).fill("rare.key");
  await eventually(async () => assert.equal(await status(page).textContent(), "2 of 3 found"));
  await page.reload();
  await eventually(async () => assert.equal(await status(page).textContent(), "2 of 3 found"));
  assert.deepEqual(troubles, []);
  await context.close();
});

test("finding reads the grammar of the Traces page, and what cannot be read is said beside the names found", async () => {
  const { page, context } = await open();
  await search(page).fill("status:error service:even");
  await eventually(async () => assert.equal(await status(page).textContent(), "1 found"));
  await search(page).press("Shift+Enter");
  await arrivesAt(page, spanIdOf(9001));
  await search(page).fill("service:odd");
  await eventually(async () =>
    assert.match(await status(page).textContent() ?? "", /^5,000 found$/)
  );
  await search(page).fill("duration>fast");
  await page.getByRole("alert").getByText(/Only names were looked through: .*expected/s).waitFor();
  assert.equal(await status(page).textContent(), "none found");
  assert.deepEqual(await accessibilityProblems(page), []);
  await context.close();
});

test("the table keeps the rows found, and Enter that comes before the answer waits for it", async () => {
  const { page, context } = await open("?view=table");
  await search(page).focus();
  await page.keyboard.type("order-77");
  await page.keyboard.press("Enter");
  // order-77, order-770 to 779, order-7700 to 7799.
  await eventually(async () => assert.equal(await status(page).textContent(), "1 of 111 found"));
  assert.equal(at(page), spanIdOf(78));
  await eventually(async () =>
    assert.equal(await page.locator(".span-table-row .name").first().textContent(), "step 77")
  );
  await context.close();
});

test("when the server does not answer, names are found still", async () => {
  const { page, context } = await open();
  await page.route("**/FindSpans", (route) => route.abort());
  await search(page).fill("step 9999");
  await page.getByRole("alert").getByText("Only names were looked through").waitFor();
  assert.equal(await status(page).textContent(), "1 found");
  await context.close();
});
