/**
 * The page that the one-time link opens.
 *
 * @module
 */

import { go } from "../place.ts";
import { EmptyNote } from "../states.tsx";
import { LoginForm } from "./login_form.tsx";
import { useSelf } from "./self.ts";

/** The page at `/login`. */
export function LoginPage() {
  const self = useSelf();
  const home = () => go("/", new URLSearchParams(), true);
  if (self !== null && !self.loginRequired) {
    return (
      <>
        <h1 class="sr">Log in</h1>
        <EmptyNote title="No login is needed">
          <p>Everybody who reaches this server may use it.</p>
          <button type="button" class="button primary" onClick={home}>Go on</button>
        </EmptyNote>
      </>
    );
  }
  return <LoginForm onDone={home} />;
}
