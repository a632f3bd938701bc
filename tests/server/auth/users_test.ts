import assert from "node:assert/strict";
import { onBothDatabases } from "../../support/databases.ts";
import { ADMIN, expectStatus, startAuth, type TestServer } from "./support.ts";

const ANN = { username: "ann", password: "a longer password", email: "ann@example.com" };

onBothDatabases("users", ({ database, clear, test }) => {
  const started = async () => {
    await clear();
    const server = await startAuth(database());
    const admin = await server.login(ADMIN.username, ADMIN.password);
    const created = await expectStatus(
      await server.call("POST", "/scouter/user", { token: admin.token, body: ANN }),
      200,
    );
    const ann = await server.login(ANN.username, ANN.password);
    return { server, admin: admin.token, ann: ann.token, created };
  };
  const recover = (
    server: TestServer,
    username: string,
    recovery_code: string,
    new_password: string,
  ) =>
    server.call("POST", "/scouter/auth/recovery", {
      body: { username, recovery_code, new_password },
    });

  test("a new user gets the usual rights and four recovery codes", async () => {
    const { created } = await started();
    assert.deepEqual(created.user, {
      username: "ann",
      email: "ann@example.com",
      active: true,
      role: "user",
      permissions: ["read:all"],
      group_permissions: ["user"],
      favorite_spaces: [],
    });
    assert.equal(new Set(created.recovery_codes).size, 4);
    assert.equal(typeof created.message, "string");
  });

  test("neither passwords nor codes are stored as they are", async () => {
    const { created } = await started();
    const { db } = database();
    const everything = JSON.stringify([
      await db.selectFrom("scouter.users").selectAll().execute(),
      await db.selectFrom("scouter.recovery_codes").selectAll().execute(),
      await db.selectFrom("scouter.sessions").selectAll().execute(),
    ]);
    for (const secret of [ANN.password, ADMIN.password, ...created.recovery_codes]) {
      assert.ok(!everything.includes(secret));
    }
    assert.match(everything, /\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test("a taken name, a taken mail address and an unfit name or password are refused", async () => {
    const { server, admin } = await started();
    const post = (body: unknown) => server.call("POST", "/scouter/user", { token: admin, body });
    assert.equal((await expectStatus(await post(ANN), 409)).code, "CONFLICT");
    await expectStatus(await post({ ...ANN, username: "bob" }), 409);
    for (
      const unfit of [
        { username: "", password: ANN.password },
        { username: "  ", password: ANN.password },
        { username: "x".repeat(129), password: ANN.password },
        { username: "ann\u200b", password: ANN.password },
        { username: "ann\0", password: ANN.password },
        { username: "\ud800", password: ANN.password },
        { username: "bob", password: "short" },
        { username: "bob", password: "password" },
        { username: "bob the builder", password: "Bob the builder" },
        { username: "bob", password: "p".repeat(1025) },
        { username: "bob", password: ANN.password, permissions: ["everything"] },
      ]
    ) {
      const body = await expectStatus(await post(unfit), 400);
      assert.equal(body.code, "BAD_REQUEST");
    }
    const users = await expectStatus(
      await server.call("GET", "/scouter/user", { token: admin }),
      200,
    );
    assert.deepEqual(users.users.map((user: { username: string }) => user.username), [
      "ann",
      "root",
    ]);
  });

  test("users see and change themselves only, and cannot give themselves rights", async () => {
    const { server, ann } = await started();
    const call = (method: string, path: string, body?: unknown) =>
      server.call(method, path, { token: ann, ...(body === undefined ? {} : { body }) });
    assert.equal(
      (await expectStatus(await call("GET", "/scouter/user"), 403)).code,
      "ADMIN_REQUIRED",
    );
    await expectStatus(await call("POST", "/scouter/user", { ...ANN, username: "eve" }), 403);
    await expectStatus(await call("GET", "/scouter/user/root"), 403);
    await expectStatus(
      await call("PUT", "/scouter/user/root", { password: "mine from now on" }),
      403,
    );
    await expectStatus(await call("DELETE", "/scouter/user/root"), 403);
    const changed = await expectStatus(
      await call("PUT", "/scouter/user/ann", {
        favorite_spaces: ["a", "b", "a"],
        permissions: ["write:all"],
        group_permissions: ["admin"],
        active: true,
      }),
      200,
    );
    assert.deepEqual(changed.favorite_spaces, ["a", "b"]);
    assert.deepEqual(changed.permissions, ["read:all"]);
    assert.deepEqual(changed.group_permissions, ["user"]);
    assert.equal((await expectStatus(await call("GET", "/scouter/user/ann"), 200)).username, "ann");
  });

  test("the last administrator can be neither removed, nor made inactive, nor a plain user", async () => {
    const { server, admin } = await started();
    const put = (username: string, body: unknown) =>
      server.call("PUT", `/scouter/user/${username}`, { token: admin, body });
    await expectStatus(await server.call("DELETE", "/scouter/user/root", { token: admin }), 403);
    await expectStatus(await put("root", { active: false }), 403);
    await expectStatus(await put("root", { group_permissions: ["user"] }), 403);
    // The role is a label; the group decides.
    await expectStatus(await put("ann", { group_permissions: ["admin"], active: false }), 200);
    await expectStatus(await server.call("DELETE", "/scouter/user/root", { token: admin }), 403);
    await expectStatus(await put("ann", { active: true }), 200);
    await expectStatus(await server.call("DELETE", "/scouter/user/root", { token: admin }), 200);
    await expectStatus(await server.call("GET", "/scouter/user", { token: admin }), 401);
  });

  test("two administrators who remove each other at the same moment do not both succeed", async () => {
    for (let round = 0; round < 5; round++) {
      const { server, admin } = await started();
      await server.call("PUT", "/scouter/user/ann", {
        token: admin,
        body: { group_permissions: ["admin"] },
      });
      const ann = (await server.login(ANN.username, ANN.password)).token;
      await Promise.all([
        server.call("DELETE", "/scouter/user/ann", { token: admin }),
        server.call("PUT", "/scouter/user/root", { token: ann, body: { group_permissions: [] } }),
        server.call("PUT", "/scouter/user/root", { token: ann, body: { active: false } }),
      ]);
      const left = await database().db.selectFrom("scouter.users").selectAll().execute();
      assert.equal(
        left.filter((user) => user.active && user.group_permissions.includes("admin")).length,
        1,
      );
    }
  });

  test("a user that is not there is not found", async () => {
    const { server, admin } = await started();
    const name = encodeURIComponent("'; drop table users; --");
    for (const method of ["GET", "DELETE"]) {
      const response = await server.call(method, `/scouter/user/${name}`, { token: admin });
      assert.equal((await expectStatus(response, 404)).code, "NOT_FOUND");
    }
    await expectStatus(
      await server.call("PUT", "/scouter/user/none", { token: admin, body: {} }),
      404,
    );
  });

  test("a recovery code sets a new password once, however it is typed, and ends all logins", async () => {
    const { server, ann, created } = await started();
    const [first = "", second = ""] = created.recovery_codes;
    const typed = ` ${first.toLowerCase().replaceAll("-", " ")} `;
    await expectStatus(await recover(server, "ann", typed, "recovered password"), 200);
    await expectStatus(await server.call("GET", "/scouter/auth/validate", { token: ann }), 401);
    await server.login("ann", "recovered password");
    await expectStatus(await recover(server, "ann", first, "stolen password"), 401);
    await expectStatus(await recover(server, "root", second, "stolen password"), 401);
    await expectStatus(await recover(server, "ann", second, "short"), 400);
    await expectStatus(await recover(server, "ann", second, "second recovery"), 200);
  });

  test("guessing recovery codes is slowed, for unknown users too", async () => {
    const { server } = await started();
    for (const username of ["ann", "nobody"]) {
      const codes = new Set<string>();
      for (let i = 0; i < 4; i++) {
        const response = await recover(
          server,
          username,
          `AAAA-AAAA-AAAA-AAA${i}`,
          "whatever it is",
        );
        codes.add(String(response.status));
      }
      assert.deepEqual([...codes], ["401", "429"]);
    }
  });

  test("an inactive user cannot recover", async () => {
    const { server, admin, created } = await started();
    await server.call("PUT", "/scouter/user/ann", { token: admin, body: { active: false } });
    await expectStatus(
      await recover(server, "ann", created.recovery_codes[0], "recovered password"),
      401,
    );
    await server.call("PUT", "/scouter/user/ann", { token: admin, body: { active: true } });
    await expectStatus(
      await recover(server, "ann", created.recovery_codes[0], "recovered password"),
      200,
    );
  });
});
