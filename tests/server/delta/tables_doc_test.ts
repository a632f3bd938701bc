import assert from "node:assert/strict";
import { test } from "node:test";
import { readTablesDoc, renew } from "../../../scripts/generate_tables_doc.ts";
import { SPAN_COLUMNS } from "../../../server/lake/traces/schema.ts";

test("docs/tables.md describes the columns as they are (else run `deno task docs:tables`)", async () => {
  const document = await readTablesDoc();
  assert.equal(document, renew(document));
});

test("docs/tables.md has a row for every column, with a meaning", async () => {
  const document = await readTablesDoc();
  for (const { name, type } of SPAN_COLUMNS) {
    const line = document.split("\n").find((text) =>
      text.startsWith(`| \`${name}\` | ${type.replace("<", "\\<")} |`)
    );
    assert.ok(line !== undefined && /\| (yes|no) \| .{5,} \|$/.test(line), `${name}: ${line}`);
  }
});
