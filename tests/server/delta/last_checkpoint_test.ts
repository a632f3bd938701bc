import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonChecksum } from "../../../server/lake/delta/last_checkpoint.ts";

test("the checksum of the Delta protocol's sample JSON is the one it states", () => {
  const sample = {
    k0: "'v 0'",
    checksum: "adsaskfljadfkjadfkj",
    k1: { k2: 2, k3: ["v3", [1, 2], { k4: "v4", k5: ["v5", "v6", "v7"] }] },
  };
  assert.equal(jsonChecksum(sample), "6a92d155a59bf2eecbd4b4ec7fd1f875");
});
