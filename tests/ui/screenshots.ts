/**
 * Makes pictures of every page, light, dark and narrow, into `tests/.tmp/screenshots`, to be looked at by people.
 *
 * @example
 * ```sh
 * deno run -A tests/ui/screenshots.ts
 * ```
 *
 * @module
 */

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { startServerProcess } from "../support/server_process.ts";
import { launchBrowser, openPage } from "./support/browser.ts";
import { agentTrace, shopTraces } from "./support/sample_traces.ts";
import { sendSpans, traceIdOf } from "./support/spans.ts";

const FOLDER = fileURLToPath(new URL("../.tmp/screenshots/", import.meta.url));
const now = Date.now();

/** Pages and what they show when they are ready. */
const PAGES: readonly (readonly [string, string, string])[] = [
  ["traces", "traces?q=-name%3Anone", ".trace-table"],
  ["trace", `traces/${traceIdOf(0xa9e7)}?span=0000000000000004`, ".attributes"],
  ["wrong-search", "traces?q=duration%3Efast", ".failure"],
  ["no-data", "traces?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z", ".state"],
];

await mkdir(FOLDER, { recursive: true });
await using server = await startServerProcess();
const browser = await launchBrowser();
await sendSpans(server.httpUrl, shopTraces(300, now));
await sendSpans(server.httpUrl, agentTrace(traceIdOf(0xa9e7), now - 20_000));
const looks = {
  light: { theme: "light" },
  dark: { theme: "dark" },
  narrow: { theme: "light", width: 390, height: 844 },
} as const;
for (const [look, options] of Object.entries(looks)) {
  for (const [name, path, ready] of PAGES) {
    const { page, context } = await openPage(browser, `${server.httpUrl}/${path}`, options);
    await page.waitForSelector(ready);
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${FOLDER}${name}-${look}.png` });
    await context.close();
  }
}
await browser.close();
console.log(FOLDER);
