import { v7 as uuidv7 } from "uuid";
import type { JsonNode } from "./json_node.ts";

/** The library version that profiles carry. */
export const SCOUTER_VERSION: string = "0.1.0";

/** Stands for a space or name that was not given. */
export const MISSING_NAME = "__missing__";
/** Asks the server to choose the version. */
export const DEFAULT_VERSION = "0.0.0";

/** Who a profile belongs to. */
export interface Identity {
  /** The team or project. */
  space: string;
  /** The model or service. */
  name: string;
  /** A semantic version; "0.0.0" asks the server to choose. */
  version: string;
  /** Unique id; the server replaces it when the profile is registered. */
  uid: string;
}

/** An identity with defaults filled in. */
export function completeIdentity(given: Partial<Identity>): Identity {
  return {
    space: given.space ?? MISSING_NAME,
    name: given.name ?? MISSING_NAME,
    version: given.version ?? DEFAULT_VERSION,
    uid: given.uid ?? uuidv7(),
  };
}

/** Reads identity fields; only `uid` may be absent. */
export function identityFromNode(node: JsonNode): Identity {
  const uid = node.get("uid");
  return {
    space: node.get("space").string(),
    name: node.get("name").string(),
    version: node.get("version").string(),
    uid: uid.isAbsent ? uuidv7() : uid.string(),
  };
}
