/**
 * Makes an API key and shows it once.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { CopyButton } from "../copy_button.tsx";
import { accounts } from "../login/api.ts";
import { useAction } from "./parts.tsx";

const SCOPES = [
  ["ingest", "send data"],
  ["read", "read everything"],
  ["admin", "administer"],
] as const;

const LIFETIMES: readonly (readonly [days: number, label: string])[] = [
  [30, "30 days"],
  [90, "90 days"],
  [365, "1 year"],
  [0, "Never"],
];

/** The form; after it, the key. */
export function NewKey({ onMade }: { readonly onMade: () => void }) {
  const action = useAction();
  const [scopes, setScopes] = useState<readonly string[]>(["ingest"]);
  const [made, setMade] = useState<string | null>(null);
  if (made !== null) {
    return (
      <section class="box once" aria-labelledby="made">
        <h2 id="made">Your new key</h2>
        <p>Copy it now: it is not shown again, and the server keeps only a hash of it.</p>
        <p class="row">
          <code class="secret">{made}</code>
          <CopyButton label="Copy" text={() => made} />
        </p>
        <p class="muted">
          Programs send it as <code>Authorization: Bearer …</code>; an OpenTelemetry SDK does with
          {" "}
          <code>OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20…</code>.
        </p>
        <button
          type="button"
          class="button primary"
          onClick={() => {
            setMade(null);
            onMade();
          }}
        >
          I have copied it
        </button>
      </section>
    );
  }
  const admin = scopes.includes("admin");
  const submit = (form: HTMLFormElement) => {
    const fields = new FormData(form);
    const space = String(fields.get("space") ?? "").trim();
    const days = Number(fields.get("lifetime"));
    void action.run(async () => {
      const { key } = await accounts.createApiKey({
        name: String(fields.get("name")),
        scopes: [...scopes],
        ...(space === "" ? {} : { space }),
        ...(days === 0 ? {} : { expiresUs: BigInt(Date.now() + days * 86_400_000) * 1000n }),
      });
      setMade(key);
    });
  };
  return (
    <section class="box" aria-labelledby="new-key">
      <h2 id="new-key">Make a key</h2>
      <form
        class="form-line"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        <label>
          Name
          <input name="name" placeholder="such as checkout service" maxLength={128} required />
        </label>
        <fieldset>
          <legend>May</legend>
          {SCOPES.map(([scope, meaning]) => (
            <label class="switch" key={scope} title={meaning}>
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={({ currentTarget: { checked } }) =>
                  setScopes(
                    checked ? [...scopes, scope] : scopes.filter((other) => other !== scope),
                  )}
              />
              {scope}
            </label>
          ))}
        </fieldset>
        <label>
          <span>
            Space <span class="muted">{admin ? "(all, for admin)" : "(empty: all)"}</span>
          </span>
          <input name="space" maxLength={256} disabled={admin} />
        </label>
        <label>
          Expires after
          <select name="lifetime" defaultValue="90">
            {LIFETIMES.map(([days, label]) => (
              <option key={days} value={String(days)} selected={days === 90}>{label}</option>
            ))}
          </select>
        </label>
        <button
          type="submit"
          class="button primary"
          disabled={action.busy || scopes.length === 0}
        >
          Make the key
        </button>
      </form>
      {scopes.length === 0 && <p class="muted">Choose what the key may do.</p>}
      {action.refusal !== null && <p class="bad" role="alert">{action.refusal.message}</p>}
    </section>
  );
}
