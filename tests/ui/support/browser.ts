/**
 * A real browser for tests that look at the application as a person does.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const SCRIPT = fileURLToPath(new URL("../../services/chromium.sh", import.meta.url));

/** Launches the distribution's Chromium, installing it when it is missing. */
export async function launchBrowser(): Promise<Browser> {
  const path = execFileSync("bash", [SCRIPT, "path"], { encoding: "utf8" }).trim();
  return await chromium.launch({
    executablePath: path,
    args: [
      // The sandbox needs privileges that root in a container lacks; the pages are the project's own.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page that remembers what must not happen: script errors, refused resources, requests to other hosts. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** One line per thing that went wrong. */
  readonly troubles: string[];
}

/** Opens a page in a context of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: {
    readonly theme?: "light" | "dark";
    readonly width?: number;
    readonly height?: number;
  } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.theme ?? "light",
    timezoneId: "UTC",
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const troubles: string[] = [];
  const { host } = new URL(url);
  page.on("pageerror", (error) => troubles.push(`script error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).host !== host) troubles.push(`left the host: ${request.url()}`);
  });
  await page.goto(url);
  return { page, context, troubles };
}

let axeSource: string | undefined;

/** What axe-core finds wrong on a page, one line per violation. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  axeSource ??= await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8");
  // Evaluated through the debugger, so that the page's policy needs no exception.
  await page.evaluate(axeSource);
  const violations: unknown = await page.evaluate(
    `axe.run(document).then(({ violations }) => violations.map(
      ({ id, nodes }) => id + ": " + nodes.map((node) => node.html.slice(0, 200)).join(" | ")))`,
  );
  return Array.isArray(violations) ? violations.map(String) : ["axe gave no answer"];
}

/** Tries until an assertion holds; after five seconds its failure is the test's. */
export async function eventually(assertion: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 5000;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((wake) => setTimeout(wake, 30));
  }
}
