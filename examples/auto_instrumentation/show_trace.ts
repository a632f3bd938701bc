/**
 * What the examples end with: everything is sent, then the trace is read back from Scouter and printed as a tree.
 *
 * @module
 */

import process from "node:process";
import { uninstrument } from "../../sdk/tracing/mod.ts";
import { renderTree, type TreeSpan } from "../tracing_three_services/tree.ts";

interface StoredSpan extends TreeSpan {
  readonly scope_name?: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
}

const SERVER = process.env["SCOUTER_SERVER_URI"] ?? "http://localhost:8000";

/** What is worth a look, whatever convention the instrumentation follows. */
const SHOWN = [
  "http.route",
  "http.response.status_code",
  "db.query.text",
  "db.statement",
  "gen_ai.request.model",
  "gen_ai.response.model",
  "gen_ai.usage.input_tokens",
  "gen_ai.usage.output_tokens",
  "llm.model_name",
  "llm.token_count.prompt",
  "llm.token_count.completion",
];

/** Sends what has ended, reads a trace back and prints it. */
export async function showTrace(traceId: string): Promise<void> {
  await uninstrument();
  const response = await fetch(`${SERVER}/scouter/v1/traces/${traceId}/spans`)
    .catch((cause) => {
      throw new Error(`nobody answers at ${SERVER}; start a server with \`deno task serve\``, {
        cause,
      });
    });
  if (!response.ok) {
    throw new Error(`${SERVER} answered ${response.status}; is the server running?`);
  }
  const { spans }: { spans: StoredSpan[] } = await response.json();
  console.log(`trace ${traceId}, ${spans.length} spans\n`);
  console.log(renderTree(spans.map((span) => ({ ...span, output: null }))));
  for (const span of spans) {
    const shown = span.attributes.filter(({ key }) => SHOWN.includes(key));
    if (shown.length === 0) continue;
    console.log(
      `\n${span.span_name}: ${shown.map(({ key, value }) => `${key}=${value}`).join(", ")}`,
    );
  }
}
