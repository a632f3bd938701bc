import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createSealer,
  createSegmentBuilder,
  sealSegment,
  traceIdHash,
  traceIdHashFromHex,
} from "../../../server/lake/traces/segment/mod.ts";
import { sortOrder } from "../../../server/lake/traces/segment/seal.ts";
import {
  admitAll,
  attributes,
  hex,
  queryDuckDb,
  readDuckDb,
  readHyparquet,
  request,
  span,
  spanId,
  text,
  traceId,
} from "./support.ts";

const NEW_YEAR_NS = 1_767_225_600_000_000_000n; // 2026-01-01T00:00:00Z

function shuffled() {
  const builder = createSegmentBuilder();
  const spans = Array.from({ length: 200 }, (_, n) => {
    const startTimeUnixNano = NEW_YEAR_NS + BigInt((n * 37) % 100 - 50) * 1_000_000_123n;
    return span(n, {
      traceId: traceId(n >> 1),
      startTimeUnixNano,
      endTimeUnixNano: startTimeUnixNano + 10_000_000n,
      attributes: n % 3 === 0 ? [] : attributes({
        n: text(String(n)),
        "scouter.tracing.input": text(`[${n}]`),
        "gen_ai.conversation.id": text(`c${n % 9}`),
        "scouter.entity": text(`0189d8a5-7c3b-7c3e-9d6e-${String(n).padStart(12, "0")}`),
      }),
      ...(n % 5 === 0 ? { parentSpanId: spanId(1000 + n), droppedEventsCount: n + 1 } : {}),
      ...(n % 4 === 0 ? { events: [{ name: `e${n}` }] } : {}),
    });
  });
  builder.append(request(...spans), "protobuf", admitAll);
  return builder;
}

test("Sealing sorts by start, keeps every value and splits by UTC date", async () => {
  const builder = shuffled();
  const before = await readDuckDb(builder.encode(0, 200).bytes);
  before.sort((a, b) => Number(BigInt(String(a["start_time"])) - BigInt(String(b["start_time"]))));
  const files = sealSegment(builder.detach().payload);
  assert.deepEqual(files.map((file) => [file.partitionDate, file.rows]), [
    ["2025-12-31", 100],
    ["2026-01-01", 100],
  ]);
  const sealed = [];
  for (const { bytes } of files) {
    const rows = await readDuckDb(bytes);
    assert.deepEqual(await readHyparquet(bytes), rows);
    sealed.push(...rows);
  }
  assert.deepEqual(sealed, before);
});

test("The Delta statistics bound the values and count the nulls", async () => {
  for (const { bytes, deltaStats, ...bounds } of sealSegment(shuffled().detach().payload)) {
    const stats = JSON.parse(deltaStats);
    assert.equal(stats.numRecords, 100);
    const [row] = await queryDuckDb(
      bytes,
      `select epoch_us(min(start_time)) a, epoch_us(max(start_time)) b, epoch_us(max(end_time)) c,
        min(duration_ms) d, max(status_code) e, count(*) - count(events) f, count(*) - count(label) g,
        count(*) - count(entity_ids) h, count(*) - count(attributes) i,
        max(start_time) <= timestamptz '${stats.maxValues.start_time}' j,
        max(start_time) > timestamptz '${stats.maxValues.start_time}' - interval 1 millisecond k,
        min(end_time) >= timestamptz '${stats.minValues.end_time}' l
        from spans`,
    );
    assert.ok(row);
    assert.deepEqual([row["a"], row["b"], row["c"]].map(Number), [
      bounds.minStartUs,
      bounds.maxStartUs,
      bounds.maxEndUs,
    ]);
    assert.deepEqual([row["j"], row["k"], row["l"]], [true, true, true]);
    assert.equal(stats.minValues.duration_ms, Number(row["d"]));
    assert.equal(stats.maxValues.status_code, row["e"]);
    assert.equal(stats.minValues.service_name, "shop");
    assert.deepEqual(
      [
        stats.nullCount.events,
        stats.nullCount.label,
        stats.nullCount.entity_ids,
        stats.nullCount.attributes,
      ],
      [row["f"], row["g"], row["h"], row["i"]].map(Number),
    );
  }
});

test("Row group statistics let a reader skip row groups by start time", async () => {
  const [file] = sealSegment(shuffled().detach().payload);
  const rows = await queryDuckDb(
    file?.bytes ?? new Uint8Array(),
    "select 1 from spans where start_time < timestamptz '2020-01-01'",
  );
  assert.equal(rows.length, 0);
});

test("Trace hashes are sorted, unique, and found by id", () => {
  const builder = shuffled();
  const { traceHashes } = builder.encode(0, 200);
  assert.equal(traceHashes.length, 100);
  for (let i = 1; i < 100; i++) assert.ok((traceHashes[i - 1] ?? 0n) < (traceHashes[i] ?? 0n));
  for (let n = 0; n < 100; n++) {
    assert.ok(traceHashes.includes(traceIdHash(traceId(n), 0)));
    assert.equal(traceIdHash(traceId(n), 0), traceIdHashFromHex(hex(traceId(n)).toUpperCase()));
  }
  assert.throws(() => traceIdHashFromHex("abc"), RangeError);
});

test("Sorting is stable, also when times span more than a double can key", () => {
  const near = Float64Array.of(5, 3, 5, 3, 4);
  assert.deepEqual([...sortOrder(near, 5) ?? []], [1, 3, 4, 0, 2]);
  const far = Float64Array.of(9e15, 0, 9e15, 0, 1);
  assert.deepEqual([...sortOrder(far, 5) ?? []], [1, 3, 4, 0, 2]);
  assert.equal(sortOrder(Float64Array.of(1, 1, 2), 3), null);
});

test("A worker seals what it is handed, and a closed sealer refuses", async () => {
  const expected = sealSegment(shuffled().detach().payload);
  const sealer = createSealer();
  const builder = shuffled();
  const files = await sealer.seal(builder.detach());
  assert.deepEqual(files, expected);
  assert.equal(builder.append(request(span(1)), "protobuf", admitAll).added, 1);
  sealer.close();
  await assert.rejects(sealer.seal(builder.detach()), /closed/);
});

test("A payload that cannot be sealed fails that seal only", async () => {
  const sealer = createSealer();
  const broken = { payload: { rowCount: 1, columns: [] }, transfer: [], rows: 1 };
  await assert.rejects(sealer.seal(broken), /Sealing a segment failed/);
  assert.equal((await sealer.seal(shuffled().detach())).length, 2);
  sealer.close();
});
