/** Writes rows into the embedded database until it is killed, printing a line for each that was acknowledged. */

import { openDatabase } from "../../../server/db/database.ts";

const [dataDir] = Deno.args;
if (dataDir === undefined) throw new Error("usage: writer_process.ts DATA_DIR");
const { db } = await openDatabase({ dataDir });
const line = new TextEncoder().encode("stored\n");
for (;;) {
  await db.insertInto("scouter.secrets").values({
    name: crypto.randomUUID(),
    value: "x".repeat(500),
  }).execute();
  Deno.stdout.writeSync(line);
}
