import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClientError, ScouterClient, spanByName } from "../../../sdk/client/mod.ts";
import { type Answer, type FakeServer, fakeServer, type Received } from "./fake_server.ts";

const VALID: Answer = { json: { is_authenticated: true } };

/** Runs a test with a server that accepts everybody and answers the rest as told. */
async function withServer(
  answer: (request: Received, count: number) => Answer | Promise<Answer>,
  test: (server: FakeServer) => Promise<void>,
): Promise<void> {
  const counts = new Map<string, number>();
  const server = await fakeServer((request) => {
    const count = (counts.get(request.path) ?? 0) + 1;
    counts.set(request.path, count);
    return request.path === "/scouter/auth/validate" && request.authorization === undefined
      ? VALID
      : answer(request, count);
  });
  try {
    await test(server);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

async function failure(work: Promise<unknown>): Promise<ClientError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
  throw new Error("nothing failed");
}

const trace = (id: number) => ({
  trace_id: String(id).padStart(32, "0"),
  service_name: "shop",
  scope_name: "app",
  scope_version: "",
  root_operation: "checkout",
  start_time: "2026-01-05T10:00:00.123456Z",
  end_time: "2026-01-05T10:00:01.123456Z",
  duration_ms: 1000,
  status_code: 0,
  status_message: null,
  span_count: 3,
  has_errors: false,
  error_count: 0,
  resource_attributes: [{ key: "service.name", value: "shop" }],
  entity_ids: [],
  queue_ids: [],
});

describe("the client's calls", () => {
  it("follow the cursor through all pages, and ask for no page nobody wants", async () => {
    await withServer(({ path, body }) => {
      assert.equal(path, "/scouter/trace/paginated");
      const last = Number(Reflect.get(body as object, "cursor_trace_id") ?? 0);
      const items = [trace(last + 1), trace(last + 2)];
      return {
        json: {
          items,
          has_next: last < 4,
          next_cursor: last < 4
            ? { start_time: items[1]?.start_time, trace_id: items[1]?.trace_id }
            : null,
          has_previous: last > 0,
          previous_cursor: null,
        },
      };
    }, async (server) => {
      const client = await ScouterClient.connect({ serverUri: server.url });
      const ids: number[] = [];
      const filters = { limit: 2, startTime: new Date("2026-01-05T09:00:00Z"), hasErrors: false };
      for await (const item of client.traces(filters)) ids.push(Number(item.traceId));
      assert.deepEqual(ids, [1, 2, 3, 4, 5, 6]);
      const bodies = server.received.slice(1).map((request) => request.body);
      assert.deepEqual(bodies[0], {
        limit: 2,
        start_time: "2026-01-05T09:00:00.000Z",
        has_errors: false,
      });
      assert.deepEqual(bodies[1], {
        limit: 2,
        start_time: "2026-01-05T09:00:00.000Z",
        has_errors: false,
        cursor_start_time: "2026-01-05T10:00:00.123456Z",
        cursor_trace_id: "2".padStart(32, "0"),
      });
      const before = server.received.length;
      for await (const item of client.traces({ limit: 2 })) {
        assert.equal(item.durationMs, 1000);
        break;
      }
      assert.equal(server.received.length, before + 1);
    });
  });

  it("tell code, status and way out of a refusal", async () => {
    await withServer(() => ({
      status: 400,
      json: { error: "limit is 0", code: "BAD_REQUEST", suggested_action: "Use 1 to 1000." },
    }), async (server) => {
      const client = await ScouterClient.connect({ serverUri: server.url });
      const error = await failure(client.getPaginatedTraces({ limit: 0 }));
      assert.deepEqual(
        [error.code, error.status, error.suggestion, error.retry],
        ["BAD_REQUEST", 400, "Use 1 to 1000.", false],
      );
      assert.match(error.message, /POST \/scouter\/trace\/paginated: limit is 0/);
      assert.equal(server.received.length, 2);
    });
  });

  it("are repeated when the server is busy, if they may be", async () => {
    const busy: Answer = {
      status: 503,
      json: { error: "starting", code: "UNAVAILABLE", retry: true },
      headers: { "retry-after": "0" },
    };
    await withServer(({ path }, count) => {
      if (path === "/scouter/user") return busy;
      return count < 3 ? busy : { json: { tags: [] } };
    }, async (server) => {
      const client = await ScouterClient.connect({ serverUri: server.url });
      assert.deepEqual(await client.getTags("trace", "a"), []);
      const before = server.received.length;
      const user = { username: "eve", password: "a long password" };
      const error = await failure(client.users.create(user));
      assert.deepEqual([error.code, error.retry, error.retryAfterMs], ["UNAVAILABLE", true, 0]);
      assert.equal(server.received.length, before + 1);
    });
  });

  it("give up after the retries they were allowed", async () => {
    await withServer(() => ({ status: 502, text: "<html>" }), async (server) => {
      const client = await ScouterClient.connect({ serverUri: server.url, retries: 1 });
      const error = await failure(client.getTags("trace", "a"));
      assert.deepEqual([error.code, error.status], ["UNEXPECTED_STATUS", 502]);
      assert.equal(server.received.length, 3);
    });
  });

  it("end at their time limit, and at the caller's signal with its reason", async () => {
    await withServer(() => ({ status: 0 }), async (server) => {
      const client = await ScouterClient.connect({ serverUri: server.url });
      const late = await failure(client.getTags("trace", "a", { timeoutMs: 50 }));
      assert.equal(late.code, "TIMEOUT");
      const controller = new AbortController();
      const reason = new Error("enough");
      const call = client.getTags("trace", "a", { signal: controller.signal });
      controller.abort(reason);
      await assert.rejects(call, (error) => error === reason);
      await assert.rejects(
        client.getTags("trace", "a", { signal: controller.signal }),
        (error) => error === reason,
      );
    });
  });

  it("name the place where an answer is not as agreed", async () => {
    await withServer(
      () => ({ json: { tags: [{ entity_type: "trace", entity_id: "a", key: 7, value: "" }] } }),
      async (server) => {
        const client = await ScouterClient.connect({ serverUri: server.url });
        const error = await failure(client.getTags("trace", "a"));
        assert.equal(error.code, "INVALID_RESPONSE");
        assert.match(error.message, /answer\.tags\[0\]\.key must be a text, got 7/);
      },
    );
  });

  it("tell apart a server that is not there", async () => {
    const server = await fakeServer(() => ({}));
    await server[Symbol.asyncDispose]();
    const error = await failure(ScouterClient.connect({ serverUri: server.url, retries: 0 }));
    assert.deepEqual([error.code, error.retry], ["NETWORK", true]);
  });

  it("list the spans there are when one is asked for by a name there is not", () => {
    assert.throws(() => spanByName([], "x"), { name: "ClientError", code: "NOT_FOUND" });
  });
});

describe("the client's login", () => {
  const login = { username: "ada", password: "a long password" };

  it("renews a token that ended once, for all calls that found it ended", async () => {
    let current = "none";
    let logins = 0;
    await withServer(({ path, authorization, body }) => {
      if (path === "/scouter/auth/login") {
        assert.deepEqual(body, login);
        current = `t${++logins}`;
        return { json: { token: current, refresh_token: "r1", expires_in: 3600 } };
      }
      if (path === "/scouter/auth/refresh") {
        assert.deepEqual(body, { refresh_token: "r1" });
        current = "refreshed";
        return { json: { token: current, refresh_token: "r2", expires_in: 3600 } };
      }
      if (authorization !== `Bearer ${current}`) {
        return { status: 401, json: { error: "ended", code: "UNAUTHORIZED" } };
      }
      return path === "/scouter/auth/validate" ? VALID : { json: { tags: [] } };
    }, async (server) => {
      const client = await ScouterClient.connect({ serverUri: server.url, ...login });
      current = "something else";
      await Promise.all([1, 2, 3].map((n) => client.getTags("trace", String(n))));
      const count = (path: string) => server.received.filter((one) => one.path === path).length;
      assert.equal(count("/scouter/auth/login"), 1);
      assert.equal(count("/scouter/auth/refresh"), 1);
    });
  });

  it("logs in anew when the refresh token is refused too", async () => {
    let valid = "";
    let logins = 0;
    await withServer(({ path, authorization }) => {
      if (path === "/scouter/auth/login") {
        valid = `t${++logins}`;
        return { json: { token: valid, refresh_token: "used" } };
      }
      if (path === "/scouter/auth/refresh" || authorization !== `Bearer ${valid}`) {
        return { status: 401, json: { error: "ended", code: "UNAUTHORIZED" } };
      }
      return path === "/scouter/auth/validate" ? VALID : { json: { tags: [] } };
    }, async (server) => {
      const client = await ScouterClient.connect({ serverUri: server.url, ...login });
      valid = "none";
      await client.getTags("trace", "a");
      assert.equal(logins, 2);
    });
  });

  it("renews before a token ends, and asks nothing in between", async () => {
    let issued = 0;
    await withServer(({ path }) => {
      if (path.startsWith("/scouter/auth/") && !path.endsWith("validate")) {
        // Ends within the margin: used once, then renewed.
        return { json: { token: `t${++issued}`, refresh_token: "r", expires_in: 1 } };
      }
      return path.endsWith("validate") ? VALID : { json: { tags: [] } };
    }, async (server) => {
      const client = await ScouterClient.connect({ serverUri: server.url, ...login });
      await client.getTags("trace", "a");
      assert.deepEqual(
        server.received.map((one) => [one.path.split("/").at(-1), one.authorization]),
        [
          ["login", undefined],
          ["validate", "Bearer t1"],
          ["refresh", undefined],
          ["tags", "Bearer t2"],
        ],
      );
    });
  });

  it("fails with the server's words when the password is wrong", async () => {
    await withServer(() => ({
      status: 401,
      json: { error: "wrong", code: "UNAUTHORIZED", suggested_action: "Check both." },
    }), async (server) => {
      const error = await failure(ScouterClient.connect({ serverUri: server.url, ...login }));
      assert.deepEqual([error.code, error.suggestion], ["UNAUTHORIZED", "Check both."]);
      assert.equal(server.received.length, 1);
    });
  });

  it("sends an API key as it is, and does not try to renew it", async () => {
    await withServer(({ authorization }) => {
      assert.equal(authorization, "Bearer sk_1");
      return { status: 401, json: { error: "revoked", code: "UNAUTHORIZED" } };
    }, async (server) => {
      const error = await failure(
        ScouterClient.connect({ serverUri: server.url, apiKey: "sk_1" }),
      );
      assert.equal(error.status, 401);
      assert.equal(server.received.length, 1);
    });
  });

  it("wants both halves of a login", async () => {
    const error = await failure(ScouterClient.connect({ username: "ada" }));
    assert.equal(error.code, "INVALID_ARGUMENT");
    assert.match(error.message, /password is missing/);
  });
});
