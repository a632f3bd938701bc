/**
 * `scouter.grpc.v1.DatasetService`: rows of existing clients' service map middleware.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import { DatasetService } from "../../sdk/gen/scouter/grpc/v1/dataset_pb.ts";
import type { Authority } from "../http/authority.ts";
import type { ConnectionIntake } from "../service_map/intake.ts";
import { principalOf } from "./context.ts";
import type { RpcService } from "./services.ts";

/** What the service needs. */
export interface DatasetServiceDeps {
  readonly authority: Pick<Authority, "authorize">;
  readonly connections: ConnectionIntake;
}

/** The service, to be handed to the RPC doors. */
export function datasetService({ authority, connections }: DatasetServiceDeps): RpcService {
  const implementation: ServiceImpl<typeof DatasetService> = {
    async registerDataset(request, context) {
      authority.authorize(principalOf(context), "ingest");
      return await connections.register(request, request.jsonSchema);
    },
    async insertBatch(request, context) {
      const principal = principalOf(context);
      authority.authorize(principal, "ingest");
      const rows = await connections.insert(
        "envelope-grpc",
        principal,
        request,
        request.fingerprint,
        request.ipcData,
      );
      return { rowsAccepted: BigInt(rows) };
    },
  };
  return {
    descriptor: DatasetService,
    register: (router) => void router.service(DatasetService, implementation),
  };
}
