/**
 * The pages of the navigation, in its order. A page that is not built has no entry.
 *
 * @module
 */

import { ICONS } from "./shell/icons.ts";

/** One entry. */
export interface PageEntry {
  readonly path: string;
  readonly name: string;
  /** Outline of its icon, on a field of 24 by 24. */
  readonly icon: string;
  /** Pressed after `g`, it goes there. */
  readonly key: string;
  /** What it answers, for the command palette. */
  readonly about: string;
  /** Whether it follows new data when the live switch is on. */
  readonly live: boolean;
}

/** All of them. */
export const PAGES: readonly PageEntry[] = [
  {
    path: "/",
    name: "Overview",
    icon: ICONS.overview,
    key: "o",
    about: "is all well, what changed, where to look",
    live: true,
  },
  {
    path: "/traces",
    name: "Traces",
    icon: ICONS.traces,
    key: "t",
    about: "search and read traces",
    live: true,
  },
  {
    path: "/services",
    name: "Services",
    icon: ICONS.services,
    key: "s",
    about: "rates, errors and durations; who calls whom",
    live: true,
  },
  {
    path: "/genai",
    name: "GenAI",
    icon: ICONS.genai,
    key: "a",
    about: "tokens, cost, latency and errors of models, agents and tools; conversations",
    live: true,
  },
  {
    path: "/admin",
    name: "Admin",
    icon: ICONS.admin,
    key: "m",
    about: "what came in and what did not, storage, workers, people, API keys, prices, settings",
    live: true,
  },
];

/** The entry a path belongs to. */
export function pageOf(path: string): PageEntry | undefined {
  return PAGES.find((page) => path === page.path) ??
    PAGES.find((page) => page.path !== "/" && path.startsWith(`${page.path}/`));
}

/** Whether the time range of the top bar says what the page at a path shows. */
export function hasRange(path: string): boolean {
  return path !== "/login" && path !== "/admin" && !path.startsWith("/admin/");
}

/** Pages below an entry that follow new data too. */
const LIVE_BELOW = /^\/(?:admin\/(?:ingest|storage|workers)|genai\/conversations\/[^/]+)$/;

/** Whether the page at a path follows new data when the live switch is on. */
export function mayBeLive(path: string): boolean {
  return LIVE_BELOW.test(path) || PAGES.some((page) => page.path === path && page.live);
}
