import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import grpc from "@grpc/grpc-js";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { ScouterError } from "../../../server/errors.ts";
import { ExportLogsServiceResponseSchema } from "../../../server/gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import {
  ExportMetricsServiceRequestSchema,
  ExportMetricsServiceResponseSchema,
} from "../../../server/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ACCEPTED, type DoorOptions, type Doors, openDoors } from "../http/doors.ts";

const LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
const METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
const BODY = new TextEncoder().encode("any bytes; the doors do not look inside. ".repeat(20));

function post(doors: Doors, path: string, body: Uint8Array, headers: Record<string, string> = {}) {
  return fetch(`${doors.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf", ...headers },
    body: new Uint8Array(body),
  });
}

async function unary(
  doors: Doors,
  path: string,
  body: Uint8Array,
  compression = grpc.compressionAlgorithms.identity,
): Promise<Uint8Array> {
  const client = new grpc.Client(doors.grpcTarget, grpc.credentials.createInsecure(), {
    "grpc.default_compression_algorithm": compression,
  });
  try {
    return await new Promise((resolve, reject) =>
      client.makeUnaryRequest<Buffer, Buffer>(
        path,
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

const PARTIAL: DoorOptions = {
  ingest: () => ({ ...ACCEPTED, rejected: 3, rejectedMessage: "Log record 2 was refused" }),
};

describe("OTLP logs", () => {
  it("come as protobuf, JSON and compressed", async () => {
    await using doors = await openDoors();
    const json = { "content-type": "application/json", "content-encoding": "gzip" };
    const responses = [
      await post(doors, "/v1/logs", BODY),
      await post(doors, "/v1/logs", gzipSync(BODY), json),
    ];
    assert.deepEqual(responses.map(({ status }) => status), [200, 200]);
    assert.equal((await responses[0]?.arrayBuffer())?.byteLength, 0);
    assert.deepEqual(await responses[1]?.json(), {});
    assert.deepEqual(doors.stored, [
      { body: BODY, encoding: "protobuf" },
      { body: BODY, encoding: "json" },
    ]);
  });

  it("answer what was refused in the words of logs", async () => {
    await using doors = await openDoors(PARTIAL);
    const protobuf = await post(doors, "/v1/logs", BODY);
    const message = fromBinary(
      ExportLogsServiceResponseSchema,
      new Uint8Array(await protobuf.arrayBuffer()),
    );
    assert.equal(message.partialSuccess?.rejectedLogRecords, 3n);
    assert.equal(message.partialSuccess?.errorMessage, "Log record 2 was refused");
    const json = await post(doors, "/v1/logs", BODY, { "content-type": "application/json" });
    assert.deepEqual(await json.json(), {
      partialSuccess: { rejectedLogRecords: "3", errorMessage: "Log record 2 was refused" },
    });
  });

  it("come over gRPC, compressed or not", async () => {
    await using doors = await openDoors(PARTIAL);
    for (const compression of [0, grpc.compressionAlgorithms.gzip]) {
      const answer = await unary(doors, LOGS, BODY, compression);
      const { partialSuccess } = fromBinary(ExportLogsServiceResponseSchema, answer);
      assert.equal(partialSuccess?.rejectedLogRecords, 3n);
    }
    assert.deepEqual(doors.stored.map(({ body }) => body), [BODY, BODY]);
  });

  it("need the right to ingest", async () => {
    await using doors = await openDoors({ mode: "required" });
    const status = async (headers: Record<string, string>) => {
      const response = await post(doors, "/v1/logs", BODY, headers);
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await status({}), 401);
    assert.equal(await status({ authorization: "Bearer reader" }), 403);
    assert.equal(await status({ authorization: "Bearer ingester" }), 200);
    await assert.rejects(
      unary(doors, LOGS, BODY),
      (error: grpc.ServiceError) => error.code === grpc.status.UNAUTHENTICATED,
    );
  });

  it("are turned away with a delay when the store is behind, and when too large", async () => {
    await using doors = await openDoors({
      maxBodyBytes: 1000,
      ingest: () => {
        throw new ScouterError("RESOURCE_EXHAUSTED", "The store is behind.", {
          retry: true,
          retryAfterSeconds: 1,
        });
      },
    });
    const behind = await post(doors, "/v1/logs", BODY);
    await behind.body?.cancel();
    assert.deepEqual([behind.status, behind.headers.get("retry-after")], [429, "1"]);
    const large = await post(doors, "/v1/logs", new Uint8Array(1001));
    await large.body?.cancel();
    assert.equal(large.status, 413);
    await assert.rejects(
      unary(doors, LOGS, BODY),
      (error: grpc.ServiceError) => error.code === grpc.status.RESOURCE_EXHAUSTED,
    );
  });
});

describe("OTLP metrics", () => {
  const request = create(ExportMetricsServiceRequestSchema, {
    resourceMetrics: [{
      scopeMetrics: [{
        metrics: [
          { name: "a", data: { case: "sum", value: { dataPoints: [{}, {}] } } },
          { name: "b", data: { case: "exponentialHistogram", value: { dataPoints: [{}] } } },
          { name: "empty", data: { case: "gauge", value: {} } },
          ...["c", "d", "e", "f"].map((name) => ({
            name,
            data: { case: "summary" as const, value: { dataPoints: [{}] } },
          })),
        ],
      }],
    }],
  });
  const EXPECTED = "Metrics are not stored by this server, traces and logs are: 7 data points of " +
    '"a", "b", "c", "d", "e" and 1 more refused. Send metrics elsewhere or turn their exporter off.';

  it("are counted and refused, which the answer tells in each encoding", async () => {
    await using doors = await openDoors();
    const bytes = toBinary(ExportMetricsServiceRequestSchema, request);
    const protobuf = await post(doors, "/v1/metrics", gzipSync(bytes), {
      "content-encoding": "gzip",
    });
    assert.equal(protobuf.status, 200);
    const answers = [
      new Uint8Array(await protobuf.arrayBuffer()),
      await unary(doors, METRICS, bytes),
    ].map((answer) => fromBinary(ExportMetricsServiceResponseSchema, answer).partialSuccess);
    for (const answer of answers) {
      assert.equal(answer?.rejectedDataPoints, 7n);
      assert.equal(answer?.errorMessage, EXPECTED);
    }
    const json = await post(
      doors,
      "/v1/metrics",
      new TextEncoder().encode(
        JSON.stringify(toJson(ExportMetricsServiceRequestSchema, request)),
      ),
      { "content-type": "application/json" },
    );
    assert.deepEqual(await json.json(), {
      partialSuccess: { rejectedDataPoints: "7", errorMessage: EXPECTED },
    });
    assert.equal(doors.metrics.total("scouter_metric_points_refused_total"), 21);
    assert.deepEqual(doors.stored, []);
  });

  it("without a point are answered plainly, and malformed ones refused", async () => {
    await using doors = await openDoors();
    const empty = await post(doors, "/v1/metrics", new Uint8Array(0));
    assert.deepEqual([empty.status, (await empty.arrayBuffer()).byteLength], [200, 0]);
    const bad = await post(doors, "/v1/metrics", new Uint8Array([0x0a, 0x7f]));
    await bad.body?.cancel();
    assert.equal(bad.status, 400);
    const json = await post(doors, "/v1/metrics", new TextEncoder().encode("[]"), {
      "content-type": "application/json",
    });
    await json.body?.cancel();
    assert.equal(json.status, 400);
  });
});
