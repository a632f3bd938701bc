/**
 * What a single GenAI span cost.
 *
 * @module
 */

import type { Pricing } from "../../../genai/pricing.ts";
import type { GenAiSpan } from "./genai_spans.ts";

/** US dollars; null when the model has no known price, or the span tells no tokens. */
export function spanCost(span: GenAiSpan, pricing: Pricing): number | null {
  const { inputTokens, outputTokens, cacheCreationInputTokens, cacheReadInputTokens } = span;
  if ((inputTokens ?? outputTokens ?? cacheCreationInputTokens ?? cacheReadInputTokens) === null) {
    return null;
  }
  const input = inputTokens ?? 0;
  const cacheCreationTokens = cacheCreationInputTokens ?? 0;
  const cacheReadTokens = cacheReadInputTokens ?? 0;
  const cached = cacheCreationTokens + cacheReadTokens;
  return pricing.costOf({
    model: span.responseModel ?? span.requestModel ?? "unknown",
    providerName: span.providerName,
    atUs: span.startTimeUs,
  }, {
    inputTokens: input,
    // Cached tokens are among the input's, by the conventions; a span that reports more of them leaves them out.
    uncachedInputTokens: input >= cached ? input - cached : input,
    outputTokens: outputTokens ?? 0,
    cacheCreationTokens,
    cacheReadTokens,
  });
}
