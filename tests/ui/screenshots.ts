/**
 * Makes pictures of every page, light, dark and narrow, into `tests/.tmp/screenshots`, to be looked at by people.
 *
 * @example
 * ```sh
 * deno task ui:screenshots            # all pages
 * deno task ui:screenshots services   # those whose name contains the word
 * ```
 *
 * @module
 */

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { startServerProcess } from "../support/server_process.ts";
import { launchBrowser, openPage } from "./support/browser.ts";
import { ALL_PAGES, fillPages } from "./support/pages.ts";

const FOLDER = fileURLToPath(new URL("../.tmp/screenshots/", import.meta.url));
const LOOKS = {
  light: { theme: "light", width: 1440, height: 900 },
  dark: { theme: "dark", width: 1440, height: 900 },
  narrow: { theme: "light", width: 390, height: 844 },
} as const;

const [word = ""] = Deno.args;
await mkdir(FOLDER, { recursive: true });
await using server = await startServerProcess({ readyTimeoutMs: 240_000 });
const browser = await launchBrowser();
const wanted = (name: string) => name.includes(word);

async function picture(name: string, path: string, ready: string): Promise<void> {
  for (const [look, options] of Object.entries(LOOKS)) {
    const { page, context } = await openPage(browser, `${server.httpUrl}/${path}`, options);
    await page.waitForSelector(ready);
    await page.waitForTimeout(500);
    await page.screenshot({
      path: `${FOLDER}${name}-${look}.png`,
      ...(look === "narrow" ? { fullPage: true } : {}),
    });
    await context.close();
  }
}

if (wanted("first-run")) await picture("first-run", "", ".first-run");
await fillPages(server.httpUrl, Date.now());
for (const { name, path, ready } of ALL_PAGES) {
  if (wanted(name)) await picture(name, path, ready);
}
await browser.close();
console.log(FOLDER);
