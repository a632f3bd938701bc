import { fromBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import grpc from "@grpc/grpc-js";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { gzipSync } from "node:zlib";
import { LogService } from "../../sdk/gen/scouter/v1/logs_pb.ts";
import { ExportLogsServiceResponseSchema } from "../../server/gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { logRequest, logRequestJson, type RecordInit } from "../server/logs/log_requests.ts";
import { attributes, hex, int, spanId, text, traceId } from "../server/segment/support.ts";
import { startServerProcess } from "../support/server_process.ts";

const TRACE = traceId(1);
const T0_NS = 1_767_607_200_000_000_000n;

const record = (number: number, severityNumber = 9): RecordInit => ({
  traceId: TRACE,
  spanId: spanId(number % 2),
  timeUnixNano: T0_NS + BigInt(number) * 1_000_000n,
  severityNumber,
  body: text(`record ${number}`),
  attributes: attributes({ number: int(BigInt(number)) }),
});

async function overGrpc(port: number, body: Uint8Array): Promise<Uint8Array> {
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) =>
      client.makeUnaryRequest<Buffer, Buffer>(
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        Buffer.from(body),
        new grpc.Metadata(),
        (error, value) => error ? reject(error) : resolve(new Uint8Array(value ?? [])),
      )
    );
  } finally {
    client.close();
  }
}

async function overHttp(
  url: string,
  body: Uint8Array,
  headers: Record<string, string>,
): Promise<Response> {
  const response = await fetch(url, { method: "POST", headers, body: new Uint8Array(body) });
  assert.equal(response.status, 200);
  return response;
}

it("log records that came through any door are there after a kill, listed with their trace", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "scouter-logs-"));
  const protobuf = { "content-type": "application/x-protobuf", "content-encoding": "gzip" };
  const json = { "content-type": "application/json" };
  try {
    {
      await using server = await startServerProcess({ dataDir });
      const answers = await Promise.all([
        overHttp(`${server.httpUrl}/v1/logs`, logRequestJson(record(0)), json),
        overHttp(`${server.otlpHttpUrl}/v1/logs`, gzipSync(logRequest(record(1, 17))), protobuf),
      ]);
      for (const answer of answers) await answer.body?.cancel();
      for (const [number, port] of [[2, server.grpcPort], [3, server.otlpGrpcPort]] as const) {
        const answer = await overGrpc(port, logRequest(record(number)));
        assert.equal(fromBinary(ExportLogsServiceResponseSchema, answer).partialSuccess, undefined);
      }
      const refused = await overHttp(
        `${server.otlpHttpUrl}/v1/metrics`,
        new TextEncoder().encode(JSON.stringify({
          resourceMetrics: [{
            scopeMetrics: [{ metrics: [{ name: "requests", sum: { dataPoints: [{}] } }] }],
          }],
        })),
        json,
      );
      const { partialSuccess } = await refused.json();
      assert.equal(partialSuccess.rejectedDataPoints, "1");
      assert.match(partialSuccess.errorMessage, /1 data point of "requests" refused/);
      const metrics = await (await fetch(`${server.httpUrl}/metrics`)).text();
      assert.match(metrics, /^scouter_metric_points_refused_total 1$/m);
      assert.match(metrics, /^scouter_logs_accepted_total 4$/m);
      await server.stop("SIGKILL");
    }
    await using server = await startServerProcess({ dataDir });
    // What was acknowledged is recognised when it is sent again.
    const again = gzipSync(logRequest(record(1, 17)));
    await (await overHttp(`${server.otlpHttpUrl}/v1/logs`, again, protobuf)).body?.cancel();
    const { logs } = await (
      await fetch(`${server.httpUrl}/scouter/v1/traces/${hex(TRACE)}/logs`)
    ).json();
    assert.deepEqual(
      logs.map((log: { body: string; span_id: string }) => [log.body, log.span_id]),
      [0, 1, 2, 3].map((number) => [`record ${number}`, hex(spanId(number % 2))]),
    );
    const client = createClient(LogService, createConnectTransport({ baseUrl: server.httpUrl }));
    const { records } = await client.listLogs({ traceId: hex(TRACE), minSeverityNumber: 17 });
    assert.deepEqual(
      records.map((found) => [found.bodyJson, found.attributes[0]?.valueJson, found.serviceName]),
      [['"record 1"', "1", "shop"]],
    );
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
