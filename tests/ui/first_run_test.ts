import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { otelJs } from "../support/clients.ts";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, launchBrowser, openPage } from "./support/browser.ts";

let server: ServerProcess;
let browser: Browser;

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 240_000 }),
    launchBrowser(),
  ]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Asks a method over Connect as JSON, as anybody might. */
async function ask(method: string, request: unknown = {}): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.httpUrl}/scouter.v1.${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return await response.json();
}

test("1. An empty server shows first-run with its own address in every snippet", async () => {
  const { page, context, troubles } = await openPage(browser, server.httpUrl);
  await page.getByText("Send your first trace").waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  const tabs = ["Any OpenTelemetry SDK", "OpenTelemetry JS", "Python", "Scouter SDK", "curl"];
  assert.deepEqual(await page.locator(".first-run .tabs button").allTextContents(), tabs);
  for (const name of tabs) {
    await page.getByRole("button", { name, exact: true }).click();
    const text = await page.locator(".snippet pre").textContent() ?? "";
    assert.ok(text.includes(server.httpUrl), `${name}: ${text}`);
  }
  for (const path of ["traces", "services"]) {
    await page.goto(`${server.httpUrl}/${path}`);
    await page.getByText("Send your first trace").waitFor();
  }
  assert.deepEqual(troubles, []);
  await context.close();
});

test("3. Sample data loads and is removed without trace", async () => {
  const { page, context, troubles } = await openPage(browser, server.httpUrl);
  await page.getByRole("button", { name: "Load sample data" }).click();
  await page.getByRole("button", { name: "Remove sample data" }).waitFor();
  await page.getByRole("region", { name: "Cost" }).waitFor();
  await page.goto(`${server.httpUrl}/traces?range=6h`);
  await page.locator(".totals b", { hasText: "160" }).first().waitFor();
  const listed = await ask("TraceService/ListTraces", { limit: 1 });
  const [trace] = listed["traces"] as readonly { readonly traceId: string }[];
  assert.ok(trace);

  await page.goto(`${server.httpUrl}/?range=6h`);
  await page.getByRole("button", { name: "Remove sample data" }).click();
  await page.getByText("Send your first trace").waitFor();
  const window = {
    startTimeUs: String((Date.now() - 86_400_000) * 1000),
    endTimeUs: String((Date.now() + 60_000) * 1000),
  };
  assert.deepEqual(await ask("TraceService/ListTraces", {}), {});
  assert.deepEqual(await ask("TraceService/GetTrace", { traceId: trace.traceId }), {});
  assert.equal((await ask("TraceService/ListServices", window))["services"], undefined);
  assert.deepEqual(await ask("TraceService/GetFacets", { filter: window }), {});
  assert.deepEqual(await ask("TraceService/GetServiceGraph", window), {});
  assert.deepEqual(await ask("GenAiService/ListConversations", { filter: window }), {});
  assert.deepEqual(await ask("SampleDataService/GetSampleData"), {});
  assert.deepEqual(troubles, []);
  await context.close();
});

test("2. A span sent by the OpenTelemetry JS SDK turns the indicator and opens within 2 s", async () => {
  const { page, context, troubles } = await openPage(browser, server.httpUrl);
  await page.getByText("Listening for spans").waitFor();
  const client = await otelJs();
  if (client === null) {
    // The snippet for curl is what a machine without the SDK can run.
    await page.getByRole("button", { name: "curl", exact: true }).click();
    execFileSync("bash", ["-c", await page.locator(".snippet pre").textContent() ?? ""]);
  } else {
    await client.send(["proto"], { OTEL_EXPORTER_OTLP_ENDPOINT: server.httpUrl });
  }
  // The page looks every second: after the acknowledgement it may look twice at most before it turns, which is 2 s.
  let looks = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/ListTraces")) looks++;
  });
  await page.getByText("First span received").waitFor();
  assert.ok(looks <= 2, `it looked ${looks} times`);
  await page.getByRole("link", { name: /^open / }).click();
  await page.getByRole("treeitem").first().waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});

test("the snippet for curl is taken as it stands", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/traces?q=name%3Ahello`);
  await page.getByText("No trace matches").waitFor();
  const { snippetsFor } = await import("../../server/ui/app/snippets.ts");
  const curl = snippetsFor(server.httpUrl, false).find(({ id }) => id === "curl");
  execFileSync("bash", ["-c", curl?.code ?? "exit 1"]);
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("link", { name: "hello" }).waitFor();
  await context.close();
});
