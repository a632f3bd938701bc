/**
 * What a caller may do. Permissions are `action:space` with `all` for every space; the group `admin` may do
 * everything.
 *
 * @module
 */

import { ScouterError } from "../errors.ts";
import type { Principal } from "../http/context.ts";

/** Something a caller may be allowed to do. Whoever may write to a space may ingest into it. */
export type Action = "read" | "write" | "delete" | "ingest";

/**
 * What a route or call needs. `any` is met by everybody who is known. An action without a space is about data
 * that belongs to no single space: reading, writing or deleting it needs the permission for all spaces, while
 * ingesting it needs the permission for any space, since sending discloses nothing.
 */
export type Need = "any" | "admin" | Action | { readonly action: Action; readonly space: string };

/** The group that may do everything. */
export const ADMIN_GROUP = "admin";

/** The caller when no login is asked for. */
export const LOCAL_PRINCIPAL: Principal = {
  username: "local",
  permissions: ["read:all", "write:all", "delete:all", "ingest:all"],
  groupPermissions: ["user", ADMIN_GROUP],
  via: "local",
};

/** Whether the caller is an administrator. */
export function isAdmin(principal: Pick<Principal, "groupPermissions">): boolean {
  return principal.groupPermissions.includes(ADMIN_GROUP);
}

/** Whether the caller may do what is needed. */
export function isAllowed(principal: Principal, need: Need): boolean {
  if (need === "any" || isAdmin(principal)) return true;
  if (need === "admin") return false;
  const { action, space } = typeof need === "string" ? { action: need, space: undefined } : need;
  const actions = action === "ingest" ? ["ingest", "write"] : [action];
  for (const permission of principal.permissions) {
    const colon = permission.indexOf(":");
    if (colon < 0 || !actions.includes(permission.slice(0, colon))) continue;
    const granted = permission.slice(colon + 1);
    if (granted === "all" || (space === undefined ? action === "ingest" : granted === space)) {
      return true;
    }
  }
  return false;
}

/**
 * Refuses a caller who may not do what is needed.
 *
 * @throws {ScouterError} ADMIN_REQUIRED or PERMISSION_DENIED, naming the permission that is missing.
 */
export function authorize(principal: Principal, need: Need): void {
  if (isAllowed(principal, need)) return;
  if (need === "admin") {
    throw new ScouterError(
      "ADMIN_REQUIRED",
      `User "${principal.username}" is not an administrator.`,
      {
        suggestedAction: "Ask an administrator to do this, or to add you to the group `admin`.",
      },
    );
  }
  const permission = typeof need === "string" ? `${need}:all` : `${need.action}:${need.space}`;
  throw new ScouterError(
    "PERMISSION_DENIED",
    `User "${principal.username}" lacks the permission "${permission}".`,
    { suggestedAction: `Ask an administrator for "${permission}", or use an API key that has it.` },
  );
}
