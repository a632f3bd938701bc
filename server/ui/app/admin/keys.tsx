/**
 * API keys: made, shown once, revoked.
 *
 * @module
 */

import type { ApiKey } from "../../../../sdk/gen/scouter/v1/accounts_pb.ts";
import { useLoad } from "../loading.ts";
import { accounts } from "../login/api.ts";
import { setParams } from "../place.ts";
import { visibleText } from "../text.ts";
import { NewKey } from "./new_key.tsx";
import { Ago, ConfirmButton, Shown, useAction } from "./parts.tsx";

/** The part at `/admin/keys`. */
export function KeysSection({ params }: { readonly params: URLSearchParams }) {
  const keys = useLoad("keys", (signal) => accounts.listApiKeys({}, { signal }));
  const all = params.get("revoked") === "1";
  return (
    <Shown loaded={keys}>
      {(data) => {
        const shown = data.keys.filter((key) => all || key.revokedUs === undefined);
        const revoked = data.keys.filter((key) => key.revokedUs !== undefined).length;
        return (
          <>
            <NewKey onMade={keys.reload} />
            <section class="box" aria-labelledby="keys">
              <div class="row">
                <h2 id="keys">API keys</h2>
                <span class="grow" />
                {revoked > 0 && (
                  <label class="switch">
                    <input
                      type="checkbox"
                      checked={all}
                      onChange={({ currentTarget: { checked } }) =>
                        setParams({ revoked: checked ? "1" : null }, true)}
                    />
                    Show revoked ones ({revoked})
                  </label>
                )}
              </div>
              {shown.length === 0
                ? <p class="muted">There is no key. Programs that send or read data need one.</p>
                : (
                  <table class="data-table">
                    <thead>
                      <tr>
                        <th scope="col">Name</th>
                        <th scope="col">Key</th>
                        <th scope="col">May</th>
                        <th scope="col">Space</th>
                        <th scope="col">Owner</th>
                        <th scope="col">Made</th>
                        <th scope="col">Expires</th>
                        <th scope="col">Last used</th>
                        <th scope="col">State</th>
                      </tr>
                    </thead>
                    <tbody>
                      {shown.map((key) => (
                        <Row
                          key={key.id}
                          apiKey={key}
                          onChanged={keys.reload}
                        />
                      ))}
                    </tbody>
                  </table>
                )}
            </section>
          </>
        );
      }}
    </Shown>
  );
}

function Row({ apiKey, onChanged }: { readonly apiKey: ApiKey; readonly onChanged: () => void }) {
  const action = useAction();
  const { id, scopes, space, owner, expiresUs, revokedUs } = apiKey;
  const name = visibleText(apiKey.name, 80);
  const expired = expiresUs !== undefined && Number(expiresUs) / 1000 < Date.now();
  return (
    <tr>
      <th scope="row" class="name">
        <bdi>{name}</bdi>
      </th>
      <td class="short" data-label="Key">
        <code>{visibleText(apiKey.prefix, 20)}…</code>
      </td>
      <td class="short" data-label="May">{scopes.join(", ")}</td>
      <td data-label="Space">
        {space === undefined ? <span class="muted">all</span> : visibleText(space, 80)}
      </td>
      <td data-label="Owner">
        {owner === undefined ? <span class="muted">–</span> : visibleText(owner, 80)}
      </td>
      <td data-label="Made">
        <Ago timeUs={apiKey.createdUs} />
      </td>
      <td data-label="Expires">
        <Ago timeUs={expiresUs} />
      </td>
      <td data-label="Last used">
        <Ago timeUs={apiKey.lastUsedUs} />
      </td>
      <td>
        {revokedUs !== undefined
          ? (
            <span class="muted">
              ■ revoked <Ago timeUs={revokedUs} />
            </span>
          )
          : (
            <div class="row">
              {expired ? <span class="warn">■ expired</span> : <span class="ok">✓ active</span>}
              <ConfirmButton
                label="Revoke"
                name={`Revoke ${name}`}
                question="It stops working at once."
                disabled={action.busy}
                onConfirm={() =>
                  void action.run(() => accounts.revokeApiKey({ id }))
                    .then((done) => done && onChanged())}
              />
            </div>
          )}
        {action.refusal !== null && <p class="bad" role="alert">{action.refusal.message}</p>}
      </td>
    </tr>
  );
}
