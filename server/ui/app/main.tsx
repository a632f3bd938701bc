/**
 * The web application's entry.
 *
 * @module
 */

import { render } from "preact";
import { App, loadPage } from "./app.tsx";
import { currentPlace } from "./place.ts";
import { showTheme } from "./settings.ts";

/** A page's code is asked for with the document; slower than this, its frame is shown without it. */
const PATIENCE_MS = 150;

showTheme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
// Drawn once, with the page in it, so that the page asks the server before anything is painted.
await Promise.race([
  // The page itself says that it could not be loaded.
  loadPage(currentPlace()).catch(() => {}),
  new Promise((wake) => setTimeout(wake, PATIENCE_MS)),
]);
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
