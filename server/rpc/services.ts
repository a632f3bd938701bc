/**
 * Every RPC service, for both kinds of listener.
 *
 * @module
 */

import type { DescService } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { LogsService as OtlpLogsService } from "../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { MetricsService as OtlpMetricsService } from "../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { TraceService as OtlpTraceService } from "../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { Health } from "../gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { MessageService } from "../../sdk/gen/scouter/grpc/v1/message_pb.ts";
import type { Authority } from "../http/authority.ts";
import type { Readiness } from "../http/health.ts";
import type { MessageDeps } from "../ingest/messages.ts";
import { healthService } from "./health.ts";
import { messageService } from "./messages.ts";
import { registerReflection } from "./reflection.ts";

/** A service that registers itself; other parts of the server hand them in. */
export interface RpcService {
  readonly descriptor: DescService;
  register(router: ConnectRouter): void;
}

/** What the services need. */
export interface RpcServicesDeps extends MessageDeps {
  readonly authority: Authority;
  readiness(): Promise<Readiness>;
  /** Services of other parts. */
  readonly services: readonly RpcService[];
}

/** A function that registers all services on a router. */
export function rpcRoutes(deps: RpcServicesDeps): (router: ConnectRouter) => void {
  const descriptors: DescService[] = [
    OtlpTraceService,
    OtlpLogsService,
    OtlpMetricsService,
    MessageService,
    ...deps.services.map((service) => service.descriptor),
    Health,
    ServerReflection,
    ServerReflectionAlpha,
  ];
  const names = new Set(descriptors.map((descriptor) => descriptor.typeName));
  return (router) => {
    router.service(MessageService, messageService(deps));
    for (const service of deps.services) service.register(router);
    router.service(Health, healthService(names, deps.readiness));
    registerReflection(router, descriptors);
  };
}
