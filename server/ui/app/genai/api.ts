/**
 * Calls about GenAI operations.
 *
 * @module
 */

import { type Client, createClient } from "@connectrpc/connect";
import { GenAiService } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { int64, transport } from "../api.ts";
import type { SearchOffer, SearchTyped } from "../search_box.tsx";

/** Reads GenAI operations. */
export const genAi: Client<typeof GenAiService> = createClient(GenAiService, transport);

/** Keys and values that operations have. */
export function completeOperations(
  { window, ...typed }: SearchTyped,
  signal: AbortSignal,
): Promise<SearchOffer> {
  const filter = { startTimeUs: int64(window.startUs), endTimeUs: int64(window.endUs) };
  return genAi.completeGenAiSearch({ ...typed, filter }, { signal });
}
