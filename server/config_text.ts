/**
 * Renders the settings for people: `serve --help` and `docs/settings.md`.
 *
 * @module
 */

import { SETTINGS } from "./config.ts";
import type { Setting, SettingValue } from "./config_types.ts";

function all(): Setting<SettingValue>[] {
  return Object.values<Setting<SettingValue>>(SETTINGS);
}

function defaultText(setting: Setting<SettingValue>): string {
  if (setting.defaultText !== undefined) return setting.defaultText;
  return Array.isArray(setting.default) ? setting.default.join(",") : String(setting.default);
}

/** One block a setting, for a terminal. */
export function settingsHelp(): string {
  const lines: string[] = [];
  let group = "";
  for (const setting of all()) {
    if (setting.group !== group) lines.push("", `${group = setting.group}:`);
    const unit = setting.unit === undefined ? "" : ` ${setting.unit}`;
    const type = setting.type.replaceAll("\\|", "|");
    lines.push(
      `  ${setting.name}`,
      `      ${setting.meaning}`,
      `      ${type}; default: ${defaultText(setting).replaceAll("`", "")}${unit}`,
    );
  }
  return lines.join("\n").trimStart();
}

/** A Markdown page with one table a group. */
export function settingsMarkdown(): string {
  const lines = [
    "# Settings",
    "",
    "Generated from `server/config.ts` by `deno task docs`. Settings are environment variables; an empty one counts",
    "as absent. The server checks all of them at start and names everything that is wrong at once.",
  ];
  let group = "";
  for (const setting of all()) {
    if (setting.group !== group) {
      group = setting.group;
      lines.push("", `## ${group}`, "", "| Setting | Type | Default | Unit | Meaning |");
      lines.push("| --- | --- | --- | --- | --- |");
    }
    const value = setting.defaultText ?? `\`${defaultText(setting)}\``;
    const secret = setting.secret ? " Secret: never printed." : "";
    lines.push(
      `| \`${setting.name}\` | ${setting.type} | ${value} | ${
        setting.unit ?? ""
      } | ${setting.meaning}${secret} |`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** The settings as one short table, for the README: name, default and meaning. */
export function settingsTable(): string {
  const rows = [...all()].map((setting) => {
    const value = setting.defaultText ?? `\`${defaultText(setting)}\``;
    const unit = setting.unit === undefined ? "" : ` ${setting.unit}`;
    return `| \`${setting.name}\` | ${value}${unit} | ${setting.meaning} |`;
  });
  return ["| Setting | Default | Meaning |", "| --- | --- | --- |", ...rows].join("\n");
}
