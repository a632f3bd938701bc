/**
 * Calls about the server itself.
 *
 * @module
 */

import { type Client, createClient } from "@connectrpc/connect";
import { AdminService } from "../../../../sdk/gen/scouter/v1/admin_pb.ts";
import { transport } from "../api.ts";

/** Reads how the server is. */
export const admin: Client<typeof AdminService> = createClient(AdminService, transport);
