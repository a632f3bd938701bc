/**
 * The web application's entry.
 *
 * @module
 */

import { render } from "preact";
import { App } from "./app.tsx";
import { showTheme } from "./settings.ts";

showTheme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
