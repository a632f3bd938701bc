/**
 * Which page stands at which path.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useEffect } from "preact/hooks";
import { Link } from "./link.tsx";
import { type Place, usePlace } from "./place.ts";
import { Shell } from "./shell.tsx";
import { type LazyPage, lazyPage } from "./shell/lazy_page.tsx";
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

/** Loads the code of the page at a place. */
export async function loadPage(place: Place): Promise<void> {
  await routeOf(place)?.load();
}

function Page(place: Place) {
  const traceId = traceOf(place.path);
  useEffect(() => {
    if (traceId !== undefined) rememberTrace(traceId);
  }, [traceId]);
  return routeOf(place)?.draw() ?? <Missing />;
}

interface Route {
  load(): Promise<void>;
  draw(): ComponentChild;
}

function routeOf({ path, params }: Place): Route | undefined {
  const traceId = traceOf(path);
  if (path === "/") return route(OverviewPage, { params });
  if (path === "/traces") return route(TracesPage, { params });
  if (traceId !== undefined) return route(TracePage, { traceId, params }, traceId);
  if (path === "/traces/compare") return route(ComparePage, { params });
  if (path === "/services") return route(ServicesPage, { params });
  if (path === "/login") return route(LoginPage, {});
  if (path === "/admin" || path.startsWith("/admin/")) {
    return route(AdminPage, { section: path.slice("/admin/".length), params });
  }
  const conversationId = conversationOf(path);
  if (conversationId !== undefined) {
    return route(ConversationPage, { conversationId, params }, conversationId);
  }
  if (path === "/genai") return route(GenAiPage, { params });
  return undefined;
}

/** @param key What the page's state belongs to; another one begins anew. */
function route<Props extends object>(Page: LazyPage<Props>, props: Props, key?: string): Route {
  return { load: Page.load, draw: () => <Page {...props} key={key} /> };
}

function traceOf(path: string): string | undefined {
  return /^\/traces\/([0-9a-fA-F]{32})$/.exec(path)?.[1]?.toLowerCase();
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
