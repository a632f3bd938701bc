/**
 * Commit files: newline-delimited JSON, one action a line (Delta protocol, "Delta Log Entries").
 *
 * @module
 */

import { z } from "zod";
import {
  type Action,
  addSchema,
  type CommitContent,
  type CommitInfo,
  commitInfoSchema,
  domainMetadataSchema,
  metaDataSchema,
  protocolSchema,
  removeSchema,
  txnSchema,
} from "./actions.ts";
import { damagedLog } from "./errors.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/** Actions that only V2 checkpoints may hold. */
const CHECKPOINT_ONLY = new Set(["checkpointMetadata", "sidecar"]);

/**
 * Parses a commit file. Unknown actions and fields in well-formed lines are skipped, as the protocol demands ("Protocol
 * Evolution"); anything that is not an action is an error.
 *
 * @param bytes Content of the file.
 * @param table Address of the table, for errors.
 * @param version Version of the commit, for errors.
 * @throws {ScouterError} INTERNAL_ERROR naming table, version and line when the file is damaged.
 */
export function parseCommit(bytes: Uint8Array, table: string, version: number): CommitContent {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw damagedLog(table, version, "the commit file is not UTF-8", cause);
  }
  const content = {
    adds: [] as z.output<typeof addSchema>[],
    removes: [] as z.output<typeof removeSchema>[],
    metaData: undefined as z.output<typeof metaDataSchema> | undefined,
    protocol: undefined as z.output<typeof protocolSchema> | undefined,
    txns: [] as z.output<typeof txnSchema>[],
    domains: [] as z.output<typeof domainMetadataSchema>[],
    commitInfo: undefined as CommitInfo | undefined,
  };
  let actions = 0;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    actions++;
    const damaged = (what: string, cause?: unknown): Error =>
      damagedLog(table, version, `line ${index + 1} of the commit file ${what}`, cause);
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch (cause) {
      throw damaged("is not JSON (cut off?)", cause);
    }
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
      throw damaged("is not an action");
    }
    for (const [name, body] of Object.entries(parsed)) {
      if (body === null) continue;
      if (CHECKPOINT_ONLY.has(name)) {
        throw damaged(`has a ${name} action, which only checkpoints may hold`);
      }
      try {
        switch (name) {
          case "add":
            content.adds.push(addSchema.parse(body));
            break;
          case "remove":
            content.removes.push(removeSchema.parse(body));
            break;
          case "metaData":
            content.metaData = metaDataSchema.parse(body);
            break;
          case "protocol":
            content.protocol = protocolSchema.parse(body);
            break;
          case "txn":
            content.txns.push(txnSchema.parse(body));
            break;
          case "domainMetadata":
            content.domains.push(domainMetadataSchema.parse(body));
            break;
          case "commitInfo":
            content.commitInfo = commitInfoSchema.parse(body);
            break;
        }
      } catch (cause) {
        const reason = cause instanceof z.ZodError
          ? z.prettifyError(cause).replaceAll("\n", " ")
          : String(cause);
        throw damaged(`has a malformed ${name} action: ${reason}`, cause);
      }
    }
  }
  if (actions === 0) throw damagedLog(table, version, "the commit file is empty");
  return content;
}

/** Writes a commit file. `commitInfo` comes first, as readers of in-commit timestamps expect. */
export function encodeCommit(commitInfo: CommitInfo, actions: readonly Action[]): Uint8Array {
  const lines = [
    JSON.stringify({ commitInfo }),
    ...actions.map((action) => JSON.stringify(action)),
  ];
  return encoder.encode(lines.join("\n") + "\n");
}
