import assert from "node:assert/strict";
import { onBothDatabases } from "../../support/databases.ts";
import { ADMIN, expectStatus, startAuth, type TestServer } from "./support.ts";

const BOB = {
  username: "bob",
  password: "a longer password",
  permissions: ["read:shop", "write:shop"],
};

onBothDatabases("API keys", ({ database, clear, test }) => {
  const started = async () => {
    await clear();
    const server = await startAuth(database());
    const admin = (await server.login(ADMIN.username, ADMIN.password)).token;
    await expectStatus(
      await server.call("POST", "/scouter/user", { token: admin, body: BOB }),
      200,
    );
    const bob = (await server.login(BOB.username, BOB.password)).token;
    return { server, admin, bob };
  };
  const make = async (server: TestServer, token: string, body: unknown) =>
    await expectStatus(await server.call("POST", "/scouter/api-keys", { token, body }), 201);
  const tag = { entity_type: "trace", entity_id: "x", key: "k", value: "v" };
  const ingest = (server: TestServer, token: string) =>
    server.call("POST", "/scouter/tags", { token, body: { tags: [tag] } });
  const read = (server: TestServer, token: string) =>
    server.call("GET", "/scouter/tags?entity_type=trace&entity_id=x", { token });
  const manage = (server: TestServer, token: string) =>
    server.call("GET", "/scouter/user", { token });

  test("a key opens what its scope names and nothing else", async () => {
    const { server, admin } = await started();
    const expected = {
      ingest: [200, 403, 403],
      read: [403, 200, 403],
      admin: [200, 200, 200],
    };
    for (const [scope, statuses] of Object.entries(expected)) {
      const { key } = await make(server, admin, { name: scope, scopes: [scope] });
      assert.match(key, /^sk_[A-Za-z0-9_-]{43}$/);
      const answers = [
        await ingest(server, key),
        await read(server, key),
        await manage(server, key),
      ];
      assert.deepEqual(answers.map((answer) => answer.status), statuses, scope);
    }
  });

  test("a key is taken from Authorization or x-api-key, and is not stored as it is", async () => {
    const { server, admin } = await started();
    const { key, api_key } = await make(server, admin, { name: "exporter", scopes: ["read"] });
    const validate = (headers: Record<string, string>) =>
      server.call("GET", "/scouter/auth/validate", { headers });
    await expectStatus(await validate({ authorization: `Bearer ${key}` }), 200);
    await expectStatus(await validate({ authorization: `bearer ${key}` }), 200);
    await expectStatus(await validate({ "x-api-key": key }), 200);
    await expectStatus(await validate({ "x-api-key": `${key}x` }), 401);
    await expectStatus(await validate({ "x-api-key": "nonsense" }), 401);
    const rows = await database().db.selectFrom("scouter.api_keys").selectAll().execute();
    assert.ok(!JSON.stringify(rows).includes(key.slice(9)));
    assert.equal(api_key.prefix, key.slice(0, 9));
    const list = await server.call("GET", "/scouter/api-keys", { token: admin });
    assert.ok(!(await list.text()).includes(key.slice(9)));
  });

  test("a revoked key is refused at once, and in another process within five seconds", async () => {
    const { server, admin } = await started();
    const other = await startAuth(database(), {}, server.clock);
    const { key, api_key } = await make(server, admin, { name: "k", scopes: ["read"] });
    await expectStatus(await read(server, key), 200);
    await expectStatus(await read(other, key), 200);
    const revoke = () => server.call("DELETE", `/scouter/api-keys/${api_key.id}`, { token: admin });
    await expectStatus(await revoke(), 200);
    await expectStatus(await read(server, key), 401);
    server.clock.advance(5);
    await expectStatus(await read(other, key), 401);
    await expectStatus(await revoke(), 404);
  });

  test("a key ends at its expiry, also when it was just used", async () => {
    const { server, admin } = await started();
    const body = { name: "k", scopes: ["read"], expires_at: "2026-03-01T12:00:02Z" };
    const { key } = await make(server, admin, body);
    await expectStatus(await read(server, key), 200);
    server.clock.advance(2);
    await expectStatus(await read(server, key), 401);
  });

  test("a key never does more than its owner may at that moment", async () => {
    const { server, admin, bob } = await started();
    const post = (body: unknown) => server.call("POST", "/scouter/api-keys", { token: bob, body });
    await expectStatus(await post({ name: "k", scopes: ["admin"] }), 403);
    await expectStatus(await post({ name: "k", scopes: ["read"] }), 403);
    await expectStatus(await post({ name: "k", scopes: ["read"], space: "bank" }), 403);
    const { key } = await make(server, bob, {
      name: "k",
      scopes: ["read", "ingest"],
      space: "shop",
    });
    await expectStatus(await ingest(server, key), 200);
    await expectStatus(await read(server, key), 403);
    const change = (body: unknown) =>
      server.call("PUT", "/scouter/user/bob", { token: admin, body });
    await expectStatus(await change({ permissions: ["read:all"] }), 200);
    await expectStatus(await ingest(server, key), 403);
    await expectStatus(await change({ permissions: BOB.permissions, active: false }), 200);
    await expectStatus(await ingest(server, key), 401);
    await expectStatus(await change({ active: true }), 200);
    await expectStatus(await ingest(server, key), 200);
    await expectStatus(await server.call("DELETE", "/scouter/user/bob", { token: admin }), 200);
    await expectStatus(await ingest(server, key), 401);
  });

  test("users see and revoke their own keys, administrators all", async () => {
    const { server, admin, bob } = await started();
    const own = await make(server, bob, { name: "mine", scopes: ["ingest"], space: "shop" });
    const foreign = await make(server, admin, { name: "yours", scopes: ["ingest"] });
    const names = async (token: string) =>
      (await expectStatus(await server.call("GET", "/scouter/api-keys", { token }), 200)).api_keys
        .map((key: { name: string; owner: string }) => `${key.owner} ${key.name}`).toSorted();
    assert.deepEqual(await names(bob), ["bob mine"]);
    assert.deepEqual(await names(admin), ["bob mine", "root yours"]);
    const revoke = (token: string, id: string) =>
      server.call("DELETE", `/scouter/api-keys/${id}`, { token });
    await expectStatus(await revoke(bob, foreign.api_key.id), 404);
    const second = await make(server, bob, { name: "second", scopes: ["ingest"], space: "shop" });
    // A stolen key neither ends its neighbours nor touches its owner's account.
    assert.deepEqual(await names(second.key), ["bob second"]);
    await expectStatus(await revoke(second.key, own.api_key.id), 404);
    await expectStatus(await server.call("GET", "/scouter/user/bob", { token: second.key }), 403);
    const password = { password: "set by a thief" };
    await expectStatus(
      await server.call("PUT", "/scouter/user/bob", { token: second.key, body: password }),
      403,
    );
    await expectStatus(await revoke(second.key, second.api_key.id), 200);
    await expectStatus(await revoke(bob, own.api_key.id), 200);
  });

  test("its last use is noted at most once a minute", async () => {
    const { server, admin } = await started();
    const { key, api_key } = await make(server, admin, { name: "k", scopes: ["read"] });
    assert.equal(api_key.last_used_at, null);
    const lastUsed = async () => {
      await read(server, key);
      await server.auth.close();
      const list = await expectStatus(
        await server.call("GET", "/scouter/api-keys", { token: admin }),
        200,
      );
      return list.api_keys[0].last_used_at;
    };
    assert.equal(await lastUsed(), "2026-03-01T12:00:00.000Z");
    server.clock.advance(59);
    assert.equal(await lastUsed(), "2026-03-01T12:00:00.000Z");
    server.clock.advance(1);
    assert.equal(await lastUsed(), "2026-03-01T12:01:00.000Z");
  });

  test("a known key costs no query", async () => {
    const { server, admin } = await started();
    const { key } = await make(server, admin, { name: "k", scopes: ["ingest"] });
    const headers = new Headers({ authorization: `Bearer ${key}` });
    const first = await server.auth.authenticator.authenticate(headers);
    await server.auth.close();
    await database().db.deleteFrom("scouter.api_keys").execute();
    assert.equal(await server.auth.authenticator.authenticate(headers), first);
    server.auth.authenticator.forget();
    await assert.rejects(server.auth.authenticator.authenticate(headers), /revoked/);
  });

  test("a request for a key that makes no sense is a bad request", async () => {
    const { server, admin } = await started();
    const unfit = [
      { scopes: ["read"] },
      { name: "", scopes: ["read"] },
      { name: "k", scopes: [] },
      { name: "k", scopes: ["fly"] },
      { name: "k", scopes: ["read"], expires_at: "tomorrow" },
      { name: "k", scopes: ["admin"], space: "shop" },
    ];
    for (const body of unfit) {
      await expectStatus(
        await server.call("POST", "/scouter/api-keys", { token: admin, body }),
        400,
      );
    }
  });
});
