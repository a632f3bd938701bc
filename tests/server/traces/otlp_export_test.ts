import assert from "node:assert/strict";
import { test } from "node:test";
import { startServerProcess } from "../../support/server_process.ts";

const TRACE = "5b8efff798038103d269b633813fc60c";

/** One trace with every type of value OTLP knows, by the protocol's JSON mapping. */
const SENT = {
  resourceSpans: [{
    resource: {
      attributes: [
        { key: "service.name", value: { stringValue: "shop" } },
        { key: "process.pid", value: { intValue: "42" } },
      ],
    },
    scopeSpans: [{
      scope: {
        name: "a.scope",
        version: "1.2.3",
        attributes: [{ key: "scope.key", value: { boolValue: true } }],
      },
      spans: [
        {
          traceId: TRACE,
          spanId: "eee19b7ec3c1b174",
          flags: 257,
          traceState: "vendor=1",
          name: 'GET "quoted" \u202E\u0000 name',
          kind: 2,
          startTimeUnixNano: "1544712660300123000",
          endTimeUnixNano: "1544712661000456000",
          attributes: [
            { key: "text", value: { stringValue: "12" } },
            { key: "whole", value: { intValue: "9223372036854775807" } },
            { key: "double", value: { doubleValue: 5 } },
            { key: "fraction", value: { doubleValue: 0.25 } },
            { key: "yes", value: { boolValue: true } },
            { key: "bytes", value: { bytesValue: "AP8Q" } },
            {
              key: "list",
              value: { arrayValue: { values: [{ stringValue: "a" }, { intValue: "1" }] } },
            },
            {
              key: "map",
              value: { kvlistValue: { values: [{ key: "rawJSON", value: { stringValue: "1" } }] } },
            },
            { key: "gen_ai.operation.name", value: { stringValue: "chat" } },
            { key: "gen_ai.input.messages", value: { stringValue: '[{"role":"user"}]' } },
          ],
          droppedAttributesCount: 3,
          events: [{
            timeUnixNano: "1544712660500000000",
            name: "exception",
            attributes: [{ key: "exception.type", value: { stringValue: "TypeError" } }],
            droppedAttributesCount: 1,
          }],
          droppedEventsCount: 4,
          links: [{
            traceId: "0af7651916cd43dd8448eb211c80319c",
            spanId: "b7ad6b7169203331",
            traceState: "x=y",
            attributes: [{ key: "why", value: { stringValue: "retry" } }],
            droppedAttributesCount: 2,
          }],
          droppedLinksCount: 5,
          status: { code: 2, message: "it broke" },
        },
        {
          traceId: TRACE,
          spanId: "eee19b7ec3c1b175",
          parentSpanId: "eee19b7ec3c1b174",
          name: "child",
          kind: 3,
          startTimeUnixNano: "1544712660400000000",
          endTimeUnixNano: "1544712660600000000",
        },
      ],
    }],
  }],
};

async function send(url: string, body: string): Promise<void> {
  const response = await fetch(`${url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  assert.equal(response.status, 200, await response.text());
}

/** Attributes by key: their order is not part of their meaning. */
function sorted(attributes: readonly { readonly key: string }[]) {
  return attributes.toSorted((a, b) => a.key < b.key ? -1 : 1);
}

test("an exported trace is what was sent, and another server takes it", async () => {
  await using first = await startServerProcess();
  await using second = await startServerProcess();
  await send(first.httpUrl, JSON.stringify(SENT));
  const response = await fetch(`${first.httpUrl}/scouter/v1/traces/otlp?trace_id=${TRACE}`);
  assert.equal(response.status, 200);
  assert.equal(
    response.headers.get("content-disposition"),
    `attachment; filename="trace-${TRACE}.otlp.json"`,
  );
  const text = await response.text();
  const { resourceSpans } = JSON.parse(text);
  assert.equal(resourceSpans.length, 1);
  const [sentResource] = SENT.resourceSpans;
  const [sentScope] = sentResource?.scopeSpans ?? [];
  const [resource] = resourceSpans;
  assert.deepEqual(
    sorted(resource.resource.attributes),
    sorted(sentResource?.resource.attributes ?? []),
  );
  assert.deepEqual(resource.scopeSpans[0].scope, sentScope?.scope);
  const [span, child] = resource.scopeSpans[0].spans;
  assert.deepEqual(
    { ...span, attributes: sorted(span.attributes) },
    { ...sentScope?.spans[0], attributes: sorted(sentScope?.spans[0]?.attributes ?? []) },
  );
  assert.equal(child.parentSpanId, "eee19b7ec3c1b174");
  assert.equal(child.status.code, 0);

  await send(second.httpUrl, text);
  const read = (url: string) =>
    fetch(`${url}/scouter/v1/traces/${TRACE}/spans`).then((answer) => answer.json());
  assert.deepEqual(await read(second.httpUrl), await read(first.httpUrl));

  const missing = await fetch(
    `${first.httpUrl}/scouter/v1/traces/otlp?trace_id=${"9".repeat(32)}`,
  );
  assert.equal(missing.status, 404);
  await missing.body?.cancel();
  const none = await fetch(`${first.httpUrl}/scouter/v1/traces/otlp`);
  assert.equal(none.status, 400);
  assert.match((await none.json()).error, /1 to 100 traces/);
});
