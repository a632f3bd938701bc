/** Appends files of one row each to the table `t`, in a process of its own: FOLDER WRITER COUNT [stop-before-commit]. */

import { DeltaTable } from "../../../server/lake/delta/mod.ts";
import { LocalObjectStore } from "../../../server/lake/objects/local.ts";
import { parquetFile } from "./support.ts";

const [folder = "", writer = "", count = "", stop] = Deno.args;
const store = new LocalObjectStore(folder);
const table = await DeltaTable.open(store, "t");
for (let i = 0; i < Number(count); i++) {
  const id = Number(writer) * 1000 + i;
  const add = await parquetFile(store, "t", `${id}.parquet`, `SELECT ${id}::BIGINT AS id`);
  if (stop !== undefined) {
    console.log("data written");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  await table.commit([add], { operation: "WRITE" });
}
Deno.exit(0);
