import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { genAiTraces } from "./support/genai_traces.ts";
import { sendSpans } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
let now: number;
/** A first start makes a database, which takes long on a busy machine. */
const START_MS = 240_000;

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: START_MS }),
    launchBrowser(),
  ]);
  now = Date.now();
  await sendSpans(server.httpUrl, genAiTraces(60, now));
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const open = (path: string, options = {}) =>
  openPage(browser, `${server.httpUrl}/${path}`, options);
const tile = (page: Page, name: string) =>
  page.locator(".tile", { has: page.getByText(name, { exact: true }) }).locator(".tile-value");
const box = (page: Page) => page.getByLabel("Search operations");
const operations = (page: Page, expected: number) =>
  eventually(async () =>
    assert.equal(await tile(page, "Operations").textContent(), String(expected))
  );

/** What the API counts in the window the page shows. */
async function rest(path: string, query: string): Promise<unknown> {
  const response = await fetch(`${server.httpUrl}/scouter/genai/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      start_time: new Date(now - 21_600_000).toISOString(),
      end_time: new Date(now + 60_000).toISOString(),
      query,
    }),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return await response.json();
}

test("a search narrows every number of the page to what the API counts", async () => {
  // Sixty turns of four operations; each seventh, from the seventh on, asks the house's own model, the others in turn.
  const house = Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 7 === 6);
  const mini = Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 7 !== 6 && i % 3 === 0);
  const query = "model:gpt-4o-mini or model:house-llm-7b";
  const { models } = await rest("metrics/models", query) as {
    models: { model: string; total_input_tokens: number; total_output_tokens: number }[];
  };
  const tokens = models.reduce(
    (sum, one) => sum + one.total_input_tokens + one.total_output_tokens,
    0,
  );
  const { conversations } = await rest("conversations", query) as { conversations: unknown[] };

  const { page, context, troubles } = await open("genai?range=6h");
  await operations(page, 240);
  await box(page).fill(query);
  await page.keyboard.press("Enter");
  await operations(page, 2 * (house.length + mini.length));
  assert.equal(await tile(page, "Tokens").getAttribute("title"), tokens.toLocaleString("en-GB"));
  const rows = page.getByRole("region", { name: "Top spenders by model" }).locator("tbody tr");
  assert.deepEqual(
    (await rows.locator("th").allTextContents()).sort(),
    models.map(({ model }) => model).sort(),
  );
  await page.getByText("No tool was called in this time range.").waitFor();
  const reasons = await page.locator(".reasons li .number").allTextContents();
  const answers = reasons.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0);
  assert.equal(answers, 2 * (house.length + mini.length));
  assert.equal(
    await page.getByRole("region", { name: "Conversations" }).locator("tbody tr").count(),
    conversations.length,
  );
  assert.deepEqual(troubles, []);
  await context.close();
});

test("reload, back, another range and another split keep the search", async () => {
  const { page, context } = await open("genai?range=6h");
  await box(page).fill("status:error");
  await page.keyboard.press("Enter");
  // Turns 5, 16, 27, 38 and 49 fail, each in its tool.
  await operations(page, 5);
  await page.getByLabel("Split by").selectOption("tool");
  await page.getByRole("heading", { name: "Top spenders by tool" }).waitFor();
  await operations(page, 5);
  await page.reload();
  await operations(page, 5);
  assert.equal(await box(page).inputValue(), "status:error");
  await page.getByRole("region", { name: "Top spenders by tool" }).getByRole("link").first()
    .click();
  await page.waitForURL(/tool%3A/);
  assert.match(await box(page).inputValue(), /^status:error tool:\w+$/);
  const link = page.getByRole("link", { name: "Search traces for this" });
  assert.match(await link.getAttribute("href") ?? "", /range=6h.*q=status%3Aerror\+tool%3A/);
  await page.goBack();
  await operations(page, 5);
  assert.equal(await box(page).inputValue(), "status:error");
  await page.goBack();
  await page.goBack();
  await operations(page, 240);
  assert.equal(await box(page).inputValue(), "");
  await context.close();
});

test("7. A wrong query names place and expectation, on GenAI too", async () => {
  const { page, context } = await open("genai?range=6h");
  await operations(page, 240);
  await box(page).fill("model:gpt-4o-mini cost>much");
  await page.keyboard.press("Enter");
  const problem = page.locator("#search-problem");
  await problem.getByText("expected a number of US dollars after > at character 24").waitFor();
  assert.equal(await problem.locator("mark").textContent(), "much");
  assert.equal(await box(page).getAttribute("aria-invalid"), "true");
  assert.doesNotMatch(page.url(), /q=/);
  assert.equal(await tile(page, "Operations").textContent(), "240");
  assert.deepEqual(await accessibilityProblems(page), []);
  // The same in an address somebody pasted.
  await page.goto(`${server.httpUrl}/genai?range=6h&q=duration%3Efast`);
  await problem.getByText("expected a number with ms, s or m after > at character 10").waitFor();
  await context.close();
});

test("8. Completion offers keys, then values with counts, by keyboard alone, on GenAI too", async () => {
  const { page, context } = await open("genai?range=6h");
  await operations(page, 240);
  await page.locator("body").click();
  await page.keyboard.press("/");
  await page.keyboard.type("ag");
  const options = page.getByRole("listbox").getByRole("option");
  await eventually(async () => assert.equal(await options.first().textContent(), "agent:"));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  assert.equal(await box(page).inputValue(), "agent:");
  // Four turns each, agent after agent: 20 turns of 4 operations.
  await eventually(async () =>
    assert.deepEqual((await options.allTextContents()).sort(), [
      "planner80",
      "researcher80",
      "support80",
    ])
  );
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=agent%3Aplanner/);
  await operations(page, 80);
  assert.deepEqual(await accessibilityProblems(page), []);
  await context.close();
});

test("clicking a value of a tag or of an agent keeps what its row counted, and takes the term away again", async () => {
  const { page, context } = await open("genai?range=6h&split=tag.customer.tier");
  const name = (split: string, value: string) =>
    page.getByRole("region", { name: `Top spenders by ${split}` })
      .getByRole("link", { name: value });
  // Every fourth turn of sixty is gold; a turn has four operations.
  await name("customer.tier", "gold").click();
  await operations(page, 60);
  await name("customer.tier", "gold").click();
  await operations(page, 240);
  assert.equal(await box(page).inputValue(), "");
  await page.getByLabel("Split by").selectOption("agent");
  await name("agent", "support").click();
  await operations(page, 80);
  assert.equal(await box(page).inputValue(), "agent:support");
  await context.close();
});

test("an older address with filters opens as a search", async () => {
  const { page, context } = await open(
    "genai?range=6h&model=house-llm-7b&provider=vllm&operation=chat&q=customer.tier:gold+or+customer.tier:free",
  );
  await page.waitForURL((url) => !url.searchParams.has("model"));
  assert.equal(
    await box(page).inputValue(),
    "(customer.tier:gold or customer.tier:free) model:house-llm-7b " +
      "gen_ai.provider.name:vllm gen_ai.operation.name:chat",
  );
  await operations(page, 16);
  await context.close();
});

test("a search that finds nothing says so and is cleared by one click", async () => {
  const { page, context } = await open("genai?range=6h&q=model:nobody");
  await page.getByText("No operation matches").waitFor();
  await page.getByRole("button", { name: "Clear the search" }).click();
  await operations(page, 240);
  await context.close();
});

for (const theme of ["light", "dark"] as const) {
  test(`axe finds nothing on GenAI with suggestions open in the ${theme} theme`, async () => {
    const { page, context } = await open("genai?range=6h&q=agent%3Aplanner", { theme });
    await page.waitForSelector(".reasons li");
    await box(page).fill("agent:planner cust");
    await page.getByRole("listbox").getByRole("option").first().waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await context.close();
  });
}

test("at 390 px the search and what it says do not overflow sideways", async () => {
  const { page, context } = await open("genai?range=6h", { width: 390, height: 844 });
  await page.waitForSelector(".reasons li");
  const overflow = () =>
    page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  await box(page).fill("name:");
  await page.getByRole("listbox").getByRole("option").first().waitFor();
  assert.equal(await overflow(), 0);
  await box(page).fill(
    `(model:gpt-4o-mini or ${"tag.a-long-key-of-somebody:x ".repeat(3)} cost>much`,
  );
  await page.locator("#search-problem").waitFor();
  assert.equal(await overflow(), 0);
  await context.close();
});
