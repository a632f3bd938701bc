/**
 * Sets a new password by a recovery code.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { type Refusal, refusalOf, session } from "./api.ts";
import { Refused, useWait } from "./refused.tsx";

/** The form. */
export function ResetPassword({ onDone }: { readonly onDone: () => void }) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState(false);
  const left = useWait(refusal);
  const submit = (form: HTMLFormElement) => {
    const fields = new FormData(form);
    setBusy(true);
    session.resetPassword({
      username: String(fields.get("username")),
      recoveryCode: String(fields.get("code")).trim(),
      newPassword: String(fields.get("password")),
    }).then(onDone, (thrown) => setRefusal(refusalOf(thrown))).finally(() => setBusy(false));
  };
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget);
      }}
    >
      <h1>Reset the password</h1>
      <p class="muted">
        With one of the recovery codes that were shown when the user was made. Without one, an
        administrator can set a new password.
      </p>
      <label>
        User name
        <input name="username" autocomplete="username" required />
      </label>
      <label>
        Recovery code
        <input name="code" autocomplete="one-time-code" required />
      </label>
      <label>
        New password
        <input name="password" type="password" autocomplete="new-password" required />
      </label>
      <button type="submit" class="button primary" disabled={busy || left > 0}>
        Set the password
      </button>
      <Refused refusal={refusal} left={left} />
    </form>
  );
}
