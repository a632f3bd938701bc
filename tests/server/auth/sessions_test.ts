import assert from "node:assert/strict";
import { onBothDatabases } from "../../support/databases.ts";
import { ADMIN, expectStatus, startAuth, type TestServer } from "./support.ts";

const ANN = { username: "ann", password: "a longer password" };
const HOUR = 3600;

onBothDatabases("sessions", ({ database, clear, test }) => {
  const started = async () => {
    await clear();
    const server = await startAuth(database());
    const admin = await server.login(ADMIN.username, ADMIN.password);
    await expectStatus(
      await server.call("POST", "/scouter/user", { token: admin.token, body: ANN }),
      200,
    );
    return { server, admin: admin.token };
  };
  const validate = (server: TestServer, token: string) =>
    server.call("GET", "/scouter/auth/validate", { token });
  const refresh = (server: TestServer, refresh_token: string) =>
    server.call("POST", "/scouter/auth/refresh", { body: { refresh_token } });

  test("an expired access token is renewed on the way while its login lives", async () => {
    const { server } = await started();
    const { token } = await server.login(ANN.username, ANN.password);
    const fresh = await validate(server, token);
    assert.equal(fresh.headers.get("authorization"), null);
    await expectStatus(fresh, 200);
    server.clock.advance(2 * HOUR);
    const response = await validate(server, token);
    const renewed = response.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    await expectStatus(response, 200);
    const second = await validate(server, renewed);
    assert.equal(second.headers.get("authorization"), null);
    await expectStatus(second, 200);
  });

  test("an access token that expired longer ago than a login lives is not renewed", async () => {
    const { server } = await started();
    const { token, refresh_token } = await server.login(ANN.username, ANN.password);
    server.clock.advance(20 * HOUR);
    // The login itself is kept alive by its refresh token.
    const body = await expectStatus(await refresh(server, refresh_token), 200);
    server.clock.advance(6 * HOUR);
    await expectStatus(await validate(server, token), 401);
    await expectStatus(await server.call("GET", "/scouter/auth/refresh", { token }), 401);
    await expectStatus(await refresh(server, body.refresh_token), 200);
  });

  test("a login not used for a day is over", async () => {
    const { server } = await started();
    const { token, refresh_token } = await server.login(ANN.username, ANN.password);
    server.clock.advance(24 * HOUR + 1);
    await expectStatus(await server.call("GET", "/scouter/auth/refresh", { token }), 401);
    await expectStatus(await refresh(server, refresh_token), 401);
  });

  test("a login used every day is over after thirty days", async () => {
    const { server } = await started();
    let { refresh_token } = await server.login(ANN.username, ANN.password);
    for (let day = 0; day < 30; day++) {
      server.clock.advance(23.9 * HOUR);
      refresh_token = (await expectStatus(await refresh(server, refresh_token), 200)).refresh_token;
    }
    server.clock.advance(23.9 * HOUR);
    await expectStatus(await refresh(server, refresh_token), 401);
  });

  test("GET refresh takes the access token, expired or not, as older clients send it", async () => {
    const { server } = await started();
    const { token } = await server.login(ANN.username, ANN.password);
    server.clock.advance(5 * HOUR);
    const body = await expectStatus(
      await server.call("GET", "/scouter/auth/refresh", { token }),
      200,
    );
    await expectStatus(await validate(server, body.token), 200);
    await expectStatus(await server.call("GET", "/scouter/auth/refresh"), 401);
  });

  test("a refresh token works once; used again later it ends the login", async () => {
    const { server } = await started();
    const { refresh_token } = await server.login(ANN.username, ANN.password);
    const second = await expectStatus(await refresh(server, refresh_token), 200);
    await expectStatus(await refresh(server, refresh_token), 401);
    await expectStatus(await validate(server, second.token), 200);
    const third = await expectStatus(await refresh(server, second.refresh_token), 200);
    server.clock.advance(60);
    await expectStatus(await refresh(server, second.refresh_token), 401);
    await expectStatus(await refresh(server, third.refresh_token), 401);
    await expectStatus(await validate(server, third.token), 401);
  });

  test("two logins of one user refresh at the same time without disturbing each other", async () => {
    const { server } = await started();
    const logins = await Promise.all([1, 2].map(() => server.login(ANN.username, ANN.password)));
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(
        logins.map((login) => refresh(server, login.refresh_token)),
      );
      for (const [i, answer] of answers.entries()) logins[i] = await expectStatus(answer, 200);
    }
    const [one, two] = logins;
    await expectStatus(
      await server.call("POST", "/scouter/auth/logout", { token: one?.token ?? "" }),
      200,
    );
    await expectStatus(await validate(server, one?.token ?? ""), 401);
    await expectStatus(await validate(server, two?.token ?? ""), 200);
  });

  test("of many refreshes with one token at the same time exactly one succeeds", async () => {
    const { server } = await started();
    const { refresh_token } = await server.login(ANN.username, ANN.password);
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async () => (await refresh(server, refresh_token)).status),
    );
    assert.deepEqual(statuses.toSorted(), [200, ...Array<number>(9).fill(401)]);
  });

  test("logging out by refresh token ends the login", async () => {
    const { server } = await started();
    const { token, refresh_token } = await server.login(ANN.username, ANN.password);
    await expectStatus(
      await server.call("POST", "/scouter/auth/logout", { body: { refresh_token } }),
      200,
    );
    await expectStatus(await validate(server, token), 401);
    await expectStatus(await refresh(server, refresh_token), 401);
  });

  test("a user made inactive is out at once, and in another process within seconds", async () => {
    const { server, admin } = await started();
    const other = await startAuth(database(), {}, server.clock);
    const { token, refresh_token } = await server.login(ANN.username, ANN.password);
    await expectStatus(await validate(server, token), 200);
    await expectStatus(await validate(other, token), 200);
    const off = await server.call("PUT", "/scouter/user/ann", {
      token: admin,
      body: { active: false },
    });
    await expectStatus(off, 200);
    await expectStatus(await validate(server, token), 401);
    other.clock.advance(5);
    await expectStatus(await validate(other, token), 401);
    await expectStatus(await refresh(other, refresh_token), 401);
    await server.call("PUT", "/scouter/user/ann", { token: admin, body: { active: true } });
    await expectStatus(await validate(server, token), 401);
    await server.login(ANN.username, ANN.password);
  });

  test("a new password ends the logins made with the old one", async () => {
    const { server } = await started();
    const { token } = await server.login(ANN.username, ANN.password);
    const change = await server.call("PUT", "/scouter/user/ann", {
      token,
      body: { password: "another password" },
    });
    await expectStatus(change, 200);
    await expectStatus(await validate(server, token), 401);
    await server.login(ANN.username, "another password");
  });

  test("permissions taken away are gone from tokens issued before", async () => {
    const { server, admin } = await started();
    const { token } = await server.login(ANN.username, ANN.password);
    const read = () => server.call("GET", "/scouter/tags?entity_type=a&entity_id=b", { token });
    await expectStatus(await read(), 200);
    await server.call("PUT", "/scouter/user/ann", { token: admin, body: { permissions: [] } });
    await expectStatus(await read(), 403);
  });
});
