/**
 * Makes the first administrator by the one-time link that the server printed.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { COOKIE_PATH, type Refusal, refusalOf, session } from "./api.ts";
import { RecoveryCodes } from "./recovery_codes.tsx";
import { Refused, useWait } from "./refused.tsx";

let token: string | null = null;

/** The token of the link that led here. It is taken out of the address, which people copy. */
export function linkToken(): string {
  if (token === null) {
    token = /^#(bt_[\w-]+)$/.exec(location.hash)?.[1] ?? "";
    if (token !== "") history.replaceState(null, "", location.pathname + location.search);
  }
  return token;
}

/** The form, and then the recovery codes. */
export function FirstAdmin(
  { token, onDone }: { readonly token: string; readonly onDone: () => void },
) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState(false);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const left = useWait(refusal);
  if (codes !== null) return <RecoveryCodes codes={codes} heading="h1" onDone={onDone} />;
  const submit = (form: HTMLFormElement) => {
    const fields = new FormData(form);
    const field = (name: string) => String(fields.get(name) ?? "").trim();
    setBusy(true);
    session.createFirstAdmin({
      token: field("token"),
      username: field("username"),
      password: String(fields.get("password")),
      email: field("email"),
      cookiePath: COOKIE_PATH,
    }).then(
      ({ recoveryCodes }) => setCodes(recoveryCodes),
      (thrown) => setRefusal(refusalOf(thrown)),
    ).finally(() => setBusy(false));
  };
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget);
      }}
    >
      <h1>Make the first administrator</h1>
      <p class="muted">
        The server printed a one-time link when it started. It works once, within 24 hours; starting
        the server again prints a new one.
      </p>
      <label>
        One-time token
        <input name="token" defaultValue={token} placeholder="bt_…" autocomplete="off" required />
      </label>
      <label>
        User name
        <input name="username" defaultValue="admin" autocomplete="username" required />
      </label>
      <label>
        Password
        <input name="password" type="password" autocomplete="new-password" required />
      </label>
      <label>
        <span>
          E-mail <span class="muted">(optional)</span>
        </span>
        <input name="email" type="email" autocomplete="email" />
      </label>
      <button type="submit" class="button primary" disabled={busy || left > 0}>
        Make the administrator
      </button>
      <Refused refusal={refusal} left={left} />
    </form>
  );
}
