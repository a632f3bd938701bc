/**
 * Logical conflicts between a commit and the commits that got in before it. Pure.
 *
 * @module
 */

import type { CommitContent } from "./actions.ts";
import { CommitConflictError } from "./errors.ts";
import { decodePath } from "./paths.ts";

/**
 * What a commit's author looked at before deciding:
 * - `nothing`: a blind append;
 * - `removed files`: only the files it removes (compaction, retention);
 * - `table`: everything, so that any change of rows invalidates the decision.
 */
export type ReadScope = "nothing" | "removed files" | "table";

/** What the check needs to know about our commit. */
export interface Ours {
  readonly content: CommitContent;
  readonly reads: ReadScope;
  readonly table: string;
}

/**
 * Decides whether our commit may follow a winning one.
 *
 * @returns `"already"` when the winner carries our transaction (same application, at least our version), else
 * `"compatible"`.
 * @throws {CommitConflictError} When our commit must be planned again.
 */
export function checkConflict(
  ours: Ours,
  winner: CommitContent,
  version: number,
): "compatible" | "already" {
  const { content, reads, table } = ours;
  const conflict = (reason: string): never => {
    throw new CommitConflictError(table, version, reason);
  };
  for (const txn of content.txns) {
    const theirs = winner.txns.find(({ appId }) => appId === txn.appId);
    if (theirs === undefined) continue;
    if (theirs.version >= txn.version) return "already";
    conflict(`application "${txn.appId}" committed transaction ${theirs.version} at the same time`);
  }
  if (winner.protocol !== undefined) conflict("it changed the protocol");
  if (winner.metaData !== undefined) conflict("it changed the table's metadata");
  if (content.protocol !== undefined || content.metaData !== undefined) {
    conflict("the table changed while its metadata or protocol was being changed");
  }
  const keys = (paths: readonly { readonly path: string }[]): Set<string> =>
    new Set(paths.map(({ path }) => decodePath(path, table)));
  const theirRemoves = keys(winner.removes);
  for (const key of keys(content.removes)) {
    if (theirRemoves.has(key)) conflict(`both remove the file "${key}"`);
  }
  const theirAdds = keys(winner.adds);
  for (const key of [...keys(content.adds), ...keys(content.removes)]) {
    if (theirAdds.has(key)) conflict(`both change the file "${key}"`);
  }
  if (reads === "table") {
    if (winner.adds.some(({ dataChange }) => dataChange)) {
      conflict("it added rows to what was read");
    }
    if (winner.removes.length > 0) conflict("it removed files that were read");
  }
  for (const { domain } of content.domains) {
    if (winner.domains.some((theirs) => theirs.domain === domain)) {
      conflict(`both change the domain metadata of "${domain}"`);
    }
  }
  return "compatible";
}
