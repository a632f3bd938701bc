import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { ALL_PAGES, fillPages } from "./support/pages.ts";

/** First load, JS and CSS as they are transferred. */
const BUDGET_BYTES = 150 * 1024;
const PREFIX = "/ops/scouter";

/** What the browser complained of on the pages, one line each that names the page. */
const complaints: string[] = [];

let server: ServerProcess;
let browser: Browser;

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 240_000 }),
    launchBrowser(),
  ]);
  await fillPages(server.httpUrl, Date.now());
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Shows every page in one context, and says what went wrong on the way. */
async function visitAll(
  base: string,
  options: Parameters<typeof openPage>[2],
  look: (page: Page, name: string) => Promise<void>,
): Promise<string[]> {
  const { page, context, troubles } = await openPage(browser, `${base}/login`, options);
  const found: string[] = [];
  for (const { name, path, ready } of ALL_PAGES) {
    troubles.length = 0;
    await page.goto(`${base}/${path}`);
    await page.waitForSelector(ready).catch(() => found.push(`${name}: nothing at ${ready}`));
    await look(page, name);
    // The browser itself logs that a search was answered with an error; that page is about just this, and its last
    // answer may come after what the page waits for.
    if (name === "wrong-search") await page.waitForLoadState("networkidle");
    const expected = (trouble: string) => name === "wrong-search" && / 400 /.test(trouble);
    found.push(...troubles.filter((each) => !expected(each)).map((each) => `${name}: ${each}`));
  }
  await context.close();
  return found;
}

for (const theme of ["light", "dark"] as const) {
  test(`27. axe finds nothing on any page, ${theme} theme`, async () => {
    const axe: string[] = [];
    complaints.push(
      ...await visitAll(server.httpUrl, { theme }, async (page, name) => {
        axe.push(...(await accessibilityProblems(page)).map((each) => `${name}: ${each}`));
      }),
    );
    assert.deepEqual(axe, []);
  });
}

test("28. At 390 px every page is usable, nothing overflows", async () => {
  const overflow: string[] = [];
  complaints.push(
    ...await visitAll(server.httpUrl, { width: 390, height: 844 }, async (page, name) => {
      const width: unknown = await page.evaluate("document.documentElement.scrollWidth");
      if (Number(width) > 390) overflow.push(`${name}: ${width} px wide`);
      // Every page can be left by the bar at the bottom, which is in view.
      const bar = await page.getByRole("navigation", { name: "Pages" }).boundingBox();
      if (bar === null || bar.y + bar.height > 845 || bar.width > 390) {
        overflow.push(`${name}: the navigation is not in view`);
      }
    }),
  );
  assert.deepEqual(overflow, []);
});

test("29. No request leaves for another host; CSP reports nothing", () => {
  // Gathered on all pages above: foreign requests, and what the browser's console said.
  assert.deepEqual(complaints, []);
});

test("31. Under a path prefix all works", async () => {
  const outside: string[] = [];
  const proxy = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    if (!url.pathname.startsWith(`${PREFIX}/`)) {
      outside.push(url.pathname);
      return new Response("not here", { status: 404 });
    }
    const headers = new Headers(request.headers);
    headers.delete("origin");
    return fetch(`${server.httpUrl}${url.pathname.slice(PREFIX.length)}${url.search}`, {
      method: request.method,
      headers,
      body: request.body,
    });
  });
  const base = `http://127.0.0.1:${proxy.addr.port}${PREFIX}`;
  try {
    assert.deepEqual(await visitAll(base, {}, () => Promise.resolve()), []);
    const { page, context, troubles } = await openPage(browser, `${base}/`);
    const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
    await links.first().waitFor();
    for (const name of await links.allTextContents()) {
      await page.getByRole("link", { name, exact: true }).click();
      await eventually(async () => assert.ok((await page.title()).startsWith(name)));
      assert.ok(new URL(page.url()).pathname.startsWith(`${PREFIX}/`), page.url());
    }
    assert.deepEqual(troubles, []);
    await context.close();
    assert.deepEqual(outside.filter((path) => path !== "/favicon.ico"), []);
  } finally {
    await proxy.shutdown();
  }
});

test("32. First load stays in budget", async () => {
  for (const { name, path, ready } of ALL_PAGES) {
    const context = await browser.newContext();
    const page = await context.newPage();
    let bytes = 0;
    const sizes: Promise<void>[] = [];
    page.on("requestfinished", (request) => {
      if (!/\/assets\/.*\.(js|css)$/.test(request.url())) return;
      sizes.push(request.sizes().then(({ responseBodySize }) => void (bytes += responseBodySize)));
    });
    await page.goto(`${server.httpUrl}/${path}`);
    await page.waitForSelector(ready);
    await Promise.all(sizes);
    await context.close();
    assert.ok(bytes > 10_000, `${name}: only ${bytes} bytes were counted`);
    assert.ok(bytes <= BUDGET_BYTES, `${name}: ${bytes} bytes`);
  }
});

test("23. Range with no data says so and offers the nearest data", async () => {
  const { page, context, troubles } = await openPage(browser, `${server.httpUrl}/traces`);
  const cases = [["", ".glance"], ["traces", ".trace-table"], ["services", ".service-table"], [
    "genai",
    ".genai-body .box",
  ]] as const;
  for (const [path, ready] of cases) {
    await page.goto(`${server.httpUrl}/${path}?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z`);
    await page.getByRole("heading", { name: /in this time range$/ }).waitFor();
    await page.getByRole("button", { name: /^Show the/ }).click();
    await page.waitForSelector(ready);
  }
  assert.deepEqual(troubles, []);
  await context.close();
});

test("24. A failing query shows cause, retry and request id", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/traces?q=duration%3Efast`);
  const note = page.locator(".failure");
  await note.waitFor();
  assert.match(await note.textContent() ?? "", /expected a number/);
  const requestId = await note.locator("code").textContent() ?? "";
  assert.match(requestId, /^[\w-]{8,}$/);
  assert.ok(await note.getByRole("button", { name: "Try again" }).isVisible());

  const calls = "**/scouter.v1.*/**";
  for (
    const [path, ready] of [["", ".glance"], ["traces", ".trace-table"], [
      "services",
      ".service-table",
    ], ["services?view=map", ".map-node"]]
  ) {
    await page.route(calls, (route) => route.abort());
    await page.goto(`${server.httpUrl}/${path}`);
    await page.getByText("The server could not be reached").first().waitFor();
    await page.unroute(calls);
    await page.getByRole("button", { name: "Try again" }).first().click();
    await page.waitForSelector(String(ready));
  }
  await context.close();
});
