import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { createGrpcTransport } from "@connectrpc/connect-node";
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { after, before, describe, it } from "node:test";
import { AuthService } from "../../../sdk/gen/scouter/grpc/v1/auth_pb.ts";
import { MessageService } from "../../../sdk/gen/scouter/grpc/v1/message_pb.ts";
import { AdminService } from "../../../sdk/gen/scouter/v1/admin_pb.ts";
import { type ServerProcess, startServerProcess } from "../../support/server_process.ts";

const PASSWORD = "correct horse battery staple";
const nanos = (msAgo: number) => String(BigInt(Date.now() - msAgo) * 1_000_000n);

interface SpanJson {
  traceId: string;
  spanId: string;
  agoMs?: number;
}

const otlp = (spans: readonly SpanJson[], service = "checkout") => ({
  resourceSpans: [{
    resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
    scopeSpans: [{
      spans: spans.map(({ traceId, spanId, agoMs = 0 }) => ({
        traceId,
        spanId,
        name: "work",
        startTimeUnixNano: nanos(agoMs + 5),
        endTimeUnixNano: nanos(agoMs),
      })),
    }],
  }],
});

describe("AdminService", () => {
  let server: ServerProcess;
  let root = { headers: { authorization: "" } };
  let key = { id: "", headers: { authorization: "" } };
  before(async () => {
    server = await startServerProcess({
      env: {
        SCOUTER_AUTH: "required",
        SCOUTER_DEFAULT_USERNAME: "root",
        SCOUTER_DEFAULT_PASSWORD: PASSWORD,
      },
    });
    const { token } = await createClient(AuthService, web())
      .login({ username: "root", password: PASSWORD });
    root = { headers: { authorization: `Bearer ${token}` } };
    const made = await fetch(`${server.httpUrl}/scouter/api-keys`, {
      method: "POST",
      headers: { ...root.headers, "content-type": "application/json" },
      body: JSON.stringify({ name: "checkout exporter", scopes: ["ingest"], space: "shop" }),
    });
    assert.equal(made.status, 201);
    const answer = await made.json();
    key = {
      id: answer.id ?? answer.api_key?.id,
      headers: { authorization: `Bearer ${answer.key}` },
    };
  });
  after(() => server[Symbol.asyncDispose]());

  const web = () => createConnectTransport({ baseUrl: server.httpUrl });
  const admin = () => createClient(AdminService, web());
  const send = async (body: unknown, headers: Record<string, string>) => {
    const response = await fetch(`${server.otlpHttpUrl}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };

  it("answers administrators only, whatever the protocol", async () => {
    const grpc = createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.grpcPort}` });
    for (const transport of [web(), grpc]) {
      const client = createClient(AdminService, transport);
      const calls = [
        (options: { headers: Record<string, string> }) => client.getIngestHealth({}, options),
        (options: { headers: Record<string, string> }) =>
          client.locateTrace({ traceId: "ab".repeat(16) }, options),
        (options: { headers: Record<string, string> }) => client.getStorage({}, options),
        (options: { headers: Record<string, string> }) => client.getWorkers({}, options),
        (options: { headers: Record<string, string> }) => client.getSettings({}, options),
        (options: { headers: Record<string, string> }) => client.getAbout({}, options),
      ];
      for (const call of calls) {
        const codeOf = (options: { headers: Record<string, string> }) =>
          call(options).then(() => undefined, (error) => ConnectError.from(error).code);
        assert.equal(await codeOf({ headers: {} }), Code.Unauthenticated);
        assert.equal(await codeOf({ headers: key.headers }), Code.PermissionDenied);
        assert.equal(await codeOf(root), undefined);
      }
    }
  });

  it("counts what came in by source and sender, with names of API keys", async () => {
    const traceId = "c1".repeat(16);
    const spans = [
      { traceId, spanId: "11".repeat(8) },
      { traceId, spanId: "12".repeat(8), agoMs: 3_600_000 },
      { traceId, spanId: "0".repeat(16) },
    ];
    const sent = await send(otlp(spans), key.headers);
    assert.equal(sent.status, 200);
    assert.match(sent.text, /"rejectedSpans":"1"/);
    // Once more: two known spans, and again the bad one.
    assert.equal((await send(otlp(spans), key.headers)).status, 200);
    const record = new TextEncoder().encode(
      JSON.stringify({ request: otlp([{ traceId, spanId: "13".repeat(8) }]) }),
    );
    await createClient(MessageService, web()).insertMessage({ messageRecord: record }, root);

    const health = await admin().getIngestHealth({ minutes: 5 }, root);
    const row = health.rows.find((row) =>
      row.source === "otlp-http" && row.sender?.id === `key:${key.id}`
    );
    assert.ok(row?.counts !== undefined, JSON.stringify(health.rows.map(({ sender }) => sender)));
    assert.equal(row.sender?.name, "checkout exporter");
    assert.equal(row.sender?.space, "shop");
    assert.equal(row.counts.requests, 2n);
    assert.equal(row.counts.refusedRequests, 0n);
    assert.equal(row.counts.accepted, 2n);
    assert.equal(row.counts.deduplicated, 2n);
    assert.equal(row.counts.rejected, 2n);
    assert.equal(row.counts.late, 1n);
    assert.deepEqual(
      row.counts.reasons.map(({ reason, spans, requests }) => [reason, spans, requests]),
      [["invalid_span_id", 2n, 0n]],
    );
    assert.ok(row.counts.bytes > 500n);
    const envelope = health.rows.find((row) => row.source === "envelope-grpc");
    assert.equal(envelope?.sender?.id, "user:root");
    assert.equal(envelope?.counts?.accepted, 1n);
    assert.equal(health.minutes.length, 5);
    assert.equal(
      health.minutes.reduce((sum, minute) => sum + minute.accepted, 0n),
      health.total?.accepted,
    );
    assert.ok((health.lag?.durableP50Ms ?? 0) > 0);
    assert.equal(health.lag?.backPressure, false);
    assert.equal(health.lag?.trouble, "");

    const example = health.rejectedExamples.find(({ reason }) => reason === "invalid_span_id");
    assert.equal(example?.serviceName, "checkout");
    assert.deepEqual(example?.traceIds, [traceId]);
    assert.match(example?.message ?? "", /span_id must be 8 bytes/);

    const only = await admin().getIngestHealth({ source: "envelope-grpc" }, root);
    assert.equal(only.total?.accepted, 1n);

    const metrics = await (await fetch(`${server.httpUrl}/metrics`)).text();
    const label = `source="otlp-http",sender="key:${key.id}"`;
    assert.ok(metrics.includes(`scouter_ingest_accepted_total{${label}} 2`));
    assert.ok(
      metrics.includes(`scouter_ingest_rejected_total{${label},reason="invalid_span_id"} 2`),
    );
  });

  it("counts requests refused whole, and names the reason and the traces in them", async () => {
    const traceId = "d2".repeat(16);
    const before = await admin().getIngestHealth({}, root);
    const unauthorised = await send(otlp([{ traceId, spanId: "21".repeat(8) }]), {});
    assert.equal(unauthorised.status, 401);
    const malformed = await fetch(`${server.otlpHttpUrl}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json", ...key.headers },
      body: `{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "${traceId}"`,
    });
    assert.equal(malformed.status, 400);
    await malformed.body?.cancel();
    const bomb = await fetch(`${server.otlpHttpUrl}/v1/traces`, {
      method: "POST",
      headers: {
        "content-type": "application/x-protobuf",
        "content-encoding": "gzip",
        ...key.headers,
      },
      body: new Uint8Array(gzipSync(new Uint8Array(65 << 20))),
    });
    assert.equal(bomb.status, 413);
    await bomb.body?.cancel();

    const health = await admin().getIngestHealth({}, root);
    const refused = (reason: string) =>
      health.sinceStart?.reasons.find((entry) => entry.reason === reason)?.requests ?? 0n;
    assert.equal(refused("unauthorized"), 1n);
    assert.equal(refused("malformed"), 1n);
    assert.equal(refused("too_large"), 1n);
    assert.equal(
      (health.sinceStart?.refusedRequests ?? 0n) - (before.sinceStart?.refusedRequests ?? 0n),
      3n,
    );
    assert.equal(
      health.rows.find((row) => row.sender?.kind === "unknown")?.counts?.refusedRequests,
      1n,
    );
    const example = health.rejectedExamples.find(({ reason }) => reason === "malformed");
    assert.deepEqual(example?.traceIds, [traceId]);
    assert.equal(example?.wholeRequest, true);
  });

  it("tells where a trace is", async () => {
    const stored = "e3".repeat(16);
    await send(otlp([{ traceId: stored, spanId: "31".repeat(8) }], "cart"), key.headers);
    const hot = await admin().locateTrace({ traceId: stored.toUpperCase() }, root);
    assert.equal(hot.verdict, "stored");
    assert.equal(hot.hotSpans + hot.tableSpans, 1n);
    assert.deepEqual(hot.services, ["cart"]);

    const partly = await admin().locateTrace({ traceId: "c1".repeat(16) }, root);
    assert.equal(partly.verdict, "partly_rejected");
    assert.match(partly.explanation, /invalid_span_id/);

    const rejected = await admin().locateTrace({ traceId: "d2".repeat(16) }, root);
    assert.equal(rejected.verdict, "rejected");
    assert.equal(rejected.rejected[0]?.reason, "malformed");

    const never = await admin().locateTrace({ traceId: "f".repeat(32) }, root);
    assert.equal(never.verdict, "never_seen");
    assert.match(never.explanation, /OTEL_EXPORTER_OTLP_ENDPOINT/);
    await assert.rejects(
      admin().locateTrace({ traceId: "nonsense" }, root),
      (error) => ConnectError.from(error).code === Code.InvalidArgument,
    );
  });

  it("describes tables, disk and database", async () => {
    const storage = await admin().getStorage({}, root);
    const [spans] = storage.tables;
    assert.equal(spans?.name, "trace_spans");
    assert.ok(spans.version >= 0n);
    assert.equal(spans.retentionDays, 365);
    assert.ok((storage.hot?.spans ?? 0n) + (spans.rows ?? 0n) >= 4n);
    assert.equal(storage.quarantinedFiles, 0n);
    assert.equal(storage.databaseKind, "pglite");
    assert.ok((storage.databaseSizeBytes ?? 0n) > 0n);
    assert.ok((storage.diskFreeBytes ?? 0n) > 0n);
    assert.equal(storage.dataDir, server.dataDir);
  });

  it("lists background loops with their turns", async () => {
    const { workers } = await admin().getWorkers({}, root);
    const compaction = workers.find(({ name }) => name === "trace_compaction");
    assert.equal(compaction?.state, "waiting");
    assert.equal(compaction?.restarts, 0n);
    assert.equal(compaction?.intervalMs, 24n * 3_600_000n);
    assert.ok((compaction?.nextRunUs ?? 0n) > BigInt(Date.now()) * 1000n);
  });

  it("lists settings with their source and never tells a secret", async () => {
    const { settings } = await admin().getSettings({}, root);
    const named = (name: string) => settings.find((setting) => setting.name === name);
    assert.equal(named("SCOUTER_AUTH")?.value, "required");
    assert.equal(named("SCOUTER_AUTH")?.source, "environment");
    assert.equal(named("SCOUTER_MAX_BODY_MB")?.source, "default");
    assert.equal(named("SCOUTER_MAX_BODY_MB")?.value, "64");
    assert.equal(named("SCOUTER_DEFAULT_PASSWORD")?.isSet, true);
    assert.equal(named("SCOUTER_DEFAULT_PASSWORD")?.value, "");
    const answer = JSON.stringify(
      settings,
      (_, value) => typeof value === "bigint" ? String(value) : value,
    );
    assert.ok(!answer.includes(PASSWORD));
  });

  it("says what it is", async () => {
    const about = await admin().getAbout({}, root);
    assert.match(about.version, /^\d+\.\d+\.\d+/);
    const names = about.components.map(({ name }) => name);
    assert.deepEqual(names, ["deno", "v8", "typescript", "duckdb", "pglite"]);
    assert.ok(about.components.every(({ version }) => version !== ""));
    assert.equal(about.pid, server.pid);
    assert.equal(about.authMode, "required");
    assert.equal(about.listeners.find(({ name }) => name === "grpc")?.port, server.grpcPort);
    assert.ok(about.uptimeMs > 0n);
  });
});
