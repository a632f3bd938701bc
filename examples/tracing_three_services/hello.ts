/**
 * Says hello.
 *
 * @module
 */

import { traced } from "../../sdk/tracing/mod.ts";
import { serve } from "./service.ts";

const greet = traced(function greet(name: string): string {
  return `Hello, ${name}!`;
}, { argNames: ["name"] });

serve("hello", (url) => greet(url.searchParams.get("name") ?? "world"));
