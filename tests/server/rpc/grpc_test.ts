import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import grpc from "@grpc/grpc-js";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { MessageService } from "../../../sdk/gen/scouter/grpc/v1/message_pb.ts";
import { ScouterError } from "../../../server/errors.ts";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
} from "../../../server/gen/grpc/health/v1/health_pb.ts";
import {
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "../../../server/gen/grpc/reflection/v1/reflection_pb.ts";
import { RetryInfoSchema } from "../../../server/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../server/gen/google/rpc/status_pb.ts";
import { ExportTraceServiceResponseSchema } from "../../../server/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { ACCEPTED, type Doors, openDoors } from "../http/doors.ts";

const EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const BODY = new TextEncoder().encode("any bytes; the doors do not look inside. ".repeat(20));
const raw = (bytes: Uint8Array) => Buffer.from(bytes);

interface UnaryOptions {
  readonly metadata?: Record<string, string>;
  readonly compression?: grpc.compressionAlgorithms;
}

/** Calls a method with bytes in and bytes out, through grpc-js. */
async function unary(
  doors: Doors,
  path: string,
  body: Uint8Array,
  options: UnaryOptions = {},
): Promise<Uint8Array> {
  const client = new grpc.Client(doors.grpcTarget, grpc.credentials.createInsecure(), {
    "grpc.default_compression_algorithm": options.compression ??
      grpc.compressionAlgorithms.identity,
  });
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(options.metadata ?? {})) metadata.set(name, value);
  try {
    return await new Promise((resolve, reject) =>
      client.makeUnaryRequest<Buffer, Buffer>(
        path,
        raw,
        (bytes: Buffer) => bytes,
        raw(body),
        metadata,
        (error, value) => error ? reject(error) : resolve(new Uint8Array(value ?? [])),
      )
    );
  } finally {
    client.close();
  }
}

/** Expects a call to fail and returns its status. */
async function failure(call: Promise<unknown>): Promise<grpc.ServiceError> {
  return await call.then(
    () => assert.fail("the call succeeded"),
    (error: grpc.ServiceError) => error,
  );
}

describe("OTLP over gRPC", () => {
  it("hands the message's bytes to the store", async () => {
    await using doors = await openDoors();
    assert.equal((await unary(doors, EXPORT, BODY)).length, 0);
    assert.deepEqual(doors.stored, [{ body: BODY, encoding: "protobuf" }]);
  });

  for (const name of ["gzip", "deflate"] as const) {
    it(`undoes ${name}`, async () => {
      await using doors = await openDoors();
      await unary(doors, EXPORT, BODY, { compression: grpc.compressionAlgorithms[name] });
      assert.deepEqual(doors.stored[0]?.body, BODY);
    });
  }

  it("takes a message larger than an HTTP/2 window", async () => {
    await using doors = await openDoors({ maxBodyBytes: 8 << 20 });
    const large = new Uint8Array(5 << 20).map((_, index) => index * 31);
    await unary(doors, EXPORT, large);
    assert.deepEqual(doors.stored[0]?.body, large);
  });

  it("reports refused spans as a partial success", async () => {
    await using doors = await openDoors({
      ingest: () => ({ ...ACCEPTED, rejected: 3, rejectedMessage: "no id" }),
    });
    const answer = fromBinary(ExportTraceServiceResponseSchema, await unary(doors, EXPORT, BODY));
    assert.equal(answer.partialSuccess?.rejectedSpans, 3n);
    assert.equal(answer.partialSuccess?.errorMessage, "no id");
  });

  it("tells a client to come back later: RESOURCE_EXHAUSTED with RetryInfo", async () => {
    await using doors = await openDoors({
      ingest: () => {
        throw new ScouterError("RESOURCE_EXHAUSTED", "too far behind – é", {
          retry: true,
          retryAfterSeconds: 2,
        });
      },
    });
    const error = await failure(unary(doors, EXPORT, BODY));
    assert.equal(error.code, grpc.status.RESOURCE_EXHAUSTED);
    assert.equal(error.details, "too far behind – é");
    const [bytes] = error.metadata.get("grpc-status-details-bin");
    assert.ok(bytes instanceof Uint8Array);
    const status = fromBinary(StatusSchema, bytes);
    assert.equal(status.code, 8);
    const info = fromBinary(RetryInfoSchema, status.details[0]?.value ?? new Uint8Array());
    assert.equal(info.retryDelay?.seconds, 2n);
  });

  it("refuses a message over the limit, compressed or not, and lives on", async () => {
    await using doors = await openDoors({ maxBodyBytes: 1000 });
    const plain = await failure(unary(doors, EXPORT, new Uint8Array(200_000)));
    assert.equal(plain.code, grpc.status.RESOURCE_EXHAUSTED);
    const bomb = await failure(
      unary(doors, EXPORT, new Uint8Array(200_000), {
        compression: grpc.compressionAlgorithms.gzip,
      }),
    );
    assert.equal(bomb.code, grpc.status.RESOURCE_EXHAUSTED);
    assert.match(bomb.details, /larger than 1000 bytes after decompression/);
    await unary(doors, EXPORT, BODY);
    assert.equal(doors.stored.length, 1);
  });

  it("asks for a credential with the permission to ingest where login is required", async () => {
    await using doors = await openDoors({ mode: "required" });
    const call = (authorization: string) =>
      unary(doors, EXPORT, BODY, { metadata: { authorization } });
    assert.equal((await failure(call(""))).code, grpc.status.UNAUTHENTICATED);
    assert.equal((await failure(call("Bearer reader"))).code, grpc.status.PERMISSION_DENIED);
    await call("Bearer ingester");
    assert.equal(doors.stored.length, 1);
  });

  it("takes many calls on one connection", async () => {
    await using doors = await openDoors();
    await Promise.all(Array.from({ length: 50 }, () => unary(doors, EXPORT, BODY)));
    assert.equal(doors.stored.length, 50);
  });
});

describe("gRPC health", () => {
  const check = async (doors: Doors, service: string) =>
    fromBinary(
      HealthCheckResponseSchema,
      await unary(
        doors,
        "/grpc.health.v1.Health/Check",
        toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service })),
      ),
    ).status;

  it("answers for the server and each service, without a login", async () => {
    await using doors = await openDoors({ mode: "required" });
    assert.equal(await check(doors, ""), 1);
    assert.equal(await check(doors, "scouter.grpc.v1.MessageService"), 1);
    assert.equal(await check(doors, "opentelemetry.proto.collector.trace.v1.TraceService"), 1);
    const error = await failure(check(doors, "no.such.Service"));
    assert.equal(error.code, grpc.status.NOT_FOUND);
  });

  it("is not serving while the server is not ready", async () => {
    await using doors = await openDoors({
      readiness: () => ({ ready: false, checks: { store: "the disk is full" } }),
    });
    assert.equal(await check(doors, ""), 2);
  });
});

describe("gRPC reflection", () => {
  for (const version of ["v1", "v1alpha"]) {
    it(`lists services and describes them (${version})`, async () => {
      await using doors = await openDoors({ mode: "required" });
      const client = new grpc.Client(doors.grpcTarget, grpc.credentials.createInsecure());
      const call = client.makeBidiStreamRequest<Buffer, Buffer>(
        `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        new grpc.Metadata(),
      );
      const ask = (messageRequest: { case: string; value: string }) => {
        // deno-lint-ignore no-explicit-any -- one test helper for three members of a oneof
        const request = create(ServerReflectionRequestSchema, { messageRequest } as any);
        call.write(raw(toBinary(ServerReflectionRequestSchema, request)));
      };
      ask({ case: "listServices", value: "" });
      ask({ case: "fileContainingSymbol", value: "scouter.grpc.v1.MessageService" });
      ask({ case: "fileContainingSymbol", value: "no.such.Symbol" });
      call.end();
      const answers = [];
      for await (const bytes of call) {
        answers.push(fromBinary(ServerReflectionResponseSchema, bytes).messageResponse);
      }
      client.close();
      const [list, file, missing] = answers;
      assert.ok(list?.case === "listServicesResponse");
      const names = list.value.service.map((service) => service.name);
      for (const name of ["scouter.grpc.v1.MessageService", "grpc.health.v1.Health"]) {
        assert.ok(names.includes(name), `${names}`);
      }
      assert.ok(file?.case === "fileDescriptorResponse");
      const descriptors = file.value.fileDescriptorProto.map((bytes) =>
        fromBinary(FileDescriptorProtoSchema, bytes)
      );
      assert.equal(descriptors[0]?.service[0]?.method[0]?.name, "InsertMessage");
      assert.ok(missing?.case === "errorResponse");
      assert.equal(missing.value.errorCode, grpc.status.NOT_FOUND);
    });
  }
});

const TAG = { entity_type: "trace", entity_id: "0af7651916cd43dd8448eb211c80319c", key: "env" };

describe("MessageService", () => {
  const transports = {
    Connect: (doors: Doors) => createConnectTransport({ baseUrl: doors.url }),
    "gRPC-Web": (doors: Doors) => createGrpcWebTransport({ baseUrl: doors.url }),
  };
  for (const [name, transport] of Object.entries(transports)) {
    it(`stores a tag over ${name}`, async () => {
      await using doors = await openDoors();
      const client = createClient(MessageService, transport(doors));
      const answer = await client.insertMessage({
        messageRecord: new TextEncoder().encode(JSON.stringify({ ...TAG, value: "prod" })),
      });
      assert.equal(answer.status, "success");
      assert.deepEqual(doors.tags, [
        { entityType: "trace", entityId: TAG.entity_id, key: "env", value: "prod" },
      ]);
    });

    it(`names what is missing for records over ${name}`, async () => {
      await using doors = await openDoors();
      const client = createClient(MessageService, transport(doors));
      const messageRecord = new TextEncoder().encode('{"records":[{"Spc":{}}]}');
      await assert.rejects(
        client.insertMessage({ messageRecord }),
        /\[unimplemented\] This server does not take "records" \(Spc\)/,
      );
    });
  }

  it("is refused over gRPC without a token where login is required", async () => {
    await using doors = await openDoors({ mode: "required" });
    const error = await failure(
      unary(doors, "/scouter.grpc.v1.MessageService/InsertMessage", new Uint8Array(0)),
    );
    assert.equal(error.code, grpc.status.UNAUTHENTICATED);
  });

  it("answers over HTTP with Health too", async () => {
    await using doors = await openDoors();
    const client = createClient(Health, createConnectTransport({ baseUrl: doors.url }));
    assert.equal((await client.check({})).status, 1);
  });
});
