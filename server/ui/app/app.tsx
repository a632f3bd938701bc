/**
 * Which page stands at which path.
 *
 * @module
 */

import { useEffect } from "preact/hooks";
import { Link } from "./link.tsx";
import { type Place, usePlace } from "./place.ts";
import { Shell } from "./shell.tsx";
import { lazyPage } from "./shell/lazy_page.tsx";
import { rememberTrace } from "./shell/recent_traces.ts";

const OverviewPage = lazyPage(() =>
  import("./overview/overview_page.tsx").then((file) => file.OverviewPage)
);
const ServicesPage = lazyPage(() =>
  import("./services/services_page.tsx").then((file) => file.ServicesPage)
);
const TracesPage = lazyPage(() => import("./traces_page.tsx").then((file) => file.TracesPage));
const TracePage = lazyPage(() => import("./trace_page.tsx").then((file) => file.TracePage));
const ComparePage = lazyPage(() =>
  import("./trace/compare_page.tsx").then((file) => file.ComparePage)
);
const GenAiPage = lazyPage(() => import("./genai/genai_page.tsx").then((file) => file.GenAiPage));
const ConversationPage = lazyPage(() =>
  import("./genai/conversation_page.tsx").then((file) => file.ConversationPage)
);
const AdminPage = lazyPage(() => import("./admin/admin_page.tsx").then((file) => file.AdminPage));
const LoginPage = lazyPage(() => import("./login/login_page.tsx").then((file) => file.LoginPage));

/** The whole application. */
export function App() {
  const { path, params } = usePlace();
  return (
    <Shell path={path} params={params}>
      <Page path={path} params={params} />
    </Shell>
  );
}

function Page({ path, params }: Place) {
  const traceId = /^\/traces\/([0-9a-fA-F]{32})$/.exec(path)?.[1]?.toLowerCase();
  useEffect(() => {
    if (traceId !== undefined) rememberTrace(traceId);
  }, [traceId]);
  if (path === "/") return <OverviewPage params={params} />;
  if (path === "/traces") return <TracesPage params={params} />;
  if (traceId !== undefined) return <TracePage key={traceId} traceId={traceId} params={params} />;
  if (path === "/traces/compare") return <ComparePage params={params} />;
  if (path === "/services") return <ServicesPage params={params} />;
  if (path === "/login") return <LoginPage />;
  if (path === "/admin" || path.startsWith("/admin/")) {
    return <AdminPage section={path.slice("/admin/".length)} params={params} />;
  }
  const conversationId = conversationOf(path);
  if (conversationId !== undefined) {
    return (
      <ConversationPage
        key={conversationId}
        conversationId={conversationId}
        params={params}
      />
    );
  }
  if (path === "/genai") return <GenAiPage params={params} />;
  return <Missing />;
}

/** The conversation of a path; its id may have any characters, so it is escaped there. */
function conversationOf(path: string): string | undefined {
  const escaped = /^\/genai\/conversations\/([^/]+)$/.exec(path)?.[1];
  try {
    return escaped === undefined ? undefined : decodeURIComponent(escaped);
  } catch {
    // A percent sign that escapes nothing was typed as itself.
    return escaped;
  }
}

function Missing() {
  return (
    <div class="state">
      <h1>There is no page here</h1>
      <p>The address may be mistyped, or from another version of the server.</p>
      <Link path="/" class="button">Go to the overview</Link>
    </div>
  );
}
