import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";
import { accessibilityProblems, eventually, launchBrowser, openPage } from "./support/browser.ts";

let server: ServerProcess;
let browser: Browser;
/** A first start makes a database, which takes long on a busy machine. */
const START_MS = 240_000;
const ADMIN = { username: "root", password: "correct horse battery" };

before(async () => {
  [server, browser] = await Promise.all([
    startServerProcess({ env: { SCOUTER_AUTH: "required" }, readyTimeoutMs: START_MS }),
    launchBrowser(),
  ]);
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Console errors of answers that are refused on purpose do not count. */
const unexpected = (troubles: readonly string[]) =>
  troubles.filter((line) => !/status of 4(00|01|29)/.test(line));

async function logIn(page: Page, { username, password } = ADMIN): Promise<void> {
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
}

/** Sends an empty export request with a key. @returns The status. */
async function ingestStatus(key: string): Promise<number> {
  const response = await fetch(`${server.httpUrl}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: '{"resourceSpans":[]}',
  });
  await response.body?.cancel();
  return response.status;
}

test("30. Login, lock-out, API key creation (shown once), revocation", async () => {
  const link = /http:\/\/\S+\/login#bt_[\w-]+/.exec(server.output())?.[0];
  assert.ok(link, "the server prints the one-time link");
  const { page, context, troubles } = await openPage(browser, link);

  // The one-time link makes the first administrator, whose recovery codes are shown once.
  await page.getByRole("heading", { name: "Make the first administrator" }).waitFor();
  assert.equal(new URL(page.url()).hash, "", "the token leaves the address");
  await page.getByLabel("User name").fill(ADMIN.username);
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Make the administrator" }).click();
  await page.getByRole("alert").getByText(/password/).waitFor();
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Make the administrator" }).click();
  await page.getByText("Keep these recovery codes").waitFor();
  assert.equal(await page.locator(".codes li").count(), 4);
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByText("Send your first trace").waitFor();
  const [cookie] = await context.cookies();
  assert.equal(cookie?.httpOnly, true);
  assert.equal(cookie?.sameSite, "Strict");
  assert.equal(await page.evaluate("document.cookie"), "");

  // A key is shown once, works, tells when it was used, and is revoked.
  await page.getByRole("link", { name: "Admin", exact: true }).click();
  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByLabel("Name", { exact: true }).fill("checkout exporter");
  await page.getByRole("button", { name: "Make the key" }).click();
  const key = await page.locator("code.secret").textContent() ?? "";
  assert.match(key, /^sk_/);
  assert.equal(await ingestStatus(key), 200);
  await page.getByRole("button", { name: "I have copied it" }).click();
  const row = page.getByRole("row", { name: /^checkout exporter/ });
  await row.getByText("✓ active").waitFor();
  assert.equal(await row.locator('[data-label="May"]').textContent(), "ingest");
  assert.equal(await row.locator('[data-label="Owner"]').textContent(), "root");
  await eventually(async () => {
    await page.reload();
    await row.waitFor();
    assert.match(await row.locator('[data-label="Last used"]').textContent() ?? "", /ago|now/);
  });
  assert.ok(!(await page.content()).includes(key), "the key is not shown again");
  await page.getByRole("button", { name: "Revoke checkout exporter" }).click();
  await page.getByRole("button", { name: "Yes, revoke" }).click();
  await page.getByText("There is no key").waitFor();
  assert.equal(await ingestStatus(key), 401);

  // Logged out, nothing is shown, and guessing tells nothing about names.
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  const said: string[] = [];
  for (const username of [ADMIN.username, "nobody"]) {
    await logIn(page, { username, password: "wrong horse battery" });
    const alert = page.getByRole("alert");
    await alert.waitFor();
    said.push(await alert.textContent() ?? "");
    await page.reload();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
  }
  assert.equal(said[0], said[1]);

  // After a few failures the form is locked, says for how long, and opens again.
  await eventually(async () => {
    await logIn(page, { ...ADMIN, password: "wrong horse battery" });
    await page.getByText(/Logging in is locked for \d+ second/).waitFor({ timeout: 800 });
  });
  assert.equal(
    await page.getByRole("button", { name: "Log in", exact: true }).isDisabled(),
    true,
  );
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.getByText("You can try again now").waitFor({ timeout: 60_000 });
  await logIn(page);
  await page.getByText("Send your first trace").waitFor();
  assert.deepEqual(unexpected(troubles), []);
  await context.close();
});

test("a login does not work from other sites: requests are refused by their origin", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/traces`);
  await logIn(page);
  await page.getByText("Send your first trace").waitFor();
  const [cookie] = await context.cookies();
  assert.ok(cookie);
  const ask = async (headers: Record<string, string>) => {
    const response = await fetch(`${server.httpUrl}/scouter.v1.AccountsService/CreateApiKey`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        cookie: `${cookie.name}=${cookie.value}`,
        ...headers,
      },
      body: JSON.stringify({ name: "stolen", scopes: ["admin"] }),
    });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await ask({ origin: "https://evil.example" }), 403);
  assert.equal(await ask({ origin: "null" }), 403);
  assert.equal(await ask({ "sec-fetch-site": "cross-site" }), 401);
  assert.equal(await ask({ origin: server.httpUrl, "sec-fetch-site": "same-origin" }), 200);
  await context.close();
});

test("whoever is no administrator sees their own keys, and is told what they may not see", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/admin/people`);
  await logIn(page);
  await page.getByText("Add a user").click();
  await page.getByLabel("User name").fill("ann");
  await page.locator('input[name="password"]').last().fill("a longer password");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByRole("row", { name: /^ann/ }).getByText("✓ active").waitFor();
  await page.getByRole("button", { name: "Not administrator: root" }).click();
  await page.getByText("is the last active administrator").waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await logIn(page, { username: "ann", password: "a longer password" });
  await page.getByText("Send your first trace").waitFor();
  await page.goto(`${server.httpUrl}/admin/people`);
  await page.getByText('"ann" is not an administrator').waitFor();
  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByText("There is no key").waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await context.close();
});

test("at 390 px the login does not overflow sideways", async () => {
  const { page, context } = await openPage(browser, `${server.httpUrl}/genai`, {
    width: 390,
    height: 844,
    theme: "dark",
  });
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  assert.equal(
    await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    ),
    0,
  );
  await context.close();
});

test("under a path prefix the login holds for that folder only", async () => {
  const prefix = "/ops/scouter";
  const proxy = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    if (!url.pathname.startsWith(`${prefix}/`)) return new Response("not here", { status: 404 });
    const target = `${server.httpUrl}${url.pathname.slice(prefix.length)}${url.search}`;
    const headers = new Headers(request.headers);
    headers.delete("origin");
    return fetch(target, { method: request.method, headers, body: request.body });
  });
  const { page, context } = await openPage(
    browser,
    `http://127.0.0.1:${proxy.addr.port}${prefix}/admin/about`,
  );
  await logIn(page);
  await page.getByText("login required").waitFor();
  const [cookie] = await context.cookies();
  assert.equal(cookie?.path, `${prefix}/`);
  await page.reload();
  await page.getByText("login required").waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.equal(new URL(page.url()).pathname, `${prefix}/login`);
  assert.deepEqual(await context.cookies(), []);
  await context.close();
  await proxy.shutdown();
});
