import assert from "node:assert/strict";
import { sql } from "kysely";
import { applyRetention } from "../../../server/db/retention.ts";
import { SecretRepository } from "../../../server/db/secrets.ts";
import { SessionRepository } from "../../../server/db/sessions.ts";
import { sideRowSink } from "../../../server/db/side_rows.ts";
import { TagRepository } from "../../../server/db/tags.ts";
import { TraceBaggageRepository } from "../../../server/db/trace_baggage.ts";
import { TraceEntityRepository } from "../../../server/db/trace_entities.ts";
import { type NewUser, UserRepository } from "../../../server/db/users.ts";
import { onBothDatabases } from "../../support/databases.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const OTHER_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const ENTITY = "018f3c1e-7c2a-7d4e-8a55-0123456789ab";

function tag(entityId: string, key: string, value: string) {
  return { entityType: "trace", entityId, key, value };
}

function user(username: string, admin = false): NewUser {
  return {
    username,
    email: null,
    passwordHash: "x",
    active: true,
    role: "user",
    permissions: ["read:all"],
    groupPermissions: admin ? ["user", "admin"] : ["user"],
    favoriteSpaces: [],
  };
}

onBothDatabases("tags", ({ database, clear, test }) => {
  test("a tag given twice is stored once and its update time moves", async () => {
    await clear();
    const tags = new TagRepository(database().db);
    await tags.upsert([tag(TRACE, "env", "prod"), tag(TRACE, "env", "prod")]);
    await tags.upsert([tag(TRACE, "env", "prod")]);
    assert.deepEqual(await tags.ofEntity("trace", TRACE), [tag(TRACE, "env", "prod")]);
    // Compared in the database: a JavaScript Date has only milliseconds.
    const moved = await sql<
      { moved: boolean }
    >`select updated_at > created_at as moved from scouter.tags`
      .execute(database().db);
    assert.deepEqual(moved.rows, [{ moved: true }]);
  });

  test("match_all wants every pair, even two values of one key", async () => {
    await clear();
    const tags = new TagRepository(database().db);
    await tags.upsert([
      tag("a", "env", "prod"),
      tag("a", "env", "blue"),
      tag("b", "env", "prod"),
      tag("b", "team", "x"),
    ]);
    const prod = { key: "env", value: "prod" };
    const blue = { key: "env", value: "blue" };
    assert.deepEqual(await tags.entitiesWith("trace", [prod, blue], true, 10), ["a"]);
    assert.deepEqual((await tags.entitiesWith("trace", [prod, blue], false, 10)).sort(), [
      "a",
      "b",
    ]);
    assert.deepEqual((await tags.entitiesWith("trace", [prod, prod], true, 10)).sort(), ["a", "b"]);
    assert.deepEqual(await tags.entitiesWith("service", [prod], true, 10), []);
    assert.deepEqual(await tags.entitiesWith("trace", [], true, 10), []);
  });

  test("several thousand tags go in by a few statements and all arrive", async () => {
    await clear();
    const tags = new TagRepository(database().db);
    const many = Array.from({ length: 2500 }, (_, i) => tag(`e${i}`, "n", String(i)));
    assert.equal(await tags.upsert(many), 2500);
    const row = await sql<{ n: string | number }>`select count(*)::int as n from scouter.tags`
      .execute(
        database().db,
      );
    assert.equal(Number(row.rows[0]?.n), 2500);
  });

  test("hostile texts come back as they went in", async () => {
    await clear();
    const tags = new TagRepository(database().db);
    const texts = [
      "'; drop table scouter.tags; --",
      '{"a",NULL}',
      "\\x00",
      "NULL",
      "",
      "日本語 🧪",
      "\"\\,{}'",
    ];
    await tags.upsert(texts.map((text) => tag(TRACE, text, text)));
    const back = (await tags.ofEntity("trace", TRACE)).map((row) => row.value).sort();
    assert.deepEqual(back, [...texts].sort());
    for (const text of texts) {
      assert.deepEqual(await tags.entitiesWith("trace", [{ key: text, value: text }], true, 5), [
        TRACE,
      ]);
    }
  });

  test("a value too long for an index and one with a NUL are stored", async () => {
    await clear();
    const tags = new TagRepository(database().db);
    let noise = "";
    for (let i = 0; noise.length < 100_000; i++) noise += Math.imul(i, 2654435761).toString(36);
    await tags.upsert([
      tag(TRACE, "long", noise),
      tag(TRACE, "nul", "a\0b"),
      tag(TRACE, "half", "\ud800"),
    ]);
    const back = new Map((await tags.ofEntity("trace", TRACE)).map((row) => [row.key, row.value]));
    assert.equal(back.get("long"), noise);
    assert.equal(back.get("nul"), "a\uFFFDb");
    assert.equal(back.get("half"), "\uFFFD");
  });

  test("writers of the same tags in opposite orders both finish", async () => {
    await clear();
    const tags = new TagRepository(database().db);
    const list = Array.from({ length: 500 }, (_, i) => tag("e", "n", String(i)));
    const reversed = list.toReversed();
    await Promise.all(Array.from({ length: 8 }, (_, i) => tags.upsert(i % 2 ? list : reversed)));
    assert.equal((await tags.ofEntity("trace", "e")).length, 500);
  });
});

onBothDatabases("baggage and entities", ({ database, clear, test }) => {
  const baggage = (key: string, value: string, createdAtUs = 1_763_712_000_123_457) => ({
    createdAtUs,
    traceIdHex: TRACE,
    scope: "lib",
    key,
    value,
  });

  test("baggage comes back by trace to the microsecond, the first of equal rows kept", async () => {
    await clear();
    const repository = new TraceBaggageRepository(database().db);
    await repository.insert([baggage("user", "1"), baggage("user", "2")]);
    await repository.insert([baggage("user", "3"), baggage("zone", "4")]);
    assert.deepEqual(await repository.ofTrace(TRACE), [baggage("user", "1"), baggage("zone", "4")]);
    assert.deepEqual(await repository.ofTrace(OTHER_TRACE), []);
  });

  test("the sink is idempotent and does not lose rows beside one that cannot be stored", async () => {
    await clear();
    let refused = 0;
    const sink = sideRowSink(database().db, { add: (n = 1) => void (refused += n) });
    const entity = (entityUid: string, queueOwned: boolean) => ({
      traceIdHex: TRACE,
      entityUid,
      taggedAtUs: 1_763_712_000_000_001,
      queueOwned,
    });
    const side = {
      tags: [tag(TRACE, "k", "v")],
      baggage: [baggage("user", "1")],
      entities: [entity(ENTITY, false), entity("not-a-uuid", false)],
    };
    await sink.write(side);
    await sink.write(side);
    await sink.write({ tags: [], baggage: [], entities: [entity(ENTITY.toUpperCase(), true)] });
    const entities = new TraceEntityRepository(database().db);
    assert.deepEqual(await entities.ofTrace(TRACE), [{ entityUid: ENTITY, queueOwned: true }]);
    assert.deepEqual(
      await entities.tracesOf(ENTITY, 1_763_712_000_000_001, 1_763_712_000_000_002, 5),
      [TRACE],
    );
    assert.deepEqual(
      await entities.tracesOf(ENTITY, 1_763_712_000_000_002, 1_763_712_000_000_003, 5),
      [],
    );
    assert.equal((await new TagRepository(database().db).ofEntity("trace", TRACE)).length, 1);
    assert.equal((await new TraceBaggageRepository(database().db).ofTrace(TRACE)).length, 1);
    assert.equal(refused, 2);
  });

  test("retention removes what is older than 30 days and nothing else", async () => {
    await clear();
    const now = new Date("2026-03-31T00:00:00Z");
    const day = 86_400_000_000;
    const nowUs = now.getTime() * 1000;
    const repository = new TraceBaggageRepository(database().db);
    await repository.insert([
      baggage("old", "x", nowUs - 30 * day - 1),
      baggage("young", "x", nowUs - 30 * day),
    ]);
    await new TraceEntityRepository(database().db).insert([
      { traceIdHex: TRACE, entityUid: ENTITY, taggedAtUs: nowUs - 31 * day, queueOwned: false },
      { traceIdHex: OTHER_TRACE, entityUid: ENTITY, taggedAtUs: nowUs, queueOwned: false },
    ]);
    const removed = await applyRetention(database().db, now);
    assert.deepEqual({ ...removed, sessions: 0 }, { baggage: 1, entities: 1, sessions: 0 });
    assert.deepEqual((await repository.ofTrace(TRACE)).map((row) => row.key), ["young"]);
  });
});

onBothDatabases("accounts", ({ database, clear, test }) => {
  test("a taken user name is refused without an error", async () => {
    await clear();
    const users = new UserRepository(database().db);
    const made = await users.create({ ...user("ann"), permissions: ["read:all", 'a"b,c{}\\'] });
    assert.deepEqual(made?.permissions, ["read:all", 'a"b,c{}\\']);
    assert.equal(await users.create(user("ann")), undefined);
    assert.equal((await users.list()).length, 1);
  });

  test("an administrator is an active user of the group admin", async () => {
    await clear();
    const users = new UserRepository(database().db);
    await users.create(user("a", true));
    await users.create({ ...user("b", true), active: false });
    await users.create({ ...user("c"), role: "admin" });
    assert.equal(await users.countAdmins(), 1);
  });

  test("of many uses of one recovery code at once exactly one succeeds", async () => {
    await clear();
    const users = new UserRepository(database().db);
    const id = (await users.create(user("ann")))?.id ?? -1;
    const hash = new Uint8Array(32).fill(7);
    await users.setRecoveryCodes(id, [hash]);
    const results = await Promise.all(
      Array.from({ length: 8 }, () => users.consumeRecoveryCode(id, hash)),
    );
    assert.equal(results.filter(Boolean).length, 1);
  });

  test("of many rotations of one refresh token at once exactly one succeeds", async () => {
    await clear();
    const id = (await new UserRepository(database().db).create(user("ann")))?.id ?? -1;
    const sessions = new SessionRepository(database().db);
    const now = new Date();
    const later = new Date(now.getTime() + 1000);
    const hash = (n: number) => new Uint8Array(32).fill(n);
    await sessions.create({
      id: "s",
      userId: id,
      tokenHash: hash(1),
      expiresAt: later,
      endsAt: later,
    });
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) => sessions.rotate(hash(1), hash(10 + i), now, later)),
    );
    assert.equal(results.filter((row) => row !== undefined).length, 1);
    const far = new Date(now.getTime() + 99_000);
    assert.equal((await sessions.extend("s", now, far))?.expires_at.getTime(), later.getTime());
    assert.equal(await sessions.live("s", later), undefined);
    await sessions.revoke("s", now);
    assert.equal(await sessions.live("s", now), undefined);
  });

  test("a secret asked for by several at once is one secret, and stays", async () => {
    await clear();
    const secrets = new SecretRepository(database().db);
    const all = await Promise.all(Array.from({ length: 5 }, () => secrets.getOrCreate("k")));
    assert.equal(new Set(all).size, 1);
    assert.equal(await secrets.getOrCreate("k"), all[0]);
    assert.ok((all[0] ?? "").length >= 43);
    assert.notEqual(await secrets.getOrCreate("other"), all[0]);
  });

  test("a failed transaction leaves nothing and does not swallow its neighbours", async () => {
    await clear();
    const { db } = database();
    const users = new UserRepository(db);
    const results = await Promise.allSettled([
      users.exclusively(async (inside) => {
        await inside.create(user("lost"));
        throw new Error("changed my mind");
      }),
      users.create(user("kept")),
      users.exclusively((inside) => inside.create(user("also-kept"))),
    ]);
    assert.deepEqual(results.map((result) => result.status), [
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    assert.deepEqual((await users.list()).map((row) => row.username), ["also-kept", "kept"]);
  });
});
