/**
 * Who is logged in, in the top bar.
 *
 * @module
 */

import { visibleText } from "../text.ts";
import { COOKIE_PATH, session } from "./api.ts";
import { useSelf } from "./self.ts";

/** Name and the way out; nothing where nobody logs in. */
export function Person() {
  const self = useSelf();
  if (self === null || !self.loginRequired) return null;
  // All that was loaded for this person goes with the page.
  const leave = () => location.assign(new URL("login", document.baseURI).href);
  return (
    <span class="row person">
      <span title={self.admin ? "Administrator" : self.permissions.join(", ")}>
        {visibleText(self.username, 40)}
      </span>
      <button
        type="button"
        class="quiet small"
        onClick={() => session.logOut({ cookiePath: COOKIE_PATH }).then(leave, leave)}
      >
        Log out
      </button>
    </span>
  );
}
