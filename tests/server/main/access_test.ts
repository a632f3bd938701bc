import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { createGrpcTransport } from "@connectrpc/connect-node";
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AuthService } from "../../../sdk/gen/scouter/grpc/v1/auth_pb.ts";
import { MessageService } from "../../../sdk/gen/scouter/grpc/v1/message_pb.ts";
import { type ServerProcess, startServerProcess } from "../../support/server_process.ts";

const PASSWORD = "correct horse battery staple";
const TAG = new TextEncoder().encode(
  JSON.stringify({ entity_type: "trace", entity_id: "ab".repeat(16), key: "env", value: "prod" }),
);

describe("a server that requires a login", () => {
  let server: ServerProcess;
  before(async () => {
    server = await startServerProcess({
      env: {
        SCOUTER_AUTH: "required",
        SCOUTER_DEFAULT_USERNAME: "root",
        SCOUTER_DEFAULT_PASSWORD: PASSWORD,
      },
    });
  });
  after(() => server[Symbol.asyncDispose]());

  const grpc = () => createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.grpcPort}` });
  const web = () => createConnectTransport({ baseUrl: server.httpUrl });
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const hasCode = (code: Code) => (error: unknown) =>
    error instanceof ConnectError && error.code === code;
  const login = async () =>
    (await createClient(AuthService, grpc()).login({ username: "root", password: PASSWORD })).token;

  it("refuses spans, queries and calls without one", async () => {
    for (const path of ["/v1/traces", "/scouter/message", "/scouter/trace/paginated"]) {
      const response = await fetch(`${server.httpUrl}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      });
      await response.body?.cancel();
      assert.equal(response.status, 401, path);
    }
    for (const transport of [grpc(), web()]) {
      const client = createClient(MessageService, transport);
      await assert.rejects(
        client.insertMessage({ messageRecord: TAG }),
        hasCode(Code.Unauthenticated),
      );
    }
  });

  it("keeps health and metrics open", async () => {
    for (const path of ["/health/live", "/health/ready", "/metrics", "/scouter/healthcheck"]) {
      const response = await fetch(`${server.httpUrl}${path}`);
      await response.body?.cancel();
      assert.equal(response.status, 200, path);
    }
  });

  it("gives one token for gRPC, Connect and HTTP", async () => {
    const token = await login();
    for (const transport of [grpc(), web()]) {
      const answer = await createClient(MessageService, transport)
        .insertMessage({ messageRecord: TAG }, bearer(token));
      assert.equal(answer.status, "success");
    }
    const response = await fetch(
      `${server.httpUrl}/scouter/tags?entity_type=trace&entity_id=${"ab".repeat(16)}`,
      bearer(token),
    );
    assert.equal((await response.json()).tags[0].value, "prod");
  });

  it("tells valid tokens from others, and renews them", async () => {
    const client = createClient(AuthService, web());
    const token = await login();
    assert.equal((await client.validateToken({ token })).isAuthenticated, true);
    assert.equal((await client.validateToken({ token: "x.y.z" })).isAuthenticated, false);
    const renewed = await client.refreshToken({ accessToken: token });
    assert.equal((await client.validateToken({ token: renewed.token })).isAuthenticated, true);
  });

  it("does not say whether the name or the password was wrong", async () => {
    const client = createClient(AuthService, grpc());
    const wrong = async (username: string, password: string) =>
      await client.login({ username, password }).then(
        () => assert.fail("logged in"),
        (error: ConnectError) => error.message,
      );
    assert.equal(await wrong("root", "wrong"), await wrong("nobody", PASSWORD));
  });
});
