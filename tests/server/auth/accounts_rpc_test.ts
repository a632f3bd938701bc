import assert from "node:assert/strict";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { AccountsService, SessionService } from "../../../sdk/gen/scouter/v1/accounts_pb.ts";
import { accountsService } from "../../../server/rpc/accounts_service.ts";
import { rpcInterceptor } from "../../../server/rpc/context.ts";
import { sessionService } from "../../../server/rpc/session_service.ts";
import { onBothDatabases } from "../../support/databases.ts";
import { NO_METRICS } from "../traces/fixture.ts";
import { ADMIN, startAuth } from "./support.ts";

const ANN = { username: "ann", password: "a longer password" };

onBothDatabases("people, keys and logins over RPC", ({ database, clear, test }) => {
  const started = async (bare = false) => {
    await clear();
    const { auth, clock } = await startAuth(
      database(),
      bare ? { defaultUsername: "", defaultPassword: "" } : {},
    );
    const { authenticator, accounts, apiKeys, logins, bootstrap } = auth;
    const transport = createRouterTransport((router) => {
      accountsService({
        authority: authenticator,
        accounts,
        apiKeys,
        forget: () => authenticator.forget(),
      }).register(router);
      sessionService({ authority: authenticator, logins, bootstrap }).register(router);
    }, { router: { interceptors: [rpcInterceptor(authenticator, NO_METRICS)] } });
    const session = createClient(SessionService, transport);
    /** Logs in, and returns options that carry the cookie, and the cookie's attributes. */
    const login = async (who: { username: string; password: string }, cookiePath = "") => {
      let header = "";
      await session.logIn({ ...who, cookiePath }, {
        onHeader: (headers) => void (header = headers.get("set-cookie") ?? ""),
      });
      const [cookie = "", ...attributes] = header.split("; ");
      return { options: { headers: { cookie } }, attributes };
    };
    return { auth, clock, session, login, asked: createClient(AccountsService, transport) };
  };
  const refusedWith = (code: Code, pattern: RegExp) => (thrown: unknown) =>
    thrown instanceof ConnectError && thrown.code === code && pattern.test(thrown.rawMessage);

  test("a login is a cookie for the page's folder that scripts cannot read", async () => {
    const { login, asked, session } = await started();
    const { options, attributes } = await login(ADMIN, "/ops/scouter/");
    assert.deepEqual(attributes, [
      "Path=/ops/scouter/",
      "HttpOnly",
      "SameSite=Strict",
      "Max-Age=86400",
    ]);
    const self = await asked.getSelf({}, options);
    assert.deepEqual(
      [self.username, self.admin, self.via, self.loginRequired],
      ["root", true, "token", true],
    );
    let ended = "";
    await session.logOut({ cookiePath: "/ops/scouter/" }, {
      ...options,
      onHeader: (headers) => void (ended = headers.get("set-cookie") ?? ""),
    });
    assert.match(ended, /^access_token=; Path=\/ops\/scouter\/; .*Max-Age=0$/);
    await assert.rejects(asked.getSelf({}, options), refusedWith(Code.Unauthenticated, /ended/));
    for (const cookiePath of ["ops", "/a;Domain=evil", "/a b", "/a\r\nx: y"]) {
      await assert.rejects(
        session.logIn({ ...ADMIN, cookiePath }),
        refusedWith(Code.InvalidArgument, /cookie_path/),
      );
    }
  });

  test("a cookie counts for nothing when another site sends it", async () => {
    const { login, asked } = await started();
    const { options } = await login(ADMIN);
    await assert.rejects(
      asked.getSelf({}, { headers: { ...options.headers, "sec-fetch-site": "cross-site" } }),
      refusedWith(Code.Unauthenticated, /./),
    );
  });

  test("an unknown name and a wrong password are refused alike, then all for a while", async () => {
    const { session, clock } = await started();
    const said = new Set<string>();
    for (const username of [ADMIN.username, "nobody"]) {
      for (let attempt = 0; attempt < 3; attempt++) {
        await session.logIn({ username, password: "wrong horse battery" }).catch((thrown) =>
          said.add(ConnectError.from(thrown).rawMessage)
        );
      }
    }
    assert.equal(said.size, 1);
    const locked = await session.logIn(ADMIN).then(() => null, ConnectError.from);
    assert.equal(locked?.code, Code.ResourceExhausted);
    assert.equal(locked?.metadata.get("retry-after"), "1");
    clock.advance(2);
    await session.logIn(ADMIN);
  });

  test("the one-time link makes the first administrator, once", async () => {
    const { session, auth } = await started(true);
    assert.deepEqual(
      await session.getLoginState({}).then((state) => [state.loginRequired, state.needsFirstAdmin]),
      [true, true],
    );
    const token = auth.outcome?.kind === "link" ? auth.outcome.token : "";
    await assert.rejects(
      session.createFirstAdmin({ ...ADMIN, token: "bt_guessed" }),
      refusedWith(Code.Unauthenticated, /one-time link/),
    );
    let cookie = "";
    const { recoveryCodes } = await session.createFirstAdmin({ ...ADMIN, token }, {
      onHeader: (headers) => void (cookie = headers.get("set-cookie") ?? ""),
    });
    assert.equal(new Set(recoveryCodes).size, 4);
    assert.match(cookie, /^access_token=[^;]{20,}; Path=\/; HttpOnly/);
    assert.equal((await session.getLoginState({})).needsFirstAdmin, false);
    await assert.rejects(
      session.createFirstAdmin({ ...ANN, token }),
      refusedWith(
        Code.AlreadyExists,
        /an administrator already/,
      ),
    );
    const [code = ""] = recoveryCodes;
    const reset = { username: ADMIN.username, recoveryCode: code, newPassword: "another password" };
    await session.resetPassword(reset);
    await session.logIn({ ...ADMIN, password: "another password" });
    await assert.rejects(session.resetPassword(reset), refusedWith(Code.Unauthenticated, /code/));
  });

  test("an administrator makes, changes and removes users; others see themselves only", async () => {
    const { login, asked } = await started();
    const root = (await login(ADMIN)).options;
    const { user, recoveryCodes } = await asked.createUser(
      { ...ANN, permissions: ["read:shop"] },
      root,
    );
    assert.equal(recoveryCodes.length, 4);
    assert.deepEqual([user?.admin, user?.active, user?.permissions], [false, true, ["read:shop"]]);
    const ann = (await login(ANN)).options;
    const denied = refusedWith(Code.PermissionDenied, /not an administrator/);
    await assert.rejects(asked.listUsers({}, ann), denied);
    await assert.rejects(asked.createUser({ ...ANN, username: "bob" }, ann), denied);
    await assert.rejects(asked.deleteUser({ username: "root" }, ann), denied);
    // What is for administrators is passed over, as it is over REST.
    await asked.updateUser({ username: "ann", admin: true }, ann);
    assert.deepEqual(
      (await asked.listUsers({}, root)).users.map(({ username, admin }) => [username, admin]),
      [["ann", false], ["root", true]],
    );
    await asked.updateUser({ username: "ann", admin: true }, root);
    assert.equal((await asked.getSelf({}, ann)).admin, true);
    await asked.updateUser({ username: "ann", admin: false, active: false }, root);
    await assert.rejects(asked.getSelf({}, ann), refusedWith(Code.Unauthenticated, /./));
    await assert.rejects(
      asked.updateUser({ username: "root", admin: false }, root),
      refusedWith(Code.PermissionDenied, /last active administrator/),
    );
    await assert.rejects(
      asked.createUser({ ...ANN, username: "bob", permissions: ["fly:all"] }, root),
      refusedWith(Code.InvalidArgument, /fly:all/),
    );
    await asked.deleteUser({ username: "ann" }, root);
    assert.equal((await asked.listUsers({}, root)).users.length, 1);
  });

  test("a key is told once, does no more than it may, and ends at once", async () => {
    const { login, asked, clock } = await started();
    const root = (await login(ADMIN)).options;
    await asked.createUser({ ...ANN, permissions: ["read:all", "ingest:shop"] }, root);
    const ann = (await login(ANN)).options;
    const expiresUs = BigInt(clock.ms + 60_000) * 1000n;
    const { key, stored } = await asked.createApiKey(
      { name: " reader ", scopes: ["read"], expiresUs },
      ann,
    );
    assert.equal(stored?.name, "reader");
    assert.equal(stored?.owner, "ann");
    assert.equal(stored?.expiresUs, expiresUs);
    const byKey = { headers: { authorization: `Bearer ${key}` } };
    const self = await asked.getSelf({}, byKey);
    assert.deepEqual([self.via, self.admin, self.permissions], ["api_key", false, ["read:all"]]);
    const denied = refusedWith(Code.PermissionDenied, /./);
    await assert.rejects(asked.createApiKey({ name: "x", scopes: ["admin"] }, ann), denied);
    await assert.rejects(asked.createApiKey({ name: "x", scopes: ["ingest"] }, ann), denied);
    await assert.rejects(asked.createApiKey({ name: "x", scopes: ["read"] }, byKey), denied);
    const limited = await asked.createApiKey(
      { name: "shop", scopes: ["ingest"], space: "shop" },
      ann,
    );
    assert.equal(limited.stored?.space, "shop");
    const everything = JSON.stringify(
      await asked.listApiKeys({}, root),
      (_, value) => typeof value === "bigint" ? String(value) : value,
    );
    assert.ok(!everything.includes(key) && everything.includes(key.slice(0, 9)));
    await asked.revokeApiKey({ id: stored?.id ?? "" }, ann);
    await assert.rejects(asked.getSelf({}, byKey), refusedWith(Code.Unauthenticated, /revoked/));
    await assert.rejects(
      asked.revokeApiKey({ id: stored?.id ?? "" }, ann),
      refusedWith(Code.NotFound, /./),
    );
    for (
      const wrong of [
        { name: "", scopes: ["read"] },
        { name: "x", scopes: [] },
        { name: "x", scopes: ["fly"] },
      ]
    ) {
      await assert.rejects(asked.createApiKey(wrong, root), refusedWith(Code.InvalidArgument, /./));
    }
  });
});
