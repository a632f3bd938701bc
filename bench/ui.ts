/**
 * The web application in a real browser: what the first load of each page transfers, and when the first rows are on
 * screen.
 *
 * @module
 */

import type { Browser } from "playwright-core";
import { startServerProcess } from "../tests/support/server_process.ts";
import { launchBrowser } from "../tests/ui/support/browser.ts";
import { sendSpans, spanIdOf, traceIdOf } from "../tests/ui/support/spans.ts";
import { load } from "./lib/load.ts";
import type { Figures } from "./lib/results.ts";
import { settle } from "./lib/settle.ts";
import { percentile, round3 } from "./lib/stats.ts";
import { exportRequest } from "./otlp_generator.ts";

const SPANS_PER_BODY = 512;
const HOUR_MS = 3_600_000;
const LONG_TRACE = traceIdOf(0x10_000);
const LONG_TRACE_SPANS = 10_000;

/** Pages, and what is there when the first rows are. */
const PAGES = {
  overview: ["", ".glance tbody tr"],
  trace_list: ["traces?range=24h", ".trace-table tbody tr"],
  trace_10k_spans: [`traces/${LONG_TRACE}`, ".span-row"],
  services: ["services", ".service-table tbody tr"],
  service_map: ["services?view=map", ".map-node"],
  genai: ["genai", "h1"],
} as const;

/** Loads `spans` plain spans and measures; first rows are the medians of so many rounds. */
export async function benchUi(spans: number, rounds: number): Promise<Figures> {
  await using server = await startServerProcess({ readyTimeoutMs: 240_000 });
  const bodies = Math.ceil(spans / SPANS_PER_BODY);
  const startMs = Date.now() - 24 * HOUR_MS + 300_000;
  for (let done = 0; done < bodies; done += 64) {
    const chunk = Array.from({ length: Math.min(64, bodies - done) }, (_, index) =>
      exportRequest({
        shape: "plain",
        spans: SPANS_PER_BODY,
        seed: done + index,
        baseTimeMs: startMs + Math.floor((done + index) * (24 * HOUR_MS - 600_000) / bodies),
      }));
    await load(server.otlpHttpUrl, chunk.length, 8, (index) => ({
      path: "/v1/traces",
      headers: { "content-type": "application/x-protobuf" },
      body: chunk[index] ?? new Uint8Array(),
    }));
  }
  const browser = await launchBrowser();
  try {
    const figures: Record<string, number> = { spans: bodies * SPANS_PER_BODY };
    const note = (name: string, times: readonly number[]) => {
      figures[`${name}_first_row_warm_p50_ms`] = round3(percentile(times, 0.5));
      figures[`${name}_first_row_warm_p95_ms`] = round3(percentile(times, 0.95));
    };
    const measureFirstRows = async (name: keyof typeof PAGES) => {
      const [path, ready] = PAGES[name];
      note(name, await firstRows(browser, `${server.httpUrl}/${path}`, ready, rounds));
    };
    await settle(server);
    await measureFirstRows("trace_list");
    note("trace_list_by_click", await firstRowsAfterClick(browser, server.httpUrl, rounds));
    // After the list, which would otherwise be one of a trace like no other.
    await sendLongTrace(server.httpUrl);
    await settle(server);
    await measureFirstRows("trace_10k_spans");
    for (const [name, [path, ready]] of Object.entries(PAGES)) {
      const url = `${server.httpUrl}/${path}`;
      figures[`${name}_first_load_kib`] = round3(await transferred(browser, url, ready) / 1024);
    }
    return figures;
  } finally {
    await browser.close();
  }
}

/** Bytes of JS and CSS as a browser that was never here gets them. */
async function transferred(browser: Browser, url: string, ready: string): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  let bytes = 0;
  const sizes: Promise<void>[] = [];
  page.on("requestfinished", (request) => {
    if (!/\/assets\/.*\.(js|css)$/.test(request.url())) return;
    sizes.push(request.sizes().then(({ responseBodySize }) => void (bytes += responseBodySize)));
  });
  await page.goto(url);
  await page.waitForSelector(ready, { timeout: 60_000 });
  await Promise.all(sizes);
  await context.close();
  return bytes;
}

/**
 * Milliseconds from the start of a navigation to the picture with the first row, with files cached and queries warm. The
 * next navigation begins when the page has everything it asked for.
 */
async function firstRows(
  browser: Browser,
  url: string,
  ready: string,
  rounds: number,
): Promise<number[]> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  // Runs in the page before its own code: says when a row is there and the next frame is drawn. Asking the page instead
  // would take time from it.
  await context.addInitScript(`{
    const look = () => document.querySelector(${JSON.stringify(ready)}) === null
      ? requestAnimationFrame(look)
      : requestAnimationFrame(() => console.debug("first row", performance.now()));
    requestAnimationFrame(look);
  }`);
  const page = await context.newPage();
  const times: number[] = [];
  for (let round = 0; round < rounds + 3; round++) {
    const said = page.waitForEvent("console", {
      predicate: (message) => message.text().startsWith("first row "),
      timeout: 60_000,
    });
    await page.goto(url, { waitUntil: "commit" });
    const firstRowMs = Number((await said).text().split(" ").at(-1));
    await page.waitForLoadState("networkidle");
    if (round >= 3) times.push(firstRowMs);
  }
  await context.close();
  return times;
}

/** Milliseconds from a click on the way to the list to the picture with its first row, from the overview. */
async function firstRowsAfterClick(
  browser: Browser,
  base: string,
  rounds: number,
): Promise<number[]> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const times: number[] = [];
  const [, ready] = PAGES.trace_list;
  for (let round = 0; round < rounds + 1; round++) {
    await page.goto(`${base}/?range=24h`);
    await page.waitForLoadState("networkidle");
    const ms = await page.evaluate(`new Promise((done) => {
      const startedMs = performance.now();
      const look = () => document.querySelector(${JSON.stringify(ready)}) === null
        ? requestAnimationFrame(look)
        : requestAnimationFrame(() => done(performance.now() - startedMs));
      document.querySelector('nav a[href*="/traces"]').click();
      requestAnimationFrame(look);
    })`);
    if (round >= 1) times.push(Number(ms));
  }
  await context.close();
  return times;
}

/** One trace of 10,000 spans, a hundred under each of a hundred. */
async function sendLongTrace(url: string): Promise<void> {
  const startMs = Date.now() - 60_000;
  const spans = Array.from({ length: LONG_TRACE_SPANS }, (_, i) => ({
    traceId: LONG_TRACE,
    spanId: spanIdOf(i + 1),
    ...(i === 0 ? {} : { parentSpanId: spanIdOf(i % 100 === 0 ? 1 : i - (i % 100) + 1) }),
    name: `step ${i}`,
    service: `service-${i % 7}`,
    startMs: startMs + i,
    durationMs: i === 0 ? LONG_TRACE_SPANS : i % 100 === 0 ? 100 : 1,
  }));
  for (let from = 0; from < spans.length; from += 1000) {
    await sendSpans(url, spans.slice(from, from + 1000));
  }
}
