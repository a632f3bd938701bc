/**
 * `scouter.v1.AdminService`: how the server is, over Connect, gRPC-Web and gRPC. For administrators.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { AdminService, type GetAboutResponseSchema } from "../../sdk/gen/scouter/v1/admin_pb.ts";
import type { Settings } from "../config.ts";
import { ScouterError } from "../errors.ts";
import type { Authority } from "../http/authority.ts";
import type { Principal } from "../http/context.ts";
import type { TableStatus } from "../lake/table_status.ts";
import { parseId } from "../lake/traces/queries/identifiers.ts";
import type { DurableSpanStore } from "../lake/traces/store/mod.ts";
import type { TraceQueries } from "../lake/traces/trace_queries.ts";
import { MINUTES_KEPT } from "../telemetry/ingest_counts.ts";
import type { IngestHealth } from "../telemetry/ingest_health.ts";
import type { WorkerStatus } from "../workers/worker_state.ts";
import { ingestHealthMessage, type KeyNames, locationMessage } from "./admin_ingest.ts";
import { settingMessages } from "./admin_settings.ts";
import { storageMessage, type StoragePlaces } from "./admin_storage.ts";
import { principalOf } from "./context.ts";
import type { RpcService } from "./services.ts";
import { int64, present } from "./trace_messages.ts";

/** What the service needs. */
export interface AdminServiceDeps {
  readonly authority: Pick<Authority, "authorize">;
  readonly health: IngestHealth;
  readonly spans: Pick<DurableSpanStore, "status">;
  readonly queries: Pick<TraceQueries, "locate">;
  /** Names of the API keys the caller may see. */
  keyNames(caller: Principal): Promise<KeyNames>;
  /** Tables of the lake besides the spans. */
  otherTables(): Promise<readonly TableStatus[]>;
  places(): Promise<StoragePlaces>;
  workers(): readonly WorkerStatus[];
  readonly settings: Settings;
  env(name: string): string | undefined;
  about(): Promise<MessageInitShape<typeof GetAboutResponseSchema>>;
}

/** The service, to be handed to the RPC doors. */
export function adminService(deps: AdminServiceDeps): RpcService {
  return {
    descriptor: AdminService,
    register: (router) => void router.service(AdminService, adminServiceImpl(deps)),
  };
}

const DEFAULT_MINUTES = 60;
const MAX_EXAMPLES = 100;

function adminServiceImpl(deps: AdminServiceDeps): ServiceImpl<typeof AdminService> {
  const { health, spans, queries } = deps;
  function administrator(context: HandlerContext): Principal {
    const principal = principalOf(context);
    deps.authority.authorize(principal, "admin");
    return principal;
  }
  return {
    async getIngestHealth(request, context) {
      const caller = administrator(context);
      const minutes = request.minutes === 0 ? DEFAULT_MINUTES : request.minutes;
      if (minutes < 1 || minutes > MINUTES_KEPT) {
        throw new ScouterError(
          "BAD_REQUEST",
          `minutes is ${minutes}; it must be from 1 to ${MINUTES_KEPT}.`,
        );
      }
      const [status, keys] = await Promise.all([spans.status(), deps.keyNames(caller)]);
      const report = health.report({
        minutes,
        maxExamples: MAX_EXAMPLES,
        ...(request.source === "" ? {} : { source: request.source }),
        ...(request.senderId === "" ? {} : { senderId: request.senderId }),
      });
      return ingestHealthMessage(report, status, keys);
    },

    async locateTrace(request, context) {
      const caller = administrator(context);
      const traceId = parseId(request.traceId, "trace");
      const [location, keys] = await Promise.all([
        queries.locate(traceId, { signal: context.signal }),
        deps.keyNames(caller),
      ]);
      return locationMessage(
        location,
        health.rejectionsOf(traceId),
        health.rejectionsSinceMs,
        deps.settings.traceRetentionDays,
        keys,
      );
    },

    async getStorage(_request, context) {
      administrator(context);
      const [status, others, places] = await Promise.all([
        spans.status(),
        deps.otherTables(),
        deps.places(),
      ]);
      return storageMessage([status.table, ...others], status, places);
    },

    getWorkers(_request, context) {
      administrator(context);
      return {
        workers: deps.workers().map((worker) => ({
          name: worker.name,
          state: worker.phase,
          restarts: int64(worker.restarts),
          runs: int64(worker.runs),
          ...present({
            lastError: worker.lastError,
            lastErrorUs: microsOrNull(worker.lastErrorMs),
            intervalMs: worker.intervalMs === null ? null : int64(worker.intervalMs),
            lastRunUs: microsOrNull(worker.lastRunMs),
            lastRunMs: worker.lastRunDurationMs,
            nextRunUs: microsOrNull(worker.nextRunMs),
          }),
        })),
      };
    },

    getSettings(_request, context) {
      administrator(context);
      return { settings: settingMessages(deps.settings, deps.env) };
    },

    async getAbout(_request, context) {
      administrator(context);
      return await deps.about();
    },
  };
}

const microsOrNull = (ms: number | null): bigint | null => ms === null ? null : int64(ms * 1000);
