import { Hono } from "@hono/hono";
import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, it } from "node:test";
import { clientSignal, type HttpApp, type HttpEnv } from "../../../server/http/context.ts";
import { type Doors, openDoors } from "./doors.ts";

/** A request with headers that `fetch` would not let us set. */
function send(
  doors: Doors,
  headers: Record<string, string>,
  method = "GET",
  path = "/scouter/healthcheck",
): Promise<
  { status: number; headers: Record<string, string | string[] | undefined>; body: string }
> {
  const url = new URL(doors.url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: url.hostname, port: url.port, path, method, headers },
      (response) => {
        let body = "";
        response.on("data", (chunk) => body += chunk);
        response.on(
          "end",
          () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end();
  });
}

describe("the shell around every route", () => {
  it("sends the API version, a request id and safe headers with every answer", async () => {
    await using doors = await openDoors();
    for (const path of ["/scouter/healthcheck", "/nowhere"]) {
      const { headers } = await send(doors, {}, "GET", path);
      assert.equal(headers["x-scouter-api-version"], "1.0.0");
      assert.match(String(headers["x-request-id"]), /^[\w-]{8,}$/);
      assert.equal(headers["x-content-type-options"], "nosniff");
    }
  });

  it("keeps a sane request id and replaces any other", async () => {
    await using doors = await openDoors();
    const kept = await send(doors, { "x-request-id": "order-7.a:b" });
    assert.equal(kept.headers["x-request-id"], "order-7.a:b");
    const replaced = await send(doors, { "x-request-id": `<script>${"x".repeat(500)}` });
    assert.match(String(replaced.headers["x-request-id"]), /^[\w-]{8,60}$/);
  });

  it("answers an unknown path with 404 in the shape of every error", async () => {
    await using doors = await openDoors();
    const { status, body } = await send(doors, {}, "GET", "/scouter/nothing");
    assert.equal(status, 404);
    const error = JSON.parse(body);
    assert.equal(error.code, "NOT_FOUND");
    assert.match(error.error, /\/scouter\/nothing/);
    assert.ok(!("retry" in error));
  });

  it("answers the health check as existing clients expect", async () => {
    await using doors = await openDoors();
    const { body } = await send(doors, {});
    assert.deepEqual(JSON.parse(body), { alive: true, version: "9.9.9" });
  });

  it("is live but not ready while a part fails", async () => {
    await using doors = await openDoors({
      readiness: () => ({ ready: false, checks: { database: "no connection" } }),
    });
    assert.equal((await send(doors, {}, "GET", "/health/live")).status, 200);
    const ready = await send(doors, {}, "GET", "/health/ready");
    assert.equal(ready.status, 503);
    assert.match(ready.body, /no connection/);
  });
});

describe("without a login", () => {
  for (const host of ["evil.example", "localhost.evil.example:8000", "10.0.0.7"]) {
    it(`refuses the Host ${host}`, async () => {
      await using doors = await openDoors();
      const { status, body } = await send(doors, { host });
      assert.equal(status, 403);
      assert.match(body, /SCOUTER_ALLOWED_HOSTS/);
    });
  }

  for (const host of ["localhost:8000", "127.0.0.1", "[::1]:4318", "host.docker.internal:4318"]) {
    it(`accepts the Host ${host}`, async () => {
      await using doors = await openDoors({ allowedHosts: ["host.docker.internal"] });
      assert.equal((await send(doors, { host })).status, 200);
    });
  }

  it("accepts addresses, but not other names, when it was opened to the network", async () => {
    await using doors = await openDoors({ host: "0.0.0.0" });
    assert.equal((await send(doors, { host: "10.0.0.7:8000" })).status, 200);
    assert.equal((await send(doors, { host: "[fd00::7]" })).status, 200);
    assert.equal((await send(doors, { host: "evil.example" })).status, 403);
  });

  for (const origin of ["https://evil.example", "null", "http://localhost:3000"]) {
    it(`refuses a request from the origin ${origin}`, async () => {
      await using doors = await openDoors();
      const { status, body } = await send(doors, { origin }, "POST", "/scouter/message");
      assert.equal(status, 403);
      assert.match(body, /SCOUTER_ALLOWED_ORIGINS/);
      assert.equal(doors.stored.length + doors.tags.length, 0);
    });
  }

  it("accepts its own origin", async () => {
    await using doors = await openDoors();
    const { status } = await send(doors, { origin: doors.url });
    assert.equal(status, 200);
  });

  it("refuses what other sites embed, but lets a link be followed", async () => {
    await using doors = await openDoors();
    const embedded = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
    assert.equal((await send(doors, embedded)).status, 403);
    const followed = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    assert.equal((await send(doors, followed)).status, 200);
  });

  it("counts what it refused", async () => {
    await using doors = await openDoors();
    await send(doors, { host: "evil.example" });
    assert.match(
      doors.metrics.render(),
      /http_requests_total\{method="GET",path="refused",status="403"\} 1/,
    );
  });
});

describe("allowed origins", () => {
  const origin = "https://app.example.com";

  it("may read answers and send preflights", async () => {
    await using doors = await openDoors({ allowedOrigins: [origin] });
    const answer = await send(doors, { origin });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["access-control-allow-origin"], origin);
    const preflight = await send(
      doors,
      { origin, "access-control-request-method": "POST" },
      "OPTIONS",
      "/scouter/message",
    );
    assert.equal(preflight.status, 204);
    assert.match(String(preflight.headers["access-control-allow-methods"]), /POST/);
    assert.match(String(preflight.headers["access-control-allow-headers"]), /authorization/);
  });

  it("are none by default: no CORS header is sent", async () => {
    await using doors = await openDoors();
    const { headers } = await send(doors, {});
    assert.ok(!Object.keys(headers).some((name) => name.startsWith("access-control")));
  });
});

describe("discovery", () => {
  it("lists exactly the routes that are there in the OpenAPI document", async () => {
    await using doors = await openDoors();
    const { body } = await send(doors, {}, "GET", "/scouter/api/v1/openapi.json");
    const document = JSON.parse(body);
    assert.equal(document.openapi, "3.1.0");
    assert.deepEqual(Object.keys(document.paths).sort(), [
      "/health/live",
      "/health/ready",
      "/metrics",
      "/scouter/api/v1/capabilities",
      "/scouter/api/v1/openapi.json",
      "/scouter/drift",
      "/scouter/healthcheck",
      "/scouter/message",
      "/scouter/v1/traces",
      "/v1/logs",
      "/v1/metrics",
      "/v1/traces",
    ]);
  });

  it("tells clients where to log in", async () => {
    await using doors = await openDoors();
    const { body } = await send(doors, {}, "GET", "/scouter/api/v1/capabilities");
    const capabilities = JSON.parse(body);
    assert.equal(capabilities.api_version, "1.0.0");
    assert.equal(capabilities.auth.login_endpoint, "/scouter/auth/login");
    assert.equal(capabilities.features.otlp_http, true);
    assert.equal(capabilities.features.drift, false);
  });
});

describe("the message envelope over HTTP", () => {
  const post = (doors: Doors, body: string) =>
    fetch(`${doors.url}/scouter/message`, { method: "POST", body });

  it("stores traces as OTLP JSON", async () => {
    await using doors = await openDoors();
    const response = await post(doors, '{"request":{"resourceSpans":[]}}');
    assert.deepEqual(await response.json(), { status: "success", message: "2 spans stored" });
    assert.equal(new TextDecoder().decode(doors.stored[0]?.body), '{"resourceSpans":[]}');
    assert.equal(doors.stored[0]?.encoding, "json");
  });

  it("answers 501 for records, naming the kinds", async () => {
    await using doors = await openDoors();
    const response = await post(doors, '{"records":[{"Psi":{}},{"Psi":{}},{"Custom":{}}]}');
    assert.equal(response.status, 501);
    const error = await response.json();
    assert.equal(error.code, "NOT_IMPLEMENTED");
    assert.match(error.error, /\(Psi, Custom\)/);
  });

  const wrong: [string, RegExp][] = [
    ["{", /not JSON/],
    ["[]", /an array, not an object/],
    ["{}", /none of the known shapes/],
    ['{"request":null}', /"request" is null/],
    ['{"records":{}}', /"records" is a object|"records" is an object/],
    ['{"entity_type":"trace","entity_id":"x","key":"k","value":7}', /"value" is a number/],
  ];
  for (const [body, message] of wrong) {
    it(`answers 400 for ${body}`, async () => {
      await using doors = await openDoors();
      const response = await post(doors, body);
      assert.equal(response.status, 400);
      assert.match((await response.json()).error, message);
    });
  }
});

describe("a client that goes away", () => {
  it("aborts the signal of its request; one that gets its answer does not", async () => {
    const ended: string[] = [];
    let started: () => void;
    const isStarted = new Promise<void>((resolve) => started = resolve);
    let aborted: () => void;
    const isAborted = new Promise<void>((resolve) => aborted = resolve);
    const routes: HttpApp = new Hono<HttpEnv>();
    routes.get("/quick", (c) => {
      clientSignal(c).addEventListener("abort", () => ended.push("quick"));
      return c.text("done");
    });
    routes.get("/slow", async (c) => {
      const signal = clientSignal(c);
      started();
      await new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => {
          ended.push("slow");
          aborted();
          resolve();
        })
      );
      throw new DOMException("gone", "AbortError");
    });
    await using doors = await openDoors({ routes: [routes] });
    assert.equal(await (await fetch(`${doors.url}/quick`)).text(), "done");
    const client = new AbortController();
    const slow = fetch(`${doors.url}/slow`, { signal: client.signal });
    await isStarted;
    client.abort();
    await assert.rejects(slow, { name: "AbortError" });
    await isAborted;
    assert.deepEqual(ended, ["slow"]);
  });
});
