import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  EvalRecord,
  parseMessage,
  RecordError,
  recordTime,
  writeMessage,
} from "../../../sdk/records/mod.ts";

const TIME = "2026-01-05T10:00:00.123456Z";
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

/** Messages as the original's clients write them. */
const MESSAGES: Readonly<Record<string, string>> = {
  "a mean for process control":
    `{"records":[{"Spc":{"created_at":"${TIME}","uid":"P","feature":"age","value":37.2,"entity_id":0}}]}`,
  "a bin's count":
    `{"records":[{"Psi":{"created_at":"${TIME}","uid":"P","feature":"age","bin_id":3,"bin_count":41,"entity_id":0}}]}`,
  "a metric, whole but a float":
    `{"records":[{"Custom":{"created_at":"${TIME}","uid":"P","metric":"mae","value":12.0,"entity_id":0}}]}`,
  "a service's routes":
    `{"records":[{"Observability":{"uid":"P","request_count":10,"error_count":1,"route_metrics":[{"route_name":"/predict","metrics":{"p5":1.0,"p25":2.0,"p50":3.0,"p95":9.0,"p99":12.0},"request_count":10,"error_count":1,"error_latency":0.4,"status_codes":{"200":9,"500":1}}],"entity_id":0}}]}`,
  "an evaluation record":
    `{"records":[{"AgentEval":{"record":{"record_id":"order-7","session_id":"s-1","created_at":"${TIME}","uid":"R","context":{"input":"hi"},"id":0,"updated_at":null,"processing_started_at":null,"processing_ended_at":null,"processing_duration":null,"entity_id":0,"entity_uid":"P","status":"Pending","entity_type":"Agent","retry_count":0,"trace_id":"${TRACE_ID}","tags":["scenario_id=a1"]}}}]}`,
  "a task's result":
    `{"records":[{"AgentTaskRecord":{"created_at":"${TIME}","start_time":"${TIME}","end_time":"${TIME}","record_uid":"R","entity_id":0,"task_id":"polite","task_type":"LLMJudge","passed":true,"value":1.0,"assertion":{"FieldPath":"score"},"operator":"GreaterThanOrEqual","expected":4,"actual":5,"message":"ok","entity_uid":"P","condition":false,"stage":0}}]}`,
  "a workflow's result":
    `{"records":[{"AgentWorkflowRecord":{"created_at":"${TIME}","record_uid":"R","entity_id":0,"total_tasks":1,"passed_tasks":1,"failed_tasks":0,"pass_rate":1.0,"duration_ms":812,"entity_uid":"P","execution_plan":{"stages":[["polite"]],"nodes":{"polite":{"id":"polite","stage":0,"parents":[],"children":[]}}},"id":0}}]}`,
  "a tag": `{"entity_type":"trace","entity_id":"${TRACE_ID}","key":"env","value":"prod"}`,
  "spans":
    `{"request":{"resourceSpans":[{"resource":{"attributes":[],"droppedAttributesCount":0},"scopeSpans":[{"scope":{"name":"app","version":"1"},"spans":[{"traceId":"${TRACE_ID}","spanId":"b7ad6b7169203331","parentSpanId":"","name":"GET /","kind":2,"startTimeUnixNano":"1767607200000000000","endTimeUnixNano":"1767607200250000000"}]}]}]}}`,
};

function problem(input: unknown): RecordError {
  try {
    parseMessage(input);
  } catch (error) {
    if (error instanceof RecordError) return error;
    throw error;
  }
  throw new Error("nothing was wrong");
}

describe("messages", () => {
  for (const [what, text] of Object.entries(MESSAGES)) {
    it(`carry ${what} through reading and writing, byte for byte`, () => {
      assert.equal(writeMessage(parseMessage(text)), text);
      assert.equal(writeMessage(parseMessage(new TextEncoder().encode(text))), text);
    });
  }

  it("read what older clients leave out of evaluation records", () => {
    const message = parseMessage({
      records: [{
        AgentEval: {
          record: {
            record_id: "",
            session_id: "s",
            created_at: TIME,
            uid: "R",
            context: null,
            id: 0,
            entity_id: 0,
            entity_uid: "P",
            status: "Pending",
            entity_type: "GenAI",
            retry_count: 0,
            record_source: "TraceDispatch",
            something: "new",
          },
        },
      }],
    });
    assert.ok("records" in message && message.records[0] && "AgentEval" in message.records[0]);
    const { record } = message.records[0].AgentEval;
    assert.deepEqual([record.tags, record.trace_id, record.updated_at], [[], null, null]);
    assert.equal(record.record_source, "TraceDispatch");
    assert.ok(!("something" in record));
  });

  it("take a new EvalRecord as it is", () => {
    const record = new EvalRecord({ context: { a: [1, null] } }).toJSON();
    const message = { records: [{ AgentEval: { record } }] };
    assert.deepEqual(parseMessage(writeMessage(message)), message);
  });

  it("write doubles so that they can be told from whole numbers", () => {
    // Written by hand after the rules of the reference's writer: plain from 1e-5 to below 1e16.
    const texts: [number, string][] = [
      [0, "0.0"],
      [-0, "-0.0"],
      [-25, "-25.0"],
      [0.1, "0.1"],
      [123.456, "123.456"],
      [0.00001, "0.00001"],
      [0.0000012, "1.2e-6"],
      [1e15, "1000000000000000.0"],
      [1e16, "1e16"],
      [1.7976931348623157e308, "1.7976931348623157e308"],
      [5e-324, "5e-324"],
    ];
    for (const [value, text] of texts) {
      const written = writeMessage({
        records: [{ Spc: { created_at: TIME, uid: "P", feature: "x", value, entity_id: 0 } }],
      });
      assert.ok(written.includes(`"value":${text},`), `${written} should have ${text}`);
      assert.ok(Object.is(Number(text), value));
    }
  });

  it("name the place of a mistake", () => {
    const spc = { created_at: TIME, uid: "P", feature: "x", value: 1, entity_id: 0 };
    const second = (changes: object) => ({
      records: [{ Spc: spc }, { Spc: { ...spc, ...changes } }],
    });
    const places: [unknown, string][] = [
      ["{", "message"],
      [[], "message"],
      [{}, "message"],
      [{ records: {} }, "message.records"],
      [{ records: [] }, "message.records"],
      [{ records: [{ Other: {} }] }, "message.records[0]"],
      [{ records: [{ Spc: spc, Psi: {} }] }, "message.records[0]"],
      [second({ value: "7" }), "message.records[1].Spc.value"],
      [second({ value: undefined }), "message.records[1].Spc.value"],
      [second({ entity_id: 0.5 }), "message.records[1].Spc.entity_id"],
      [second({ created_at: "yesterday" }), "message.records[1].Spc.created_at"],
      [second({ created_at: "2026-13-05T10:00:00Z" }), "message.records[1].Spc.created_at"],
      [{ entity_type: "trace", entity_id: 1, key: "k", value: "v" }, "message.entity_id"],
      [{ request: {} }, "message.request.resourceSpans"],
      [
        { request: { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: "xyz" }] }] }] } },
        "message.request.resourceSpans[0].scopeSpans[0].spans[0].traceId",
      ],
    ];
    for (const [input, path] of places) assert.equal(problem(input).path, path);
    assert.equal(
      problem(second({ value: "7" })).message,
      'message.records[1].Spc.value must be a number, got "7"',
    );
  });

  it("hold records of one kind only, for the server files all under the first one's profile", () => {
    const spc = { Spc: { created_at: TIME, uid: "P", feature: "x", value: 1, entity_id: 0 } };
    const custom = { Custom: { created_at: TIME, uid: "P", metric: "m", value: 1, entity_id: 0 } };
    assert.equal(problem({ records: [spc, custom] }).path, "message.records[1]");
    assert.throws(() => writeMessage({ records: [spc, custom] }), RecordError);
  });

  it("refuse to write what JSON cannot hold", () => {
    const value = { created_at: TIME, uid: "P", feature: "x", value: NaN, entity_id: 0 };
    assert.throws(
      () => writeMessage({ records: [{ Spc: value }] }),
      /^RecordError: message\.records\[0\]\.Spc\.value must be a finite number, got NaN/,
    );
  });

  it("carry times with milliseconds only when there are some", () => {
    assert.equal(recordTime(new Date("2026-01-05T10:00:00.120Z")), "2026-01-05T10:00:00.120Z");
    assert.equal(recordTime(new Date("2026-01-05T10:00:00Z")), "2026-01-05T10:00:00Z");
  });
});
