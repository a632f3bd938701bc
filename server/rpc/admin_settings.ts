/**
 * The settings, as messages of `scouter.v1.AdminService`. Secrets are never told.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServerSettingSchema } from "../../sdk/gen/scouter/v1/admin_pb.ts";
import { SETTINGS, type Settings } from "../config.ts";
import type { Setting, SettingValue } from "../config_types.ts";

const textOf = (value: SettingValue): string =>
  Array.isArray(value) ? value.join(",") : String(value);

/**
 * Every setting, in the order of the documentation.
 *
 * @param env The environment, for where values come from.
 */
export function settingMessages(
  settings: Settings,
  env: (name: string) => string | undefined,
): MessageInitShape<typeof ServerSettingSchema>[] {
  const values: Readonly<Record<string, SettingValue>> = settings;
  return Object.entries<Setting<SettingValue>>(SETTINGS).map(([key, setting]) => {
    const value = textOf(values[key] ?? setting.default);
    const standard = textOf(setting.default);
    const inEnvironment = (env(setting.name) ?? "").trim() !== "";
    return {
      name: setting.name,
      value: setting.secret ? "" : value,
      secret: setting.secret,
      isSet: value !== "" && (inEnvironment || value !== standard),
      source: inEnvironment ? "environment" : value === standard ? "default" : "code",
      defaultValue: setting.secret ? "" : setting.defaultText?.replaceAll("`", "") ?? standard,
      unit: setting.unit ?? "",
      group: setting.group,
      meaning: setting.meaning,
    };
  });
}
