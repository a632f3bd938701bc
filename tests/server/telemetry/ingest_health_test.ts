import { create, toBinary } from "@bufbuild/protobuf";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ExportTraceServiceRequestSchema } from "../../../server/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { ScouterError } from "../../../server/errors.ts";
import { IngestHealth } from "../../../server/telemetry/ingest_health.ts";
import { MetricsRegistry } from "../../../server/telemetry/metrics.ts";
import { peekRequest } from "../../../server/telemetry/peek_request.ts";

const MINUTE = 60_000;

/** Health on a clock that stands still until moved. */
function withClock() {
  const clock = { ms: 1_767_600_000_000 };
  const health = new IngestHealth(() => clock.ms, () => clock.ms);
  return { clock, health };
}

const RESULT = { accepted: 1, deduplicated: 0, rejected: 0, rejectedMessage: "" };
const user = (username: string) => ({
  username,
  permissions: [],
  groupPermissions: [],
  via: "token" as const,
});

describe("the health of ingest", () => {
  it("keeps counts by minute and forgets them after two hours, totals never", () => {
    const { clock, health } = withClock();
    for (let minute = 0; minute < 300; minute++) {
      const attempt = health.begin("otlp-http");
      attempt.from(user("a"));
      attempt.received(10);
      attempt.stored({ ...RESULT, accepted: minute, late: 1 });
      clock.ms += MINUTE;
    }
    const report = health.report({ minutes: 120, maxExamples: 10 });
    assert.equal(report.minutes.length, 120);
    // The present minute is empty; the 119 before it hold 181 … 299.
    assert.equal(report.total.accepted, (181 + 299) * 119 / 2);
    assert.equal(report.minutes.at(-2)?.counts.accepted, 299);
    assert.equal(report.minutes.at(-1)?.counts.requests, 0);
    assert.equal(report.sinceStart.accepted, 299 * 300 / 2);
    assert.equal(report.sinceStart.late, 300);
    assert.equal(report.sinceStart.bytes, 3000);
  });

  it("counts 200 senders one by one and the rest together", () => {
    const { health } = withClock();
    for (let i = 0; i < 1000; i++) {
      const attempt = health.begin("otlp-grpc");
      attempt.from(user(`user ${i}`));
      attempt.stored(RESULT);
    }
    const { rows, sinceStart } = health.report({ minutes: 1, maxExamples: 0 });
    assert.equal(rows.length, 201);
    const others = rows.find(({ sender }) => sender.kind === "others");
    assert.equal(others?.sinceStart.accepted, 800);
    assert.equal(sinceStart.accepted, 1000);
  });

  it("remembers refusals of every kind, however often one kind happens", () => {
    const { clock, health } = withClock();
    const refuse = (code: "UNAUTHORIZED" | "BAD_REQUEST") => {
      health.begin("otlp-http").refused(new ScouterError(code, `it was ${code}`));
      clock.ms += 1500;
    };
    refuse("BAD_REQUEST");
    for (let i = 0; i < 1000; i++) refuse("UNAUTHORIZED");
    const { rejected, sinceStart } = health.report({ minutes: 60, maxExamples: 100 });
    assert.equal(rejected.length, 21);
    assert.equal(rejected.at(-1)?.reason, "malformed");
    assert.deepEqual(sinceStart.reasons?.get("unauthorized"), { spans: 0, requests: 1000 });
  });

  it("says since when refused traces are remembered once it had to forget some", () => {
    const { clock, health } = withClock();
    const startMs = clock.ms;
    const id = (i: number) => i.toString(16).padStart(32, "0");
    for (let i = 1; i <= 10_001; i++) {
      health.begin("kafka").stored({
        accepted: 0,
        deduplicated: 0,
        rejected: 1,
        rejectedMessage: "no",
        rejectedByReason: new Map([["too_deep", 1]]),
        refusedSpans: [{ reason: "too_deep", traceIdHex: id(i), serviceName: "s" }],
      });
      clock.ms += 1;
    }
    assert.deepEqual(health.rejectionsOf(id(1)), []);
    assert.equal(health.rejectionsOf(id(2)).length, 1);
    assert.equal(health.rejectionsSinceMs, startMs);
    assert.equal(health.rejectionsOf(id(10_001))[0]?.serviceName, "s");
  });

  it("shows its counts as metrics", () => {
    const { health } = withClock();
    const metrics = new MetricsRegistry();
    health.register(metrics);
    health.begin("redis").stored({ ...RESULT, accepted: 7, deduplicated: 2 });
    const text = metrics.render();
    assert.match(text, /# TYPE scouter_ingest_accepted_total counter/);
    assert.match(text, /scouter_ingest_accepted_total\{source="redis",sender="unknown"\} 7/);
    assert.match(text, /scouter_ingest_deduplicated_total\{source="redis",sender="unknown"\} 2/);
    assert.equal(metrics.total("scouter_ingest_requests_total"), 1);
  });
});

describe("looking into refused requests", () => {
  const request = create(ExportTraceServiceRequestSchema, {
    resourceSpans: [{
      resource: {
        attributes: [
          { key: "host.name", value: { value: { case: "stringValue", value: "h" } } },
          { key: "service.name", value: { value: { case: "stringValue", value: "checkout" } } },
        ],
      },
      scopeSpans: [{
        scope: { name: "scope" },
        spans: [1, 2, 1].map((n) => ({
          traceId: new Uint8Array(16).fill(n),
          spanId: new Uint8Array(8).fill(n),
          name: "work",
          attributes: [{ key: "a", value: { value: { case: "intValue" as const, value: 5n } } }],
        })),
      }],
    }],
  });
  const bytes = toBinary(ExportTraceServiceRequestSchema, request);

  it("finds trace ids and service in protobuf", () => {
    assert.deepEqual(peekRequest(bytes, "protobuf"), {
      traceIds: ["01".repeat(16), "02".repeat(16)],
      serviceName: "checkout",
    });
  });

  it("finds them in JSON that is cut off", () => {
    const text = '{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":' +
      `{"stringValue":"cart"}}]},"scopeSpans":[{"spans":[{"traceId":"${"AB".repeat(16)}","spanI`;
    assert.deepEqual(peekRequest(new TextEncoder().encode(text), "json"), {
      traceIds: ["ab".repeat(16)],
      serviceName: "cart",
    });
  });

  it("ends on any bytes without throwing", () => {
    fc.assert(fc.property(
      fc.uint8Array({ maxLength: 2000 }),
      fc.nat(bytes.length),
      fc.constantFrom("json" as const, "protobuf" as const),
      (noise, at, encoding) => {
        const broken = new Uint8Array([...bytes.subarray(0, at), ...noise]);
        assert.ok(peekRequest(broken, encoding).traceIds.length <= 16);
      },
    ));
  });
});
