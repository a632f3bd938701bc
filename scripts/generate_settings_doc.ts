/**
 * Writes `docs/settings.md` and the settings table of the README from the settings themselves.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { settingsMarkdown, settingsTable } from "../server/config_text.ts";

const BEGIN = "<!-- settings: written by `deno task docs` -->";
const END = "<!-- /settings -->";

writeFileSync("docs/settings.md", settingsMarkdown());

const readme = readFileSync("README.md", "utf8");
const from = readme.indexOf(BEGIN);
const to = readme.indexOf(END);
if (from < 0 || to < from) throw new Error(`README.md has no "${BEGIN}" … "${END}"`);
writeFileSync(
  "README.md",
  `${readme.slice(0, from)}${BEGIN}\n\n${settingsTable()}\n\n${readme.slice(to)}`,
);
