/**
 * Every page of the application, for what must hold on all of them.
 *
 * @module
 */

import { genAiTraces } from "./genai_traces.ts";
import { agentTrace, goodAgentTrace } from "./sample_traces.ts";
import { shopCalls } from "./shop_services.ts";
import { sendSpans, traceIdOf } from "./spans.ts";

/** A page with something on it. */
export interface KnownPage {
  readonly name: string;
  /** Relative to the folder the application is served from. */
  readonly path: string;
  /** Selector of what is there when the page is ready. */
  readonly ready: string;
}

const AGENT_TRACE = traceIdOf(0xa9e7);
const GOOD_TRACE = traceIdOf(0x900d);

/** All of them; new pages are added here. */
export const ALL_PAGES: readonly KnownPage[] = [
  { name: "overview", path: "", ready: ".glance" },
  { name: "traces", path: "traces", ready: ".trace-table" },
  { name: "trace", path: `traces/${AGENT_TRACE}?span=0000000000000004`, ready: ".attributes" },
  { name: "trace-conversation", path: `traces/${AGENT_TRACE}?view=conversation`, ready: ".step" },
  { name: "trace-table", path: `traces/${AGENT_TRACE}?view=table`, ready: ".span-table-row" },
  {
    name: "compare",
    path: `traces/compare?a=${AGENT_TRACE}&b=${GOOD_TRACE}&step=0000000000000005.0000000000000005`,
    ready: ".diff",
  },
  { name: "trace-flame", path: `traces/${AGENT_TRACE}?view=flame`, ready: ".flame-block" },
  { name: "services", path: "services", ready: ".service-table" },
  { name: "services-map", path: "services?view=map", ready: ".map-node" },
  { name: "services-focus", path: "services?view=map&focus=checkout", ready: ".focus-panel" },
  { name: "genai", path: "genai", ready: ".genai-body .reasons" },
  { name: "genai-agents", path: "genai?split=agent&cost.table=1", ready: ".chart-table" },
  { name: "conversation", path: "genai/conversations/chat-2004", ready: ".turn" },
  { name: "admin-ingest", path: `admin/ingest?trace=${AGENT_TRACE}`, ready: ".answer .ok" },
  ...["storage", "workers", "settings", "people", "keys", "prices", "about"].map((part) => ({
    name: `admin-${part}`,
    path: `admin/${part}`,
    ready: ".box",
  })),
  { name: "login", path: "login", ready: ".state" },
  { name: "wrong-search", path: "traces?q=duration%3Efast", ready: ".failure" },
  {
    name: "no-data",
    path: "traces?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z",
    ready: ".state",
  },
  { name: "missing", path: "traces/nothing", ready: ".state" },
];

/** Sends what the pages show. */
export async function fillPages(url: string, nowMs: number): Promise<void> {
  await sendSpans(url, shopCalls(400, nowMs));
  await sendSpans(url, genAiTraces(120, nowMs));
  await sendSpans(url, agentTrace(AGENT_TRACE, nowMs - 20_000));
  await sendSpans(url, goodAgentTrace(GOOD_TRACE, nowMs - 90_000));
}
