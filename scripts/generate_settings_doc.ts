/**
 * Writes `docs/settings.md` from the settings themselves.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { settingsMarkdown } from "../server/config_text.ts";

writeFileSync("docs/settings.md", settingsMarkdown());
