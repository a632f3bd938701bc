import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { DatasetService } from "../../sdk/gen/scouter/grpc/v1/dataset_pb.ts";
import { RECORD_SCHEMA, recordsIpc } from "../server/service_map/records.ts";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";
import { type Call, crowdCalls, spansOfCall } from "./support/shop_services.ts";
import { sendSpans, traceIdOf } from "./support/spans.ts";

let server: ServerProcess;
let browser: Browser;
const now = Date.now();
/** When the middleware of two services recorded calls. */
const RECORD_MS = now - 24 * 3_600_000;
/** When 200 services called each other. */
const CROWD_MS = now - 48 * 3_600_000;

/** Ten traces: `web` calls `orders` each time, of which three fail; `orders` calls `stock` twice, and PostgreSQL. */
const TRACES = Array.from({ length: 10 }, (_, i): Call => ({
  service: "web",
  name: "GET /",
  durationMs: 100,
  calls: [{
    service: "orders",
    name: "List",
    durationMs: 60,
    ...(i < 3 ? { error: "no connection" } : {}),
    calls: [
      { service: "stock", name: "Count", durationMs: 10 },
      { service: "stock", name: "Reserve", durationMs: 10 },
      { service: "postgresql", system: "postgresql", name: "SELECT", durationMs: 5 },
    ],
  }],
}));

/** Worked out by hand from the traces above. */
const EDGES = [
  "orders calls postgresql: 10 calls, 0 % failed, p95 5.00 ms",
  "orders calls stock: 20 calls, 0 % failed, p95 10.0 ms",
  "web calls orders: 10 calls, 30 % failed, p95 60.0 ms",
];

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ readyTimeoutMs: 240_000 }),
    launchBrowser(),
  ]);
  await sendSpans(
    server.httpUrl,
    TRACES.flatMap((call, i) => spansOfCall(call, traceIdOf(i + 1), now - 600_000 + i * 1000)),
  );
  await sendSpans(server.httpUrl, crowdCalls(200, 57, CROWD_MS));
  const datasets = createClient(
    DatasetService,
    createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.grpcPort}` }),
  );
  const table = { catalog: "scouter", schemaName: "service_map", table: "connections" };
  const { fingerprint } = await datasets.registerDataset({ ...table, jsonSchema: RECORD_SCHEMA });
  const call = { source: "mobile", destination: "front", atUs: BigInt(RECORD_MS) * 1000n };
  await datasets.insertBatch({
    ...table,
    fingerprint,
    ipcData: recordsIpc([
      { ...call, latencyMs: 14 },
      { ...call, latencyMs: 14, status: 503 },
    ], BigInt(RECORD_MS) * 1000n),
  });
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const iso = (timeMs: number) => new Date(timeMs).toISOString();

/** What the lines of the map say, sorted. */
async function lines(page: Page): Promise<string[]> {
  await page.waitForSelector(".map-node");
  const edges = await page.locator("a.map-edge").all();
  return (await Promise.all(edges.map((edge) => edge.getAttribute("aria-label")))).map(String)
    .sort();
}

test("21. The service map's edges equal the query's; focus works", async () => {
  const { page, context, troubles } = await openPage(
    browser,
    `${server.httpUrl}/services?view=map`,
  );
  assert.deepEqual(await lines(page), EDGES);
  await page.getByRole("link", { name: /^stock .*20 req/ }).click();
  await page.waitForURL(/focus=stock/);
  await eventually(async () =>
    assert.deepEqual(await lines(page), EDGES.filter((edge) => edge.includes("stock")))
  );
  await page.getByRole("heading", { name: "stock" }).waitFor();
  await page.reload();
  assert.deepEqual(await lines(page), EDGES.filter((edge) => edge.includes("stock")));
  await page.goBack();
  await eventually(async () => assert.deepEqual(await lines(page), EDGES));
  assert.deepEqual(troubles, []);
  await context.close();
});

test("ways known from middleware records are marked, and so are services only they tell of", async () => {
  const { page, context, troubles } = await openPage(
    browser,
    `${server.httpUrl}/services?view=map&from=${iso(RECORD_MS - 60_000)}&to=${
      iso(RECORD_MS + 60_000)
    }`,
  );
  assert.deepEqual(await lines(page), [
    "mobile calls front: 2 calls, 50 % failed, p95 14.0 ms; known from middleware records (2 mw)",
  ]);
  assert.equal(await page.locator(".map-node .tag", { hasText: "mw" }).count(), 2);
  assert.equal(await page.locator(".map-edge text").textContent(), "✕ 2 mw");
  assert.deepEqual(troubles, []);
  await context.close();
});

test("a line of the map opens the traces behind it, with the mouse and with the keyboard", async () => {
  const { page, context, troubles } = await openPage(
    browser,
    `${server.httpUrl}/services?view=map`,
  );
  await lines(page);
  await page.getByRole("link", { name: /^web calls orders/ }).locator("text").click();
  await page.waitForURL(/\/traces\?q=service%3Aweb\+service%3Aorders\+name%3AList/);
  await page.waitForSelector(".trace-table");
  assert.equal(await page.locator(".trace-table tbody tr").count(), 10);
  await page.goBack();
  await lines(page);
  await page.getByRole("link", { name: /^orders calls stock/ }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/service%3Aorders\+service%3Astock/);
  await page.waitForSelector(".trace-table");
  assert.deepEqual(troubles, []);
  await context.close();
});

test("21. 200 services stay readable: the map begins at the worst, and no box covers another", async () => {
  const { page, context, troubles } = await openPage(
    browser,
    `${server.httpUrl}/services?view=map&from=${iso(CROWD_MS - 600_000)}&to=${iso(CROWD_MS)}`,
  );
  // In the tree of three children each, 57 is called by (57 - 1) / 3 = 18 and calls 172, 173 and 174.
  const expected = ["service-018", "service-057", "service-172", "service-173", "service-174"];
  await page.getByText("beginning at service-057").waitFor();
  const names = async () => (await page.locator(".map-node bdi").allTextContents()).sort();
  assert.deepEqual(await names(), expected);
  await page.getByRole("button", { name: "Show all 200 services" }).click();
  await eventually(async () => assert.equal((await names()).length, 200));
  const boxes = await page.locator(".map-node").evaluateAll((nodes) =>
    nodes.map((node) => {
      const { left, top, right, bottom } = node.getBoundingClientRect();
      return { left, top, right, bottom };
    })
  );
  for (const [i, a] of boxes.entries()) {
    assert.ok(a.right - a.left > 150, "boxes, and their text of 12 px, are drawn at full size");
    for (const b of boxes.slice(i + 1)) {
      const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top ||
        b.bottom <= a.top;
      assert.ok(apart, "boxes lie apart");
    }
  }
  await page.fill("#search", "service-004");
  await page.waitForURL(/focus=service-004/);
  await eventually(async () =>
    assert.deepEqual(await names(), [
      "service-001",
      "service-004",
      "service-013",
      "service-014",
      "service-015",
    ])
  );
  assert.deepEqual(troubles, []);
  await context.close();
});

test("the table says what each service answered, sorts, filters, and leads to the traces", async () => {
  const { page, context, troubles } = await openPage(browser, `${server.httpUrl}/services`);
  const row = (name: string) => page.locator(".service-table tbody tr", { hasText: name });
  await row("orders").waitFor();
  assert.match(await row("orders").textContent() ?? "", /✕ 30 %.*60\.0 ms/);
  assert.match(await row("stock").textContent() ?? "", /✓ 0 %.*10\.0 ms/);
  const names = () => page.locator(".service-table tbody th bdi").allTextContents();
  assert.equal((await names())[0], "stock", "the busiest first");
  await page.getByRole("button", { name: "Errors" }).click();
  await page.waitForURL(/sort=-errors/);
  await eventually(async () => assert.equal((await names())[0], "orders"));
  await page.keyboard.press("/");
  await page.keyboard.type("sto");
  await eventually(async () => assert.deepEqual(await names(), ["stock"]));
  await page.reload();
  await row("stock").waitFor();
  assert.deepEqual(await names(), ["stock"]);
  await page.fill("#search", "");
  await row("orders").getByRole("link", { name: "30 %" }).click();
  await page.waitForURL(/q=service%3Aorders\+status%3Aerror/);
  await page.waitForSelector(".trace-table");
  assert.equal(await page.locator(".trace-table tbody tr").count(), 3);
  assert.deepEqual(troubles, []);
  await context.close();
});

for (const theme of ["light", "dark"] as const) {
  test(`axe finds nothing on services in the ${theme} theme`, async () => {
    const { page, context } = await openPage(browser, `${server.httpUrl}/services`, { theme });
    await page.waitForSelector(".service-table");
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.getByRole("button", { name: "Map" }).click();
    await page.waitForSelector(".map-node");
    assert.deepEqual(await accessibilityProblems(page), []);
    await context.close();
  });
}
