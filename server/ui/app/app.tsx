/**
 * Which page stands at which path.
 *
 * @module
 */

import { useEffect } from "preact/hooks";
import { Link } from "./link.tsx";
import { go, type Place, usePlace } from "./place.ts";
import { Shell } from "./shell.tsx";
import { TracePage } from "./trace_page.tsx";
import { TracesPage } from "./traces_page.tsx";

/** The whole application. */
export function App() {
  const { path, params } = usePlace();
  useEffect(() => {
    if (path === "/") go("/traces", params, true);
  }, [path]);
  return (
    <Shell path={path} params={params}>
      <Page path={path} params={params} />
    </Shell>
  );
}

function Page({ path, params }: Place) {
  if (path === "/" || path === "/traces") return <TracesPage params={params} />;
  const traceId = /^\/traces\/([0-9a-fA-F]{32})$/.exec(path)?.[1]?.toLowerCase();
  if (traceId !== undefined) return <TracePage key={traceId} traceId={traceId} params={params} />;
  return <Missing />;
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
