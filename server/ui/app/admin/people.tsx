/**
 * Users: who may do what.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { User } from "../../../../sdk/gen/scouter/v1/accounts_pb.ts";
import { useLoad } from "../loading.ts";
import { accounts } from "../login/api.ts";
import { RecoveryCodes } from "../login/recovery_codes.tsx";
import { useSelf } from "../login/self.ts";
import { visibleText } from "../text.ts";
import { Ago, ConfirmButton, Shown, useAction } from "./parts.tsx";

/** The part at `/admin/people`. */
export function PeopleSection() {
  const users = useLoad("users", (signal) => accounts.listUsers({}, { signal }));
  const self = useSelf();
  return (
    <>
      {self !== null && !self.loginRequired && (
        <p class="banner" role="note">
          <b>Nobody logs in here:</b>{" "}
          whoever reaches this server is its administrator. Users matter once{" "}
          <code>SCOUTER_AUTH=required</code> is set.
        </p>
      )}
      {self?.via === "token" && <OwnPassword username={self.username} />}
      <Shown loaded={users}>
        {(data) => (
          <>
            <NewUser onMade={users.reload} />
            <section class="box" aria-labelledby="users">
              <h2 id="users">Users</h2>
              {data.users.length === 0
                ? <p class="muted">There are no users.</p>
                : (
                  <table class="data-table">
                    <thead>
                      <tr>
                        <th scope="col">Name</th>
                        <th scope="col">E-mail</th>
                        <th scope="col">State</th>
                        <th scope="col">Permissions</th>
                        <th scope="col">Made</th>
                        <th scope="col">Change</th>
                      </tr>
                    </thead>
                    <tbody>
                      {data.users.map((user) => (
                        <Row key={user.username} user={user} onChanged={users.reload} />
                      ))}
                    </tbody>
                  </table>
                )}
            </section>
          </>
        )}
      </Shown>
    </>
  );
}

function Row({ user, onChanged }: { readonly user: User; readonly onChanged: () => void }) {
  const action = useAction();
  const [setting, setSetting] = useState(false);
  const { username, admin, active } = user;
  const name = visibleText(username, 80);
  const run = (work: () => Promise<unknown>) =>
    void action.run(work).then((done) => done && onChanged());
  return (
    <tr>
      <th scope="row" class="name">
        <bdi>{name}</bdi>
      </th>
      <td data-label="E-mail">
        {user.email === "" ? <span class="muted">–</span> : visibleText(user.email, 120)}
      </td>
      <td data-label="State">
        {active ? <span class="ok">✓ active</span> : <span class="warn">■ inactive</span>}
        {admin && ", administrator"}
      </td>
      <td class="wide" data-label="Permissions">
        {admin ? "everything" : user.permissions.map((one) => visibleText(one, 60)).join(", ")}
      </td>
      <td data-label="Made">
        <Ago timeUs={user.createdUs} />
      </td>
      <td>
        <div class="row">
          <button
            type="button"
            class="small"
            disabled={action.busy}
            aria-label={`${admin ? "Not administrator" : "Make administrator"}: ${name}`}
            onClick={() => run(() => accounts.updateUser({ username, admin: !admin }))}
          >
            {admin ? "Not administrator" : "Make administrator"}
          </button>
          <button
            type="button"
            class="small"
            disabled={action.busy}
            aria-label={`${active ? "Deactivate" : "Activate"} ${name}`}
            onClick={() => run(() => accounts.updateUser({ username, active: !active }))}
          >
            {active ? "Deactivate" : "Activate"}
          </button>
          <button
            type="button"
            class="small"
            aria-label={`Password… of ${name}`}
            aria-expanded={setting}
            onClick={() => setSetting(!setting)}
          >
            Password…
          </button>
          <ConfirmButton
            label="Remove"
            name={`Remove ${name}`}
            question={`Remove ${name} for good?`}
            disabled={action.busy}
            onConfirm={() => run(() => accounts.deleteUser({ username }))}
          />
        </div>
        {setting && (
          <form
            class="row"
            onSubmit={(event) => {
              event.preventDefault();
              const password = String(new FormData(event.currentTarget).get("password"));
              run(async () => {
                await accounts.updateUser({ username, password });
                setSetting(false);
              });
            }}
          >
            <input
              name="password"
              type="password"
              autocomplete="new-password"
              aria-label={`New password of ${name}`}
              placeholder="New password"
              required
            />
            <button type="submit" class="small" disabled={action.busy}>Set, and end logins</button>
          </form>
        )}
        {action.refusal !== null && <p class="bad" role="alert">{action.refusal.message}</p>}
      </td>
    </tr>
  );
}

function NewUser({ onMade }: { readonly onMade: () => void }) {
  const action = useAction();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [admin, setAdmin] = useState(false);
  if (codes !== null) {
    return (
      <section class="box">
        <RecoveryCodes
          codes={codes}
          heading="h2"
          onDone={() => {
            setCodes(null);
            onMade();
          }}
        />
      </section>
    );
  }
  const submit = (form: HTMLFormElement) => {
    const fields = new FormData(form);
    const field = (name: string) => String(fields.get(name) ?? "").trim();
    void action.run(async () => {
      const { recoveryCodes } = await accounts.createUser({
        username: field("username"),
        password: String(fields.get("password")),
        email: field("email"),
        permissions: field("permissions").split(/[\s,]+/).filter((one) => one !== ""),
        admin,
      });
      setCodes(recoveryCodes);
    });
  };
  return (
    <details class="box">
      <summary>Add a user</summary>
      <form
        class="form-line"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        <label>
          User name
          <input name="username" autocomplete="off" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="new-password" required />
        </label>
        <label>
          <span>
            E-mail <span class="muted">(optional)</span>
          </span>
          <input name="email" type="email" autocomplete="off" />
        </label>
        <label>
          Permissions
          <input
            name="permissions"
            defaultValue="read:all"
            placeholder="read:all, write:shop"
            disabled={admin}
          />
        </label>
        <label class="switch">
          <input
            type="checkbox"
            checked={admin}
            onChange={({ currentTarget: { checked } }) => setAdmin(checked)}
          />
          Administrator
        </label>
        <button type="submit" class="button primary" disabled={action.busy}>Add</button>
      </form>
      {action.refusal !== null && <p class="bad" role="alert">{action.refusal.message}</p>}
    </details>
  );
}

function OwnPassword({ username }: { readonly username: string }) {
  const action = useAction();
  const submit = (form: HTMLFormElement) => {
    const password = String(new FormData(form).get("password"));
    // All logins end, this one too: the next call asks to log in.
    void action.run(() => accounts.updateUser({ username, password }))
      .then((done) => done && location.reload());
  };
  return (
    <details class="box">
      <summary>Change your own password</summary>
      <form
        class="form-line"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        <label>
          New password
          <input name="password" type="password" autocomplete="new-password" required />
        </label>
        <button type="submit" class="button primary" disabled={action.busy}>
          Change it, and end all logins
        </button>
      </form>
      {action.refusal !== null && <p class="bad" role="alert">{action.refusal.message}</p>}
    </details>
  );
}
