/**
 * Logs in where the server asks for it; makes the first administrator; resets a password.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useLoad } from "../loading.ts";
import { COOKIE_PATH, type Refusal, refusalOf, session } from "./api.ts";
import { FirstAdmin, linkToken } from "./first_admin.tsx";
import { Refused, useWait } from "./refused.tsx";
import { ResetPassword } from "./reset_password.tsx";
import { askSelf } from "./self.ts";

type Way = "password" | "reset" | "link";

/** The form that fits: a link's, while there is no administrator; else name and password. */
export function LoginForm({ onDone }: { readonly onDone: () => void }) {
  const state = useLoad("state", (signal) => session.getLoginState({}, { signal }));
  const [way, setWay] = useState<Way | null>(null);
  const [said, setSaid] = useState("");
  const shown = way ??
    (linkToken() !== "" || state.data?.needsFirstAdmin === true ? "link" : "password");
  const done = () => {
    void askSelf();
    onDone();
  };
  return (
    <div class="login">
      {shown === "link"
        ? <FirstAdmin token={linkToken()} onDone={done} />
        : shown === "reset"
        ? (
          <ResetPassword
            onDone={() => {
              setSaid("The password was changed. Log in with the new one.");
              setWay("password");
            }}
          />
        )
        : <PasswordForm said={said} onDone={done} />}
      <p class="row">
        {shown !== "password" && (
          <Way onClick={() => setWay("password")}>Log in with a password</Way>
        )}
        {shown === "password" && <Way onClick={() => setWay("reset")}>Forgot the password?</Way>}
        {shown === "password" && state.data?.needsFirstAdmin === true && (
          <Way onClick={() => setWay("link")}>Make the first administrator</Way>
        )}
      </p>
      <p class="muted">
        Programs do not log in: they send an API key as{" "}
        <code>Authorization: Bearer sk_…</code>. Keys are made on the page Admin, by whoever is
        logged in.
      </p>
    </div>
  );
}

function Way(
  { onClick, children }: {
    readonly onClick: () => void;
    readonly children: ComponentChildren;
  },
) {
  return <button type="button" class="quiet small" onClick={onClick}>{children}</button>;
}

function PasswordForm(
  { said, onDone }: { readonly said: string; readonly onDone: () => void },
) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState(false);
  const left = useWait(refusal);
  const submit = (form: HTMLFormElement) => {
    const fields = new FormData(form);
    setBusy(true);
    session.logIn({
      username: String(fields.get("username")),
      password: String(fields.get("password")),
      cookiePath: COOKIE_PATH,
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
      <h1>Log in</h1>
      {said !== "" && <p class="ok" role="status">{said}</p>}
      <label>
        User name
        <input name="username" autocomplete="username" required />
      </label>
      <label>
        Password
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      <button type="submit" class="button primary" disabled={busy || left > 0}>Log in</button>
      <Refused refusal={refusal} left={left} />
    </form>
  );
}
