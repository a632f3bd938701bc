/**
 * `scouter.v1.SampleDataService`: finding and removing sample data.
 *
 * @module
 */

import { SampleDataService } from "../../sdk/gen/scouter/v1/sample_pb.ts";
import type { Authority } from "../http/authority.ts";
import { SAMPLE_MARK } from "../lake/traces/sample_mark.ts";
import type { SpanStore } from "../lake/traces/contract.ts";
import type { TraceQueries } from "../lake/traces/trace_queries.ts";
import { principalOf } from "./context.ts";
import type { RpcService } from "./services.ts";
import { int64 } from "./trace_messages.ts";

/** What the service needs. */
export interface SampleServiceDeps {
  readonly authority: Pick<Authority, "authorize">;
  readonly queries: Pick<TraceQueries, "countMarked">;
  readonly spans: Pick<SpanStore, "removeMarked">;
}

/** The service, to be handed to the RPC doors. */
export function sampleService({ authority, queries, spans }: SampleServiceDeps): RpcService {
  return {
    descriptor: SampleDataService,
    register: (router) =>
      void router.service(SampleDataService, {
        getSampleData: async (_request, context) => {
          authority.authorize(principalOf(context), "read");
          const spanCount = await queries.countMarked(SAMPLE_MARK, { signal: context.signal });
          return { spanCount: int64(spanCount) };
        },
        removeSampleData: async (_request, context) => {
          authority.authorize(principalOf(context), "delete");
          return { removedSpanCount: int64(await spans.removeMarked(SAMPLE_MARK)) };
        },
      }),
  };
}
