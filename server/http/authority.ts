/**
 * What the doors need of authentication.
 *
 * @module
 */

import type { Authenticator } from "../auth/authenticator.ts";

/** Decides who a request acts for and what it may do. */
export type Authority = Pick<
  Authenticator,
  "mode" | "authenticate" | "authenticateWithRefresh" | "authorize"
>;
