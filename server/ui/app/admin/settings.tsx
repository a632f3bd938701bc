/**
 * Every setting with its value and where it comes from.
 *
 * @module
 */

import type { ServerSetting } from "../../../../sdk/gen/scouter/v1/admin_pb.ts";
import { useLoad } from "../loading.ts";
import { setParams } from "../place.ts";
import { visibleText } from "../text.ts";
import { admin } from "./api.ts";
import { Shown } from "./parts.tsx";

/** The part at `/admin/settings`. */
export function SettingsSection({ params }: { readonly params: URLSearchParams }) {
  const settings = useLoad("settings", (signal) => admin.getSettings({}, { signal }));
  const words = params.get("find") ?? "";
  const changedOnly = params.get("changed") === "1";
  return (
    <Shown loaded={settings} rows={14}>
      {(data) => {
        const shown = data.settings.filter((setting) =>
          (!changedOnly || setting.source !== "default") &&
          `${setting.name} ${setting.meaning} ${setting.group} ${setting.value}`.toLowerCase()
            .includes(words.toLowerCase())
        );
        return (
          <>
            <div class="row genai-controls">
              <label>
                Find{" "}
                <input
                  type="search"
                  value={words}
                  onInput={({ currentTarget: { value } }) => setParams({ find: value }, true)}
                />
              </label>
              <label class="switch">
                <input
                  type="checkbox"
                  checked={changedOnly}
                  onChange={({ currentTarget: { checked } }) =>
                    setParams({ changed: checked ? "1" : null }, true)}
                />
                Only what is not the default
              </label>
              <span class="muted">{shown.length} of {data.settings.length} settings</span>
            </div>
            {shown.length === 0 && <p class="muted">No setting matches.</p>}
            {[...Map.groupBy(shown, ({ group }) => group)].map(([group, members]) => (
              <section class="box" key={group}>
                <h2>{visibleText(group, 80) || "General"}</h2>
                <table class="data-table settings-table">
                  <thead>
                    <tr>
                      <th scope="col">Setting</th>
                      <th scope="col">Value</th>
                      <th scope="col">From</th>
                      <th scope="col">Meaning</th>
                    </tr>
                  </thead>
                  <tbody>
                    {members.map((setting) => <Row key={setting.name} setting={setting} />)}
                  </tbody>
                </table>
              </section>
            ))}
          </>
        );
      }}
    </Shown>
  );
}

function Row({ setting }: { readonly setting: ServerSetting }) {
  const { name, value, secret, isSet, source, defaultValue, unit, meaning } = setting;
  const isDefault = source === "default";
  return (
    <tr>
      <th scope="row" class="name">
        <code>{name}</code>
      </th>
      <td class="setting-value" data-label="Value">
        {secret
          ? isSet ? "set (secret)" : <span class="muted">not set (secret)</span>
          : value === ""
          ? <span class="muted">empty</span>
          : (
            <>
              <code>{visibleText(value, 500)}</code> <span class="muted">{unit}</span>
            </>
          )}
        {!isDefault && !secret && (
          <div class="muted">
            default: {defaultValue === "" ? "empty" : <code>{visibleText(defaultValue, 200)}</code>}
          </div>
        )}
      </td>
      <td data-label="From">
        {isDefault ? <span class="muted">default</span> : <b>{source}</b>}
      </td>
      <td class="wide">{visibleText(meaning, 600)}</td>
    </tr>
  );
}
