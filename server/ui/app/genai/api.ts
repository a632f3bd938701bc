/**
 * Calls about GenAI operations.
 *
 * @module
 */

import { type Client, createClient } from "@connectrpc/connect";
import { GenAiService } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { transport } from "../api.ts";

/** Reads GenAI operations. */
export const genAi: Client<typeof GenAiService> = createClient(GenAiService, transport);
