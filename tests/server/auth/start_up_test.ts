import assert from "node:assert/strict";
import { isLoopbackHost, resolveAuthMode } from "../../../server/auth/mod.ts";
import { ScouterError } from "../../../server/errors.ts";
import { it } from "node:test";
import { onBothDatabases } from "../../support/databases.ts";
import { ADMIN, expectStatus, OTHER_SECRET, SECRET, startAuth } from "./support.ts";

/** Base64 of the bytes 31 … 0: a default published in another product's source. */
const PUBLISHED = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

it("only addresses of the machine itself count as loopback", () => {
  for (const host of ["127.0.0.1", "127.9.8.7", "localhost", "LOCALHOST", "::1", "[::1]"]) {
    assert.equal(isLoopbackHost(host), true, host);
  }
  for (
    const host of [
      "0.0.0.0",
      "::",
      "10.0.0.1",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "",
    ]
  ) {
    assert.equal(isLoopbackHost(host), false, host);
  }
});

it("auto asks for a login as soon as one address is reachable from elsewhere", () => {
  assert.equal(resolveAuthMode("auto", ["127.0.0.1", "::1"]), "open");
  assert.equal(resolveAuthMode("auto", ["127.0.0.1", "0.0.0.0"]), "required");
  assert.equal(resolveAuthMode("required", ["127.0.0.1"]), "required");
  assert.equal(resolveAuthMode("off", ["0.0.0.0"]), "open");
});

onBothDatabases("starting up", ({ database, clear, test }) => {
  const noAdmin = { defaultUsername: "", defaultPassword: "" };

  test("on loopback everybody is the local administrator and every login succeeds", async () => {
    await clear();
    const server = await startAuth(database(), { setting: "auto", ...noAdmin });
    assert.equal(server.auth.outcome, undefined);
    await expectStatus(await server.call("GET", "/scouter/user"), 200);
    await expectStatus(await server.call("GET", "/scouter/auth/validate"), 200);
    const response = await server.call("GET", "/scouter/auth/login", {
      headers: { Username: "guest", Password: "guest" },
    });
    const { token } = await expectStatus(response, 200);
    assert.equal(token.split(".").length, 3);
    await expectStatus(await server.call("GET", "/scouter/auth/refresh", { token }), 200);
    const body = { username: "ann", password: "a longer password" };
    await expectStatus(await server.call("POST", "/scouter/user", { token, body }), 200);
  });

  test("a token of the local administrator is worth nothing once login is required", async () => {
    await clear();
    const open = await startAuth(database(), { setting: "auto" });
    const { token } = await open.login("any", "thing");
    const closed = await startAuth(database(), {}, open.clock);
    await expectStatus(await closed.call("GET", "/scouter/user", { token }), 401);
    await expectStatus(await closed.call("GET", "/scouter/auth/refresh", { token }), 401);
  });

  test("with login required, nothing but the open routes answers a stranger", async () => {
    await clear();
    const server = await startAuth(database(), { setting: "auto", hosts: ["0.0.0.0"] });
    const routes = [
      ["GET", "/scouter/user"],
      ["POST", "/scouter/user"],
      ["GET", "/scouter/user/root"],
      ["PUT", "/scouter/user/root"],
      ["DELETE", "/scouter/user/root"],
      ["GET", "/scouter/api-keys"],
      ["POST", "/scouter/api-keys"],
      ["DELETE", "/scouter/api-keys/x"],
      ["GET", "/scouter/tags?entity_type=a&entity_id=b"],
      ["POST", "/scouter/tags"],
      ["POST", "/scouter/tags/entity"],
      ["GET", "/scouter/trace/baggage?trace_id=0af7651916cd43dd8448eb211c80319c"],
      ["GET", "/scouter/auth/validate"],
    ];
    for (const [method = "", path = ""] of routes) {
      const response = await server.call(method, path);
      assert.equal(response.headers.get("www-authenticate"), 'Bearer realm="scouter"');
      assert.equal((await expectStatus(response, 401)).code, "UNAUTHORIZED", `${method} ${path}`);
    }
  });

  test("published and weak secrets are refused, all at once and by name", async () => {
    await clear();
    const secrets = {
      accessSecret: PUBLISHED,
      refreshSecret: "short",
      bootstrapKey: "a".repeat(64),
    };
    await assert.rejects(startAuth(database(), secrets), (error: unknown) => {
      assert.ok(error instanceof ScouterError);
      assert.equal(error.code, "PRECONDITION_FAILED");
      for (
        const name of ["SCOUTER_ENCRYPT_SECRET", "SCOUTER_REFRESH_SECRET", "SCOUTER_BOOTSTRAP_KEY"]
      ) {
        assert.match(error.message, new RegExp(name));
      }
      assert.ok(!error.message.includes(PUBLISHED));
      return true;
    });
    await startAuth(database(), { accessSecret: SECRET, refreshSecret: OTHER_SECRET });
  });

  test("a first administrator known to everybody, or half given, is refused", async () => {
    await clear();
    const unfit = [
      { defaultUsername: "admin", defaultPassword: "admin" },
      { defaultUsername: "admin", defaultPassword: "" },
      { defaultUsername: "", defaultPassword: "a longer password" },
    ];
    for (const options of unfit) {
      await assert.rejects(startAuth(database(), options), (error: unknown) => {
        return error instanceof ScouterError && error.code === "PRECONDITION_FAILED" &&
          error.message.includes("SCOUTER_DEFAULT_PASSWORD");
      });
    }
  });

  test("several processes starting at once make one first administrator", async () => {
    await clear();
    const servers = await Promise.all([1, 2, 3].map(() => startAuth(database())));
    const outcomes = servers.map((server) => server.auth.outcome?.kind).toSorted();
    assert.deepEqual(outcomes, ["created", "has_admin", "has_admin"]);
    await servers[2]?.login(ADMIN.username, ADMIN.password);
  });

  test("the settings' password does not come back after it was changed", async () => {
    await clear();
    const server = await startAuth(database());
    const { token } = await server.login(ADMIN.username, ADMIN.password);
    await server.call("PUT", "/scouter/user/root", {
      token,
      body: { password: "changed since then" },
    });
    const again = await startAuth(database());
    assert.equal(again.auth.outcome?.kind, "has_admin");
    await again.login(ADMIN.username, "changed since then");
  });

  test("without settings a one-time link makes the first administrator, once", async () => {
    await clear();
    const server = await startAuth(database(), noAdmin);
    const { outcome } = server.auth;
    assert.ok(outcome?.kind === "link");
    const redeem = (token: string, username: string) =>
      server.call("POST", "/scouter/auth/bootstrap", {
        body: { token, username, password: ADMIN.password },
      });
    await expectStatus(await redeem("bt_guess", "eve"), 401);
    const statuses = await Promise.all(
      ["a", "b", "c"].map(async (name) => (await redeem(outcome.token, name)).status),
    );
    assert.deepEqual(statuses.toSorted(), [200, 409, 409]);
    const users = await database().db.selectFrom("scouter.users").selectAll().execute();
    assert.equal(users.length, 1);
    const { token } = await server.login(users[0]?.username ?? "", ADMIN.password);
    await expectStatus(await server.call("GET", "/scouter/user", { token }), 200);
    assert.equal((await startAuth(database(), noAdmin)).auth.outcome?.kind, "has_admin");
  });

  test("the one-time link is over after a day", async () => {
    await clear();
    const server = await startAuth(database(), noAdmin);
    const { outcome } = server.auth;
    assert.ok(outcome?.kind === "link");
    server.clock.advance(24 * 3600);
    const body = { token: outcome.token, ...ADMIN };
    await expectStatus(await server.call("POST", "/scouter/auth/bootstrap", { body }), 401);
  });

  test("the bootstrap key creates users and does nothing else", async () => {
    await clear();
    const server = await startAuth(database(), { bootstrapKey: SECRET });
    const headers = { "x-bootstrap-token": SECRET };
    const body = { username: "ann", password: "a longer password" };
    await expectStatus(await server.call("POST", "/scouter/user", { headers, body }), 200);
    await expectStatus(await server.call("GET", "/scouter/user", { headers }), 401);
    await expectStatus(await server.call("DELETE", "/scouter/user/ann", { headers }), 401);
    const wrong = { "x-bootstrap-token": OTHER_SECRET };
    await expectStatus(await server.call("POST", "/scouter/user", { headers: wrong, body }), 401);
    const without = await startAuth(database());
    await expectStatus(
      await without.call("POST", "/scouter/user", { headers: { "x-bootstrap-token": "" }, body }),
      401,
    );
  });
});
