/**
 * Users on the wire.
 *
 * @module
 */

import type { CreatedAccount } from "../auth/accounts.ts";
import type { UserRow } from "../db/users.ts";

/** A user, without anything secret. */
export function userJson(user: UserRow) {
  return {
    username: user.username,
    email: user.email ?? "",
    active: user.active,
    role: user.role,
    permissions: user.permissions,
    group_permissions: user.group_permissions,
    favorite_spaces: user.favorite_spaces,
  };
}

/** A new user with the recovery codes, which are shown this once. */
export function createdUserJson(created: CreatedAccount) {
  return {
    user: userJson(created.user),
    recovery_codes: created.recoveryCodes,
    message:
      "Keep the recovery codes in a safe place: each resets the password once, and they are not shown again.",
  };
}
