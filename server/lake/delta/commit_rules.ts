/**
 * What a commit must not say (Delta protocol, "Additional Requirements for Writers"). Pure.
 *
 * @module
 */

import type { CommitContent } from "./actions.ts";
import { CommitConflictError, tableError } from "./errors.ts";
import { decodePath } from "./paths.ts";
import { readProperties } from "./properties.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Checks a commit against the snapshot it will follow.
 *
 * @throws {ScouterError} BAD_REQUEST when the actions contradict each other or the table.
 * @throws {CommitConflictError} When a file to remove is not in the table any more.
 */
export function checkActions(content: CommitContent, snapshot: Snapshot, table: string): void {
  const refuse = (message: string): never => {
    throw tableError("BAD_REQUEST", table, `the commit ${message}`);
  };
  const once = (what: string, names: readonly string[]): Set<string> => {
    const seen = new Set<string>();
    for (const name of names) {
      if (seen.has(name)) refuse(`has two ${what} for "${name}"`);
      seen.add(name);
    }
    return seen;
  };
  const metadata = content.metaData ?? snapshot.metadata;
  const added = once("add actions", content.adds.map(({ path }) => decodePath(path, table)));
  const removed = once(
    "remove actions",
    content.removes.map(({ path }) => decodePath(path, table)),
  );
  once("txn actions", content.txns.map(({ appId }) => appId));
  once("domainMetadata actions", content.domains.map(({ domain }) => domain));
  for (const key of removed) {
    if (added.has(key)) refuse(`both adds and removes "${key}"`);
    if (!snapshot.files.has(key)) {
      throw new CommitConflictError(
        table,
        snapshot.version,
        `the file "${key}" is not in the table`,
      );
    }
  }
  const columns = [...metadata.partitionColumns].sort().join(", ");
  for (const { path, partitionValues } of content.adds) {
    const given = Object.keys(partitionValues).sort().join(", ");
    if (given !== columns) {
      refuse(
        `adds "${path}" with partition values for (${given}); the table is partitioned by (${columns})`,
      );
    }
  }
  if (
    readProperties(metadata, table).appendOnly &&
    content.removes.some(({ dataChange }) => dataChange)
  ) {
    refuse("removes rows, but the table is append-only (delta.appendOnly)");
  }
}
