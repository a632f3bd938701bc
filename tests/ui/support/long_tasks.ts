/**
 * How long the page's main thread worked at a stretch, from a trace of the browser.
 *
 * Tasks are measured by the processor time of the thread, so that what other programs do on the machine meanwhile does
 * not count.
 *
 * @module
 */

import type { Browser, Page } from "playwright-core";
import { z } from "zod";

const Trace = z.object({
  traceEvents: z.array(z.object({
    name: z.string(),
    pid: z.number(),
    tid: z.number(),
    /** Processor time, µs. */
    tdur: z.number().optional(),
    args: z.object({ name: z.string().optional() }).optional(),
  })),
});

/**
 * Traces the browser while something is done on a page.
 *
 * @returns Processor time of each task of the page's main thread, ms, longest first.
 */
export async function taskTimes(
  browser: Browser,
  page: Page,
  work: () => Promise<unknown>,
): Promise<number[]> {
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] });
  await work();
  const { traceEvents } = Trace.parse(JSON.parse(String(await browser.stopTracing())));
  const main = new Set(
    traceEvents
      .filter((event) => event.name === "thread_name" && event.args?.name === "CrRendererMain")
      .map((event) => `${event.pid} ${event.tid}`),
  );
  return traceEvents
    .filter((event) =>
      event.name === "ThreadControllerImpl::RunTask" && main.has(`${event.pid} ${event.tid}`)
    )
    .map((event) => (event.tdur ?? 0) / 1000)
    .sort((a, b) => b - a);
}
