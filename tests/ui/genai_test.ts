import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { genAiTraces, turn } from "./support/genai_traces.ts";
import { sendSpans } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
let now: number;
/** A first start makes a database, which takes long on a busy machine. */
const START_MS = 240_000;
const ODD = "odd/id ?#%41 <b>";

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: START_MS }),
    launchBrowser(),
  ]);
  now = Date.now();
  await sendSpans(server.httpUrl, [
    ...genAiTraces(60, now),
    ...turn(9000, now - 90_000, ODD, "Is anybody there?"),
  ]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const open = (path: string, options = {}) =>
  openPage(browser, `${server.httpUrl}/${path}`, options);

/** The value of a tile. */
const tile = (page: Page, name: string) =>
  page.locator(".tile", { has: page.getByText(name, { exact: true }) }).locator(".tile-value");

/** The numbers of a table's column, header aside. */
async function column(page: Page, section: string, label: string): Promise<string[]> {
  return await page.getByRole("region", { name: section }).locator(`td[data-label="${label}"]`)
    .allTextContents();
}

test("22. GenAI totals equal the API's; unpriced is apart", async () => {
  const rest = async (path: string): Promise<unknown> => {
    const response = await fetch(`${server.httpUrl}/scouter/genai/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        start_time: new Date(now - 21_600_000).toISOString(),
        end_time: new Date(now + 60_000).toISOString(),
      }),
    });
    assert.equal(response.status, 200, await response.clone().text());
    return await response.json();
  };
  const { buckets } = await rest("metrics/tokens") as {
    buckets: { span_count: number; total_input_tokens: number; total_output_tokens: number }[];
  };
  const { models } = await rest("metrics/models") as {
    models: { model: string; total_cost: number | null; span_count: number }[];
  };
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const tokens = sum(buckets.map((one) => one.total_input_tokens + one.total_output_tokens));
  const spans = sum(buckets.map((one) => one.span_count));

  const { page, context, troubles } = await open("genai?range=6h");
  await page.waitForSelector(".genai-body");
  assert.equal(await tile(page, "Tokens").getAttribute("title"), tokens.toLocaleString("en-GB"));
  assert.equal(await tile(page, "Operations").textContent(), String(spans));
  const spent = sum(models.map((one) => one.total_cost ?? 0));
  const shown = Number((await tile(page, "Cost").textContent() ?? "").replace("$", ""));
  assert.ok(Math.abs(shown - spent) <= spent * 0.05 + 0.005, `${shown} beside ${spent}`);
  // Two calls of the house's own model for each seventh turn: 8 of the sixty, and none of the odd one.
  const unpriced = 2 * (Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 7 === 6).length);
  await page.getByText(`without ${unpriced} unpriced calls`).waitFor();
  await page.getByText(`${unpriced} calls have no price`).waitFor();
  await page.getByRole("note").getByRole("link", { name: "house-llm-7b" }).waitFor();
  const row = page.getByRole("region", { name: "Top spenders by model" })
    .getByRole("row", { name: /^house-llm-7b/ });
  assert.equal(await row.locator('[data-label="Cost"]').textContent(), "unpriced");
  const operations = await column(page, "Top spenders by model", "Operations");
  assert.equal(sum(operations.map(Number)), spans);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("splits, filters, hidden series and tables stand in the address", async () => {
  const { page, context } = await open("genai?range=6h");
  await page.waitForSelector(".genai-body");
  await page.getByLabel("Split by").selectOption("agent");
  await page.getByRole("heading", { name: "Top spenders by agent" }).waitFor();
  await page.getByRole("button", { name: "Cost by agent: show as table" }).click();
  await page.getByRole("region", { name: "Cost by agent as a table" }).waitFor();
  await page.getByRole("list", { name: "Cost by agent: series" })
    .getByRole("button", { name: "planner" }).click();
  const url = page.url();
  await page.reload();
  const table = page.getByRole("region", { name: "Cost by agent as a table" });
  await table.waitFor();
  assert.equal(page.url(), url);
  assert.equal(await table.getByRole("columnheader", { name: "planner" }).count(), 0);
  assert.equal(await table.getByRole("columnheader", { name: "support" }).count(), 1);
  await page.getByLabel("Split by").selectOption("model");
  await page.getByRole("region", { name: "Top spenders by model" })
    .getByRole("link", { name: "gpt-4o-mini" }).click();
  await page.waitForURL(/q=model%3Agpt-4o-mini/);
  await eventually(async () =>
    assert.equal(
      await page.getByRole("region", { name: "Top spenders" }).locator("tbody tr").count(),
      1,
    )
  );
  await page.goBack();
  await eventually(async () =>
    assert.ok(
      await page.getByRole("region", { name: "Top spenders" }).locator("tbody tr").count() > 3,
    )
  );
  await page.getByLabel("Split by").selectOption("tag");
  await page.locator('#tag-keys option[value="customer.tier"]').waitFor({ state: "attached" });
  await page.getByLabel("Tag", { exact: true }).fill("customer.tier");
  await page.keyboard.press("Enter");
  const tiers = page.getByRole("region", { name: "Top spenders by customer.tier" });
  await tiers.waitFor();
  assert.deepEqual(
    (await tiers.locator("th[scope=row]").allTextContents()).sort(),
    ["free", "gold"],
  );
  await context.close();
});

test("a chart is read by keyboard, narrowed, and saved as CSV and PNG", async () => {
  const { page, context, troubles } = await open("genai?range=6h");
  await page.waitForSelector(".genai-body");
  const chart = page.getByRole("figure", { name: "Tokens by model" });
  await chart.getByRole("application").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  const said = chart.getByRole("status");
  await eventually(async () =>
    assert.match(await said.textContent() ?? "", /^\d\d:\d\d:\d\d: (no data|.* \d)/)
  );
  const [csv] = await Promise.all([
    page.waitForEvent("download"),
    chart.getByRole("button", { name: "Tokens by model: save as CSV" }).click(),
  ]);
  const lines = (await readFile(await csv.path(), "utf8")).trim().split("\r\n");
  assert.match(lines[0] ?? "", /^start,.*gpt-4o-mini \(Tokens\)/);
  const total = lines.slice(1).flatMap((line) => line.split(",").slice(1))
    .reduce((sum, field) => sum + Number(field), 0);
  assert.equal(total.toLocaleString("en-GB"), await tile(page, "Tokens").getAttribute("title"));
  assert.ok(lines.slice(1).some((line) => /,,+$/.test(line)), "an empty bucket is an empty field");
  const [png] = await Promise.all([
    page.waitForEvent("download"),
    chart.getByRole("button", { name: "Tokens by model: save as PNG" }).click(),
  ]);
  const bytes = await readFile(await png.path());
  assert.deepEqual([...bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  const box = await chart.getByRole("application").boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/from=.*to=/);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("a conversation is read across its traces, in order, whatever its id", async () => {
  const { page, context, troubles } = await open("genai?range=6h");
  await page.getByRole("link", { name: "chat-2003" }).click();
  await page.getByRole("heading", { name: "chat-2003" }).waitFor();
  const turns = page.locator(".turn");
  await turns.first().waitFor();
  assert.equal(await turns.count(), 4);
  const questions = await turns.locator(".step > .message.role-user").allTextContents();
  assert.deepEqual(questions.map((text) => text.replace(/^user/, "")), [
    "Where is my order 1042?",
    "Can I still change the address?",
    "And when will it arrive then?",
    "Thank you! Could you also tell me how to return it?",
  ]);
  await turns.first().getByText("find_order").first().waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "chat-2003" }).waitFor();
  await page.getByRole("link", { name: "GenAI" }).last().click();
  await page.getByRole("link", { name: ODD }).click();
  await page.getByText("Is anybody there?").first().waitFor();
  await page.reload();
  await page.getByText("Is anybody there?").first().waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("while live, numbers follow; the rows stay, and what came since is told", async () => {
  const { page, context } = await open("genai?range=6h&live=1");
  const first = page.getByRole("region", { name: "Conversations" }).locator("tbody tr").first();
  await first.waitFor();
  const before = await first.textContent();
  await sendSpans(server.httpUrl, turn(9100, Date.now() - 8000, "brand-new", "Are you live?"));
  const pill = page.getByRole("button", { name: "1 with news" });
  await pill.waitFor();
  assert.equal((await first.textContent())?.slice(0, 9), before?.slice(0, 9));
  await pill.click();
  await page.getByRole("link", { name: "brand-new" }).waitFor();
  await context.close();
});

test("a range without operations offers the nearest, and a conversation nobody had says so", async () => {
  const { page, context } = await open("genai?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z");
  await page.getByRole("button", { name: "Show the last 15 minutes" }).click();
  await page.waitForSelector(".genai-body");
  await page.goto(`${server.httpUrl}/genai/conversations/nobody`);
  await page.getByText("Nothing is known of this conversation").waitFor();
  await context.close();
});

for (const theme of ["light", "dark"] as const) {
  test(`axe finds nothing on GenAI in the ${theme} theme`, async () => {
    const { page, context } = await open("genai?range=6h&cost.table=1", { theme });
    await page.waitForSelector(".reasons li");
    await page.getByRole("link", { name: "chat-2003" }).waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await context.close();
  });
}

test("at 390 px GenAI and a conversation do not overflow sideways", async () => {
  for (
    const [path, ready] of [["genai?range=6h", ".reasons li"], [
      "genai/conversations/chat-2003",
      ".turn",
    ]]
  ) {
    const { page, context } = await open(path ?? "", { width: 390, height: 844 });
    await page.waitForSelector(ready ?? "");
    assert.equal(
      await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      ),
      0,
      path,
    );
    await context.close();
  }
});
