/**
 * Says goodbye, one word after the other.
 *
 * @module
 */

import { traced } from "../../sdk/tracing/mod.ts";
import { serve } from "./service.ts";

const part = traced(async function* part(name: string): AsyncGenerator<string> {
  for (const word of ["Goodbye", ", ", name, "!"]) {
    await new Promise((done) => setTimeout(done, 2));
    yield word;
  }
}, { argNames: ["name"], joinStreamItems: true });

serve("goodbye", async (url) => {
  let text = "";
  for await (const word of part(url.searchParams.get("name") ?? "world")) text += word;
  return text;
});
