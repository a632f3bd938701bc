import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { onBothDatabases } from "../../support/databases.ts";
import { ADMIN, Clock, expectStatus, SECRET, startAuth } from "./support.ts";

const ANN = { username: "ann", password: "a longer password" };

onBothDatabases("logging in", ({ database, clear, test }) => {
  const started = async () => {
    await clear();
    const server = await startAuth(database(), { accessSecret: SECRET });
    const admin = await server.login(ADMIN.username, ADMIN.password);
    await expectStatus(
      await server.call("POST", "/scouter/user", { token: admin.token, body: ANN }),
      200,
    );
    return { server, admin: admin.token };
  };

  test("by headers answers with a token that carries the user's permissions", async () => {
    const { server } = await started();
    const response = await server.call("GET", "/scouter/auth/login", {
      headers: { Username: ADMIN.username, Password: ADMIN.password },
    });
    const { token } = await expectStatus(response, 200);
    const [header = "", payload = "", signature] = token.split(".");
    assert.deepEqual(JSON.parse(atob(header)).alg, "HS256");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    assert.equal(claims.sub, "root");
    assert.equal(claims.exp, Date.parse("2026-03-01T13:00:00Z") / 1000);
    assert.deepEqual(claims.permissions, ["read:all", "write:all", "delete:all"]);
    assert.deepEqual(claims.group_permissions, ["user", "admin"]);
    assert.match(claims.salt, /^[0-9a-zA-Z]{16}$/);
    // The key is the bytes of the secret's text, so that other verifiers can be given the same setting.
    const expected = createHmac("sha256", SECRET).update(`${header}.${payload}`).digest(
      "base64url",
    );
    assert.equal(signature, expected);
  });

  test("a missing header is a bad request that names it", async () => {
    const { server } = await started();
    const response = await server.call("GET", "/scouter/auth/login", {
      headers: { Username: "x" },
    });
    const body = await expectStatus(response, 400);
    assert.equal(body.code, "BAD_REQUEST");
    assert.match(body.error, /Password/);
  });

  test("an unknown user, a wrong password and an inactive user get the same answer", async () => {
    const { server, admin } = await started();
    await server.call("PUT", "/scouter/user/ann", { token: admin, body: { active: false } });
    const answers = new Set<string>();
    const attempts = [["nobody", "x"], ["root", "wrong"], ["ann", ANN.password], ["root", ""], [
      "",
      "",
    ]];
    for (const [username = "", password = ""] of attempts) {
      const response = await server.call("POST", "/scouter/auth/login", {
        body: { username, password },
        address: `192.0.2.${answers.size + 10}`,
      });
      answers.add(`${response.status} ${await response.text()}`);
    }
    assert.equal(answers.size, 1);
    assert.match([...answers][0] ?? "", /^401 .*"code":"UNAUTHORIZED"/);
  });

  test("guessing is slowed from the fourth try on, for this user and address only", async () => {
    const { server } = await started();
    const attempt = (password: string, address = "198.51.100.7") =>
      server.call("POST", "/scouter/auth/login", { body: { username: "ann", password }, address });
    for (const _ of [1, 2, 3]) await expectStatus(await attempt("wrong"), 401);
    const blocked = await attempt(ANN.password);
    assert.equal(blocked.headers.get("retry-after"), "1");
    assert.equal((await expectStatus(blocked, 429)).code, "RATE_LIMITED");
    await expectStatus(await attempt(ANN.password, "203.0.113.9"), 200);
    server.clock.advance(1.1);
    await expectStatus(await attempt("wrong"), 401);
    assert.equal((await attempt(ANN.password)).headers.get("retry-after"), "2");
    server.clock.advance(2.1);
    await expectStatus(await attempt(ANN.password), 200);
    await expectStatus(await attempt("wrong"), 401);
  });

  test("hostile names and passwords are refused without harm", async () => {
    const { server } = await started();
    const names = [
      "' or '1'='1",
      "root'; drop table scouter.users; --",
      "root\0",
      "\ud800",
      "x".repeat(500_000),
    ];
    for (const [i, username] of names.entries()) {
      const response = await server.call("POST", "/scouter/auth/login", {
        body: { username, password: "' or ''='" },
        address: `192.0.2.${i}`,
      });
      await expectStatus(response, 401);
    }
    await expectStatus(
      await server.call("POST", "/scouter/auth/login", {
        body: { ...ADMIN, password: "p".repeat(500_000) },
      }),
      401,
    );
    await server.login(ADMIN.username, ADMIN.password);
  });

  test("a body that is not what it should be is a bad request that hides the password", async () => {
    const { server } = await started();
    const post = (body: unknown) => server.call("POST", "/scouter/auth/login", { body });
    assert.match((await expectStatus(await post("{"), 400)).error, /not JSON/);
    const wrong = await expectStatus(await post({ username: 5, password: { hunter: 2 } }), 400);
    assert.match(wrong.error, /body field "username" \(5\)/);
    assert.doesNotMatch(wrong.error, /hunter/);
    await expectStatus(await post({ ...ADMIN, unknown: true }), 200);
    await expectStatus(await post({ ...ADMIN, padding: "x".repeat(2_000_000) }), 413);
  });

  test("a name with letters beyond ASCII works in JSON, in headers and in paths", async () => {
    const { server, admin } = await started();
    const composed = "Zoë 日本";
    const decomposed = composed.normalize("NFD");
    assert.notEqual(composed, decomposed);
    const made = { username: decomposed, password: "täglich grüßt" };
    await expectStatus(
      await server.call("POST", "/scouter/user", { token: admin, body: made }),
      200,
    );
    await server.login(composed, made.password);
    // Header values are bytes; a client sends UTF-8 and the platform shows one character a byte.
    const asBytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");
    const response = await server.call("GET", "/scouter/auth/login", {
      headers: { Username: asBytes(composed), Password: asBytes(made.password) },
    });
    await expectStatus(response, 200);
    const path = `/scouter/user/${encodeURIComponent(composed)}`;
    const user = await expectStatus(await server.call("GET", path, { token: admin }), 200);
    assert.equal(user.username, composed.normalize("NFC"));
  });

  test("a forged, altered, unsigned or enormous token is refused", async () => {
    const { server } = await started();
    const { token } = await server.login(ADMIN.username, ADMIN.password);
    const [header = "", payload = "", signature = ""] = token.split(".");
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const sign = (secret: string, text: string) =>
      createHmac("sha256", secret).update(text).digest("base64url");
    const claims = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), sub: "ann" };
    const altered = `${header}.${encode(claims)}`;
    const none = `${encode({ alg: "none" })}.${payload}`;
    const bare = `${header}.${encode({ sub: "root" })}`;
    const tokens = [
      `${altered}.${signature}`,
      `${altered}.${sign("another secret of thirty-two bytes", altered)}`,
      `${none}.`,
      `${bare}.${sign(SECRET, bare)}`,
      // Signed truly, but the login belongs to somebody else.
      `${altered}.${sign(SECRET, altered)}`,
      `${token}x`,
      "x".repeat(100_000),
      "..",
    ];
    for (const forged of tokens) {
      await expectStatus(
        await server.call("GET", "/scouter/auth/validate", { token: forged }),
        401,
      );
    }
    for (
      const authorization of ["Bearer", "Basic cm9vdDp4", `Bearer ${token} x`, "x".repeat(100_000)]
    ) {
      const response = await server.call("GET", "/scouter/auth/validate", {
        headers: { authorization },
      });
      await expectStatus(response, 401);
    }
    await expectStatus(await server.call("GET", "/scouter/auth/validate", { token }), 200);
  });

  test("the cookie counts for requests of this site and not for those of another", async () => {
    const { server } = await started();
    const { token } = await server.login(ADMIN.username, ADMIN.password);
    const validate = (headers: Record<string, string>) =>
      server.call("GET", "/scouter/auth/validate", {
        headers: { cookie: `a=b; access_token=${token}`, ...headers },
      });
    await expectStatus(await validate({}), 200);
    await expectStatus(await validate({ "sec-fetch-site": "same-origin" }), 200);
    await expectStatus(await validate({ "sec-fetch-site": "cross-site" }), 401);
    await expectStatus(
      await validate({ origin: "https://evil.example", host: "localhost:8000" }),
      401,
    );
  });

  test("tokens are worth nothing after the server got another secret", async () => {
    await clear();
    const before = await startAuth(database(), { accessSecret: SECRET });
    const { token } = await before.login(ADMIN.username, ADMIN.password);
    const after = await startAuth(database(), { accessSecret: `${SECRET}!` });
    await expectStatus(await after.call("GET", "/scouter/auth/validate", { token }), 401);
  });

  test("a generated secret is kept, so that tokens outlive a restart", async () => {
    await clear();
    const clock = new Clock();
    const before = await startAuth(database(), {}, clock);
    const { token } = await before.login(ADMIN.username, ADMIN.password);
    const after = await startAuth(database(), {}, clock);
    await expectStatus(await after.call("GET", "/scouter/auth/validate", { token }), 200);
  });
});
