/**
 * Which page stands at which path.
 *
 * @module
 */

import { useEffect } from "preact/hooks";
import { Link } from "./link.tsx";
import { go, usePlace } from "./place.ts";
import { Shell } from "./shell.tsx";
import { TracesPage } from "./traces_page.tsx";

/** The whole application. */
export function App() {
  const { path, params } = usePlace();
  useEffect(() => {
    if (path === "/") go("/traces", params, true);
  }, [path]);
  return (
    <Shell path={path} params={params}>
      {path === "/" || path === "/traces" ? <TracesPage params={params} /> : <Missing />}
    </Shell>
  );
}

function Missing() {
  return (
    <div class="state">
      <h1>There is no page here</h1>
      <p>The address may be mistyped, or from another version of the server.</p>
      <Link path="/traces" class="button">Go to the traces</Link>
    </div>
  );
}
