import assert from "node:assert/strict";
import { it } from "node:test";
import { isAllowed, type Need } from "../../../server/auth/mod.ts";
import type { Principal } from "../../../server/http/context.ts";

function holder(permissions: string[], groupPermissions: string[] = ["user"]): Principal {
  return { username: "ann", permissions, groupPermissions, via: "token" };
}

const shop = (action: "read" | "write" | "delete" | "ingest"): Need => ({ action, space: "shop" });

it("permissions allow exactly what they say", () => {
  const table: [string[], Need, boolean][] = [
    [[], "any", true],
    [[], "read", false],
    [["read:all"], "read", true],
    [["read:all"], shop("read"), true],
    [["read:all"], shop("write"), false],
    [["read:all"], shop("delete"), false],
    [["read:all"], "ingest", false],
    [["read:shop"], shop("read"), true],
    [["read:shop"], { action: "read", space: "bank" }, false],
    [["read:shop"], { action: "read", space: "shop2" }, false],
    // Data of no single space may be of any space.
    [["read:shop"], "read", false],
    [["write:shop"], "write", false],
    [["write:shop"], "ingest", true],
    [["ingest:shop"], "ingest", true],
    [["ingest:shop"], shop("ingest"), true],
    [["ingest:shop"], { action: "ingest", space: "bank" }, false],
    [["ingest:all"], shop("write"), false],
    [["delete:shop"], shop("delete"), true],
    [["read:all", "write:all", "delete:all", "ingest:all"], "admin", false],
    [["read"], "read", false],
    [["read:"], "read", false],
    [[":all"], "read", false],
    // A space may have a colon in its name.
    [["read:a:b"], { action: "read", space: "a:b" }, true],
    [["read:a:b"], { action: "read", space: "a" }, false],
  ];
  for (const [permissions, need, expected] of table) {
    assert.equal(
      isAllowed(holder(permissions), need),
      expected,
      JSON.stringify([permissions, need]),
    );
  }
});

it("an administrator may do everything", () => {
  const admin = holder([], ["admin"]);
  for (const need of ["any", "admin", "read", "delete", shop("write")] satisfies Need[]) {
    assert.equal(isAllowed(admin, need), true);
  }
});

it("a space called all is not every space", () => {
  // The name is reserved: asking for it asks for all.
  assert.equal(isAllowed(holder(["read:shop"]), { action: "read", space: "all" }), false);
});
