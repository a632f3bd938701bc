/** A service that is killed: inserts records without end and tells each one after `insert` returned. */

import { writeSync } from "node:fs";
import process from "node:process";
import { PsiDriftProfile } from "../../../sdk/drift/mod.ts";
import { HttpTransport, ScouterQueue } from "../../../sdk/queue/mod.ts";
import { DirectorySpill } from "../../../sdk/queue/spill/mod.ts";
import { EvalRecord, features } from "../../../sdk/records/mod.ts";
import { agentProfile, PSI } from "./support.ts";

const [directory = "", serverUri = "", first = "0", last = "0"] = process.argv.slice(2);
const queue = await ScouterQueue.fromProfile(
  { agent: agentProfile(), psi: PsiDriftProfile.fromJSON(PSI) },
  {
    transport: new HttpTransport({ serverUri }),
    spill: new DirectorySpill(directory),
    publishIntervalMs: 15,
    retry: { firstBackoffMs: 5, maxBackoffMs: 20 },
    onProblem: () => {},
  },
);
for (let id = Number(first); id < Number(last); id++) {
  queue.get("agent").insert(new EvalRecord({ id: String(id) }));
  queue.get("psi").insert(features({ x: 1 }));
  writeSync(1, `${id}\n`);
  if (id % 10 === 0) await new Promise((wake) => setTimeout(wake, 1));
}
const report = await queue.shutdown({ deadlineMs: 20_000 });
writeSync(1, report.complete ? "complete\n" : `${JSON.stringify(report)}\n`);
