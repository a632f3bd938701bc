/**
 * Logs in where the server asks for it.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { BASE_URL } from "./place.ts";

/** A form for name and password, which leaves a session cookie that scripts cannot read. */
export function LoginForm({ onDone }: { readonly onDone: () => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement) => {
    const fields = new FormData(form);
    setBusy(true);
    try {
      setProblem(await logIn(String(fields.get("username")), String(fields.get("password"))));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="state login"
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget).then(onDone, (error: Error) => setProblem(error.message));
      }}
    >
      <h1>Log in</h1>
      <label>
        User name
        <input name="username" autocomplete="username" required />
      </label>
      <label>
        Password
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      <button type="submit" class="button primary" disabled={busy}>Log in</button>
      {problem !== null && <p class="bad" role="alert">{problem}</p>}
    </form>
  );
}

async function logIn(username: string, password: string): Promise<null> {
  const response = await fetch(`${BASE_URL}session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password }),
  }).catch(() => null);
  if (response === null) throw new Error("The server could not be reached.");
  if (response.ok) return null;
  const body: unknown = await response.json().catch(() => null);
  const message = typeof body === "object" && body !== null && "error" in body ? body.error : null;
  throw new Error(typeof message === "string" ? message : "Logging in failed; try again.");
}
