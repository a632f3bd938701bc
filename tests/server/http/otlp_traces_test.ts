import { fromBinary } from "@bufbuild/protobuf";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { ScouterError } from "../../../server/errors.ts";
import { ExportTraceServiceResponseSchema } from "../../../server/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { RetryInfoSchema } from "../../../server/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../server/gen/google/rpc/status_pb.ts";
import { ACCEPTED, type Doors, openDoors } from "./doors.ts";

const BODY = new TextEncoder().encode("any bytes; the doors do not look inside. ".repeat(20));

function post(
  doors: Doors,
  body: Uint8Array,
  headers: Record<string, string> = {},
  path = "/v1/traces",
) {
  return fetch(`${doors.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf", ...headers },
    body: new Uint8Array(body),
  });
}

describe("OTLP over HTTP", () => {
  for (const path of ["/v1/traces", "/scouter/v1/traces"]) {
    it(`hands the bytes of a protobuf request to the store at ${path}`, async () => {
      await using doors = await openDoors();
      const response = await post(doors, BODY, {}, path);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "application/x-protobuf");
      assert.equal((await response.arrayBuffer()).byteLength, 0);
      assert.deepEqual(doors.stored, [{ body: BODY, encoding: "protobuf" }]);
    });
  }

  it("answers JSON with JSON", async () => {
    await using doors = await openDoors();
    const response = await post(doors, BODY, { "content-type": "application/json; charset=utf-8" });
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual(await response.json(), {});
    assert.equal(doors.stored[0]?.encoding, "json");
  });

  const encodings: [string, Uint8Array][] = [
    ["gzip", gzipSync(BODY)],
    ["deflate", deflateSync(BODY)],
    ["zstd", zstdCompressSync(BODY)],
    ["identity", BODY],
    ["GZIP", gzipSync(BODY)],
  ];
  for (const [encoding, bytes] of encodings) {
    it(`undoes the content encoding ${encoding}`, async () => {
      await using doors = await openDoors();
      const response = await post(doors, bytes, { "content-encoding": encoding });
      await response.body?.cancel();
      assert.equal(response.status, 200);
      assert.deepEqual(doors.stored[0]?.body, BODY);
    });
  }

  it("takes deflate without its zlib header too", async () => {
    await using doors = await openDoors();
    const response = await post(doors, deflateRawSync(BODY), { "content-encoding": "deflate" });
    await response.body?.cancel();
    assert.deepEqual(doors.stored[0]?.body, BODY);
  });

  it("takes a body sent in chunks of unknown total length", async () => {
    await using doors = await openDoors();
    const response = await fetch(`${doors.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: new Blob([BODY.slice(0, 100), BODY.slice(100)]).stream(),
    });
    await response.body?.cancel();
    assert.deepEqual(doors.stored[0]?.body, BODY);
  });

  const bomb = new Uint8Array(8 << 20);
  const bombs: [string, Uint8Array][] = [
    ["gzip", gzipSync(bomb)],
    ["deflate", deflateSync(bomb)],
    ["zstd", zstdCompressSync(bomb)],
  ];
  for (const [encoding, bytes] of bombs) {
    it(`stops a ${encoding} bomb at the limit`, async () => {
      await using doors = await openDoors({ maxBodyBytes: 1 << 20 });
      assert.ok(bytes.length < 20_000);
      const response = await post(doors, bytes, { "content-encoding": encoding });
      assert.equal(response.status, 413);
      const status = fromBinary(StatusSchema, new Uint8Array(await response.arrayBuffer()));
      assert.match(status.message, /larger than 1048576 bytes/);
      assert.equal(doors.stored.length, 0);
    });
  }

  it("refuses a body over the limit, announced or not", async () => {
    await using doors = await openDoors({ maxBodyBytes: 100 });
    const announced = await post(doors, BODY);
    await announced.body?.cancel();
    assert.equal(announced.status, 413);
    const streamed = await fetch(`${doors.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: new Blob([BODY]).stream(),
    });
    await streamed.body?.cancel();
    assert.equal(streamed.status, 413);
    assert.equal(doors.stored.length, 0);
  });

  for (const [encoding, bytes] of [...encodings.slice(0, 3), ["gzip", BODY]] as const) {
    it(`refuses damaged ${encoding} of ${bytes.length} bytes`, async () => {
      await using doors = await openDoors();
      const cut = bytes === BODY ? BODY : bytes.subarray(0, bytes.length - 6);
      const response = await post(doors, cut, { "content-encoding": encoding });
      assert.equal(response.status, 400);
      const status = fromBinary(StatusSchema, new Uint8Array(await response.arrayBuffer()));
      assert.equal(status.code, 3);
      assert.match(status.message, new RegExp(`not valid ${encoding}`));
      assert.equal(doors.stored.length, 0);
    });
  }

  it("names what it takes when the content type or encoding is another", async () => {
    await using doors = await openDoors();
    const type = await post(doors, BODY, { "content-type": "text/plain" });
    assert.equal(type.status, 415);
    assert.match((await type.json()).message, /"text\/plain" is not supported/);
    const encoding = await post(doors, BODY, { "content-encoding": "br" });
    await encoding.body?.cancel();
    assert.equal(encoding.status, 415);
    assert.equal(encoding.headers.get("accept-encoding"), "gzip, deflate, zstd, identity");
    assert.equal(doors.stored.length, 0);
  });

  const partial = { ...ACCEPTED, rejected: 300, rejectedMessage: "span 4: trace id is zeros – é" };
  it("reports refused spans as a partial success in protobuf", async () => {
    await using doors = await openDoors({ ingest: () => partial });
    const response = await post(doors, BODY);
    assert.equal(response.status, 200);
    const message = fromBinary(
      ExportTraceServiceResponseSchema,
      new Uint8Array(await response.arrayBuffer()),
    );
    assert.equal(message.partialSuccess?.rejectedSpans, 300n);
    assert.equal(message.partialSuccess?.errorMessage, partial.rejectedMessage);
  });

  it("reports refused spans as a partial success in JSON", async () => {
    await using doors = await openDoors({ ingest: () => partial });
    const response = await post(doors, BODY, { "content-type": "application/json" });
    assert.deepEqual(await response.json(), {
      partialSuccess: { rejectedSpans: "300", errorMessage: partial.rejectedMessage },
    });
  });

  const busy = () => {
    throw new ScouterError("RESOURCE_EXHAUSTED", "too far behind", {
      retry: true,
      retryAfterSeconds: 2.5,
    });
  };
  it("tells a client to come back later: 429, Retry-After and RetryInfo", async () => {
    await using doors = await openDoors({ ingest: busy });
    const response = await post(doors, BODY);
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("retry-after"), "3");
    const status = fromBinary(StatusSchema, new Uint8Array(await response.arrayBuffer()));
    assert.equal(status.code, 8);
    assert.equal(status.details[0]?.typeUrl, "type.googleapis.com/google.rpc.RetryInfo");
    const info = fromBinary(RetryInfoSchema, status.details[0]?.value ?? new Uint8Array());
    assert.deepEqual([info.retryDelay?.seconds, info.retryDelay?.nanos], [2n, 500_000_000]);
  });

  it("answers 503 with Retry-After while it cannot store", async () => {
    await using doors = await openDoors({
      ingest: () => {
        throw new ScouterError("UNAVAILABLE", "The disk is full.", { retry: true });
      },
    });
    const response = await post(doors, BODY, { "content-type": "application/json" });
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "1");
    assert.deepEqual(await response.json(), { code: 14, message: "The disk is full." });
  });

  it("asks for a credential with the permission to ingest where login is required", async () => {
    await using doors = await openDoors({ mode: "required" });
    const statuses: number[] = [];
    for (const token of ["", "Bearer nobody", "Bearer reader", "Bearer ingester"]) {
      const response = await post(doors, BODY, token === "" ? {} : { authorization: token });
      await response.body?.cancel();
      statuses.push(response.status);
    }
    assert.deepEqual(statuses, [401, 401, 403, 200]);
    assert.equal(doors.stored.length, 1);
  });

  it("counts requests, refused ones included", async () => {
    await using doors = await openDoors();
    await (await post(doors, BODY)).body?.cancel();
    await (await post(doors, BODY, { "content-type": "text/plain" })).body?.cancel();
    const text = await (await fetch(`${doors.url}/metrics`)).text();
    assert.match(text, /http_requests_total\{method="POST",path="\/v1\/traces",status="200"\} 1/);
    assert.match(text, /http_requests_total\{method="POST",path="\/v1\/traces",status="415"\} 1/);
    assert.match(
      text,
      new RegExp(`scouter_otlp_received_bytes_total\\{door="http"\\} ${BODY.length}`),
    );
  });
});
