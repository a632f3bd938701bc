/**
 * Asks the two other services and puts their answers together.
 *
 * @module
 */

import process from "node:process";
import { getTracer, tracedFetch } from "../../sdk/tracing/mod.ts";
import { serve } from "./service.ts";

const [helloUrl = "", goodbyeUrl = ""] = process.argv.slice(2);
const call = tracedFetch({ serviceName: "orchestrator" });

async function ask(base: string, path: string, name: string): Promise<string> {
  const response = await call(`${base}${path}?name=${encodeURIComponent(name)}`);
  return await response.text();
}

serve("orchestrator", (url) => {
  const name = url.searchParams.get("name") ?? "world";
  return getTracer("orchestrator").withSpan("visit", { tags: { guest: name } }, async (span) => {
    span.setInput({ name });
    const hello = await ask(helloUrl, "/hello", name);
    const goodbye = await ask(goodbyeUrl, "/goodbye", name);
    const visit = `${hello} ${goodbye}`;
    span.setOutput(visit);
    return visit;
  });
});
