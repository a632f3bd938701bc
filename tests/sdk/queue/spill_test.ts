import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { PsiDriftProfile, SpcDriftProfile } from "../../../sdk/drift/mod.ts";
import { MockTransport, TransportError } from "../../../sdk/queue/mod.ts";
import { DirectorySpill } from "../../../sdk/queue/spill/mod.ts";
import { EvalRecord, feature, features, metrics, parseMessage } from "../../../sdk/records/mod.ts";
import { runtimeName } from "../../../sdk/runtime/mod.ts";
import { agentProfile, customProfile, mockQueue, PSI, recordsOf, SPC, widePsi } from "./support.ts";

const CHILD = fileURLToPath(new URL("spill_child.ts", import.meta.url));
const RUN = runtimeName() === "deno" ? ["run", "-A", "--quiet"] : [];

async function inDirectory(work: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), "scouter-spill-"));
  try {
    await work(path);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

const away = () =>
  new MockTransport({
    onSend: () => {
      throw new TransportError("away");
    },
  });

/** What a queue leaves behind whose process is killed: it is never shut down, and a copy of its files is all there is. */
function files(path: string): Map<string, Uint8Array> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true });
  const found = new Map<string, Uint8Array>();
  for (const entry of names.filter((entry) => entry.isFile() && entry.name !== "lock")) {
    const file = join(entry.parentPath, entry.name);
    found.set(file.slice(path.length), readFileSync(file));
  }
  return found;
}

async function put(path: string, content: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const copy = join(path, `copy-${crypto.randomUUID()}`);
  for (const [name, bytes] of content) {
    await mkdir(join(copy, name, ".."), { recursive: true });
    await writeFile(join(copy, name), bytes);
  }
  return copy;
}

describe("a queue that spills to disk", () => {
  it("loses nothing when its process is killed again and again, counted by id", {
    timeout: 120_000,
  }, async () => {
    await inDirectory(async (directory) => {
      const texts = new Set<string>();
      let calls = 0;
      const server = createServer((request, response) => {
        let body = "";
        request.on("data", (chunk) => body += chunk);
        request.on("end", () => {
          // Two of three are turned away, one of them after it was taken.
          const turn = calls++ % 3;
          if (turn > 0) texts.add(body);
          response.writeHead(turn === 2 ? 200 : 503, { "content-type": "application/json" });
          response.end('{"status":"success","message":""}');
        });
      });
      await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
      const address = server.address();
      assert.ok(address !== null && typeof address === "object");
      const uri = `http://127.0.0.1:${address.port}`;
      const acknowledged = new Set<string>();
      let attempted = 0;

      /** Runs the service, and kills it after so many inserts. @returns the last it told */
      const run = (from: number, to: number, killAfter: number) =>
        new Promise<string>((resolve, reject) => {
          const args = [...RUN, CHILD, directory, uri, String(from), String(to)];
          const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
          let told = "";
          let errors = "";
          child.stderr.on("data", (chunk) => errors += chunk);
          child.stdout.on("data", (chunk) => {
            told += chunk;
            if (told.split("\n").length > killAfter) child.kill("SIGKILL");
          });
          child.once("error", reject);
          child.once("close", () => {
            if (told === "") return reject(new Error(`the service did not start: ${errors}`));
            const lines = told.split("\n").slice(0, -1);
            for (const line of lines) if (/^\d+$/.test(line)) acknowledged.add(line);
            resolve(lines.at(-1) ?? "");
          });
        });

      let next = 0;
      const rounds = [3, 40, 111, 260];
      for (const killAfter of rounds) {
        const last = await run(next, next + 10_000, killAfter);
        next = Number(last) + 1;
        // One more insert may have been under way.
        attempted++;
      }
      assert.equal(await run(next, next + 30, Infinity), "complete");
      await new Promise((closed) => server.close(closed));

      const ids = new Set<string>();
      let seen = 0;
      for (const text of texts) {
        for (const record of recordsOf([parseMessage(text)])) {
          if ("AgentEval" in record) ids.add(record.AgentEval.record.record_id);
          // A batch that is sent again is the same to the byte, so that each counts once here.
          if ("Psi" in record) seen += record.Psi.bin_count;
        }
      }
      assert.deepEqual([...acknowledged].filter((id) => !ids.has(id)), []);
      assert.ok(acknowledged.size > rounds.reduce((sum, count) => sum + count));
      assert.ok(seen >= acknowledged.size && seen <= acknowledged.size + attempted, `${seen}`);
    });
  });

  it("sends what an earlier process gathered, for every kind of profile", async () => {
    await inDirectory(async (path) => {
      const profiles = {
        agent: agentProfile(),
        custom: customProfile(),
        psi: PsiDriftProfile.fromJSON(PSI),
        spc: SpcDriftProfile.fromJSON(SPC),
      };
      const spill = new DirectorySpill(join(path, "first"));
      const { queue } = await mockQueue(profiles, { spill, transport: away() });
      queue.get("agent").insert(new EvalRecord({ id: "r1" }));
      for (const mae of [1, 3, 5]) queue.get("custom").insert(metrics({ mae }));
      for (const x of [1, 2n ** 60n]) queue.get("psi").insert(features([feature.int("x", x)]));
      // Samples of three: the second q is begun when the first batch is made.
      for (const item of [{ p: 1, q: 1 }, { p: 2 }, { p: 3 }, { q: 5 }]) {
        queue.get("spc").insert(features(item));
      }
      const left = await put(path, files(join(path, "first")));
      await queue.shutdown({ deadlineMs: 0 });

      const second = await mockQueue(profiles, { spill: new DirectorySpill(left) });
      const recovered = (alias: string) => second.queue.get(alias).stats().recovered;
      assert.deepEqual(Object.keys(profiles).map(recovered), [1, 3, 2, 4]);
      second.queue.get("spc").insert(features({ q: 9 }));
      const report = await second.queue.shutdown();
      assert.equal(report.complete, true);
      const records = recordsOf(second.transport.messages);
      const of = <T>(pick: (record: (typeof records)[number]) => T | undefined) =>
        records.flatMap((record) => pick(record) ?? []);
      assert.deepEqual(
        of((r) => "AgentEval" in r ? r.AgentEval.record.record_id : undefined),
        ["r1"],
      );
      assert.deepEqual(of((r) => "Custom" in r ? r.Custom.value : undefined), [2, 5]);
      assert.deepEqual(of((r) => "Psi" in r ? r.Psi.bin_count : undefined), [1, 0, 1]);
      assert.deepEqual(
        of((r) => "Spc" in r ? `${r.Spc.feature}${r.Spc.value}` : undefined),
        ["p2", "q5"],
      );
      assert.deepEqual([...files(left).keys()], []);
    });
  });

  it("sends the rest of a batch whose process was killed between two of its messages", async () => {
    await inDirectory(async (path) => {
      const names = Array.from({ length: 2_000 }, (_, i) => `f${i}`);
      const profiles = { m: PsiDriftProfile.fromJSON(widePsi(names)) };
      let copy: Promise<string> | null = null;
      const spill = new DirectorySpill(join(path, "first"));
      const open = spill.open.bind(spill);
      let seals = 0;
      spill.open = (alias, uid) => {
        const files_ = open(alias, uid);
        const seal = files_.seal.bind(files_);
        files_.seal = (batch, rest) => {
          const key = seal(batch, rest);
          // What a kill right here leaves: read before anything else happens.
          if (++seals === 1) copy = put(path, files(join(path, "first")));
          return key;
        };
        return files_;
      };
      const first = await mockQueue(profiles, { spill });
      first.queue.get("m").insert(features(Object.fromEntries(names.map((name) => [name, 1]))));
      await first.queue.shutdown();
      assert.equal(seals, 2);
      const left = await copy;
      assert.ok(left !== null);
      const second = await mockQueue(profiles, { spill: new DirectorySpill(left) });
      assert.equal((await second.queue.shutdown()).complete, true);
      for (const { transport } of [first, second]) {
        assert.deepEqual(
          transport.messages.map((message) => recordsOf([message]).length),
          [5_000, 1_000],
        );
        const seen = recordsOf(transport.messages)
          .flatMap((r) => "Psi" in r && r.Psi.bin_count === 1 ? r.Psi.feature : []);
        assert.deepEqual(seen, names);
      }
    });
  });

  it("keeps at shutdown what it could not send, and says so", async () => {
    await inDirectory(async (path) => {
      const profiles = { m: customProfile() };
      const first = await mockQueue(profiles, {
        spill: new DirectorySpill(path),
        transport: away(),
      });
      for (const mae of [1, 1, 2, 2, 3]) first.queue.get("m").insert(metrics({ mae }));
      const report = await first.queue.shutdown({ deadlineMs: 10 });
      assert.deepEqual(report.unsent, [{ alias: "m", batches: 3, items: 5, kept: true }]);
      const { kept, dropped } = report.stats.m ?? assert.fail();
      assert.deepEqual([report.complete, kept, dropped], [false, 5, 0]);
      const second = await mockQueue(profiles, { spill: new DirectorySpill(path) });
      assert.equal((await second.queue.shutdown()).stats.m?.sent, 5);
      const values = recordsOf(second.transport.messages)
        .map((record) => "Custom" in record && record.Custom.value);
      assert.deepEqual(values, [1, 2, 3]);
    });
  });

  it("finds each item once, whatever moment of making a batch its process ended at", async () => {
    await inDirectory(async (path) => {
      const header = JSON.stringify("custom-uid");
      const item = (mae: number) => JSON.stringify(metrics({ mae }));
      const message = (value: number) =>
        `{"records":[{"Custom":{"created_at":"2026-01-05T10:00:00Z","uid":"custom-uid","metric":"mae","value":${value}.0,"entity_id":0}}]}`;
      const journal = `${header}\n${item(1)}\n${item(3)}\n`;
      const moments: readonly (readonly [string, Record<string, string>, number[]])[] = [
        ["before the batch", { "7.items": journal }, [2]],
        ["the batch half written", { "7.items": journal, "7-2-1.batch.new": "{" }, [2]],
        ["the next journal begun", { "7.items": journal, "8.items": `${header}\n` }, [2]],
        ["the batch in place", { "7.items": journal, "7-2-1.batch": message(2) }, [2]],
        ["the journal gone", { "7-2-1.batch": message(2), "8.items": `${header}\n${item(4)}\n` }, [
          2,
          4,
        ]],
        ["an item half written", { "7.items": `${journal}${item(9).slice(0, 20)}` }, [2]],
        ["nothing but the header", { "7.items": header.slice(0, 3) }, []],
      ];
      for (const [name, content, expected] of moments) {
        const folder = join(path, name, "queue-m");
        await mkdir(folder, { recursive: true });
        for (const [file, text] of Object.entries(content)) {
          await writeFile(join(folder, file), text);
        }
        const spill = new DirectorySpill(join(path, name));
        const { queue, transport } = await mockQueue({ m: customProfile() }, { spill });
        await queue.shutdown();
        const values = recordsOf(transport.messages)
          .map((record) => "Custom" in record ? record.Custom.value : NaN);
        assert.deepEqual(values, expected, name);
        assert.deepEqual(files(folder).size, 0, name);
      }
    });
  });

  it("goes on after a line that was not written whole, and loses none beside it", async () => {
    await inDirectory(async (path) => {
      const folder = join(path, "queue-m");
      await mkdir(folder, { recursive: true });
      const whole = JSON.stringify(features({ x: 1 }));
      await writeFile(join(folder, "1.items"), `"psi-uid"\n${whole}\n${whole.slice(0, 9)}`);
      const profiles = { m: PsiDriftProfile.fromJSON(PSI) };
      const first = await mockQueue(profiles, { spill: new DirectorySpill(path) });
      first.queue.get("m").insert(features({ x: 3 }));
      const copy = await put(path, files(path));
      await first.queue.shutdown();
      const second = await mockQueue(profiles, { spill: new DirectorySpill(copy) });
      const { stats } = await second.queue.shutdown();
      assert.deepEqual([stats.m?.recovered, stats.m?.rejected, stats.m?.sent], [2, 1, 2]);
    });
  });

  it("leaves what was gathered for another profile where it is, and tells", async () => {
    await inDirectory(async (path) => {
      const folder = join(path, "queue-m");
      await mkdir(folder, { recursive: true });
      await mkdir(join(path, "queue-gone%2Fqueue"));
      await writeFile(
        join(folder, "1.items"),
        `"older-uid"\n{"metrics":[],"entity_type":"Metric"}\n`,
      );
      await writeFile(join(path, "queue-gone%2Fqueue", "1.items"), `"uid"\n`);
      const { queue, problems } = await mockQueue({ m: customProfile() }, {
        spill: new DirectorySpill(path),
      });
      assert.deepEqual(problems.map(({ alias, kind, count }) => [alias, kind, count]), [
        ["m", "spill_unusable", 1],
        ["gone/queue", "spill_unusable", 0],
      ]);
      queue.get("m").insert(metrics({ mae: 1 }));
      assert.equal((await queue.shutdown()).complete, true);
      assert.deepEqual(await readdir(folder), ["1.unusable"]);
    });
  });

  it("takes a directory for itself, and one that a process left behind that is gone", async () => {
    await inDirectory(async (path) => {
      const first = await mockQueue({ m: customProfile() }, { spill: new DirectorySpill(path) });
      await assert.rejects(
        mockQueue({ m: customProfile() }, { spill: new DirectorySpill(path) }),
        { code: "SPILL_FAILED", message: /this process uses it already/ },
      );
      await first.queue.shutdown();
      const parent = (await readFile(`/proc/${process.ppid}/stat`, "utf8").catch(() => "")).split(
        ") ",
      )
        .at(-1)?.split(" ")[19];
      await writeFile(join(path, "lock"), [process.ppid, parent].filter(Boolean).join(" "));
      await assert.rejects(
        mockQueue({ m: customProfile() }, { spill: new DirectorySpill(path) }),
        { code: "SPILL_FAILED", message: new RegExp(`process ${process.ppid} uses it`) },
      );
      for (const gone of ["4194305 1", `${process.ppid} 1`, `${process.pid} 1`, ""]) {
        await writeFile(join(path, "lock"), gone);
        const next = await mockQueue({ m: customProfile() }, { spill: new DirectorySpill(path) });
        await next.queue.shutdown();
      }
    });
  });

  it("goes on in memory when nothing can be written, and tells", async () => {
    await inDirectory(async (path) => {
      const { queue, transport, problems } = await mockQueue({ m: customProfile() }, {
        spill: new DirectorySpill(path),
      });
      await rm(path, { recursive: true });
      for (const mae of [1, 1]) queue.get("m").insert(metrics({ mae }));
      assert.equal((await queue.shutdown()).complete, true);
      assert.equal(transport.messages.length, 1);
      assert.ok(problems.length > 0);
      assert.ok(problems.every((problem) => problem.kind === "spill_failed"));
    });
  });
});
