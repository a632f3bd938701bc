import assert from "node:assert/strict";
import { TraceBaggageRepository } from "../../../server/db/trace_baggage.ts";
import { onBothDatabases } from "../../support/databases.ts";
import { expectStatus, startAuth } from "../auth/support.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

onBothDatabases("the routes of tags and baggage", ({ database, clear, test }) => {
  const started = async () => {
    await clear();
    return await startAuth(database(), { setting: "off" });
  };
  const tag = (entity_id: string, key: string, value: string) => ({
    entity_type: "trace",
    entity_id,
    key,
    value,
  });

  test("tags posted are found by entity and by key and value", async () => {
    const server = await started();
    const tags = [tag("a", "env", "prod"), tag("a", "env", "blue"), tag("b", "env", "prod")];
    const stored = await expectStatus(
      await server.call("POST", "/scouter/tags", { body: { tags: [...tags, tags[0]], extra: 1 } }),
      200,
    );
    assert.equal(stored.status, "success");
    assert.equal(stored.inserted_count, 3);
    const found = await expectStatus(
      await server.call("GET", "/scouter/tags?entity_type=trace&entity_id=a"),
      200,
    );
    assert.deepEqual(found, { tags: [tag("a", "env", "blue"), tag("a", "env", "prod")] });
    const search = async (match_all: boolean | undefined, ...values: string[]) => {
      const filters = values.map((value) => ({ key: "env", value }));
      const body = {
        entity_type: "trace",
        tags: filters,
        ...(match_all === undefined ? {} : { match_all }),
      };
      const answer = await expectStatus(
        await server.call("POST", "/scouter/tags/entity", { body }),
        200,
      );
      return answer.entity_id.toSorted();
    };
    assert.deepEqual(await search(true, "prod", "blue"), ["a"]);
    assert.deepEqual(await search(false, "prod", "blue"), ["a", "b"]);
    assert.deepEqual(await search(undefined, "prod", "blue"), ["a", "b"]);
    assert.deepEqual(await search(true, "green"), []);
  });

  test("what is too long, missing or of the wrong kind is a bad request that names it", async () => {
    const server = await started();
    const get = (query: string) => server.call("GET", `/scouter/tags?${query}`);
    const atBound = "x".repeat(200);
    await expectStatus(await get(`entity_type=${atBound}&entity_id=${atBound}`), 200);
    assert.match(
      (await expectStatus(await get(`entity_type=t&entity_id=${atBound}x`), 400)).error,
      /entity_id.*200/,
    );
    assert.match(
      (await expectStatus(await get("entity_type=t"), 400)).error,
      /"entity_id" \(missing\)/,
    );
    const post = (body: unknown) => server.call("POST", "/scouter/tags", { body });
    assert.match(
      (await expectStatus(await post({ tags: [tag("a", "", "v")] }), 400)).error,
      /tags\.0\.key/,
    );
    await expectStatus(await post({ tags: [tag(`${atBound}x`, "k", "v")] }), 400);
    await expectStatus(await post({ tags: "all" }), 400);
    await expectStatus(await post({}), 400);
    await expectStatus(await post("[1,"), 400);
    await expectStatus(await post({ tags: [] }), 200);
    const search = { entity_type: "trace", match_all: true };
    await expectStatus(
      await server.call("POST", "/scouter/tags/entity", { body: { ...search, tags: [] } }),
      400,
    );
    const many = Array.from({ length: 101 }, (_, i) => ({ key: "k", value: String(i) }));
    await expectStatus(
      await server.call("POST", "/scouter/tags/entity", { body: { ...search, tags: many } }),
      400,
    );
  });

  test("SQL in any field is text", async () => {
    const server = await started();
    const hostile = "'); delete from scouter.tags; --";
    await expectStatus(
      await server.call("POST", "/scouter/tags", {
        body: { tags: [tag(hostile, hostile, hostile)] },
      }),
      200,
    );
    const query = new URLSearchParams({ entity_type: "trace", entity_id: hostile });
    const found = await expectStatus(await server.call("GET", `/scouter/tags?${query}`), 200);
    assert.deepEqual(found.tags, [tag(hostile, hostile, hostile)]);
  });

  test("baggage comes by trace with its time to the microsecond; a bad id is a bad request", async () => {
    const server = await started();
    await new TraceBaggageRepository(database().db).insert([
      {
        createdAtUs: 1_763_712_000_000_007,
        traceIdHex: TRACE,
        scope: "lib",
        key: "user",
        value: "7",
      },
    ]);
    const get = (id: string) => server.call("GET", `/scouter/trace/baggage?trace_id=${id}`);
    assert.deepEqual(await expectStatus(await get(TRACE.toUpperCase()), 200), {
      baggage: [{
        created_at: "2025-11-21T08:00:00.000007Z",
        trace_id: TRACE,
        scope: "lib",
        key: "user",
        value: "7",
      }],
    });
    assert.deepEqual(await expectStatus(await get("f".repeat(32)), 200), { baggage: [] });
    for (const id of ["", "zz", TRACE.slice(1), `${TRACE}00`, "g".repeat(32)]) {
      assert.equal((await expectStatus(await get(id), 400)).code, "BAD_REQUEST");
    }
  });
});
