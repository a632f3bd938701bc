/**
 * `grpc.health.v1.Health`: answers for the server as a whole (empty name) and for each service.
 *
 * @module
 */

import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { type Health, HealthCheckResponse_ServingStatus } from "../gen/grpc/health/v1/health_pb.ts";
import type { Readiness } from "../http/health.ts";

/** How often a watcher's service is looked at, in milliseconds. */
const WATCH_INTERVAL_MS = 1000;

/**
 * Creates the service.
 *
 * @param services Names of all services.
 * @param readiness The same answer as over HTTP.
 */
export function healthService(
  services: ReadonlySet<string>,
  readiness: () => Promise<Readiness>,
): ServiceImpl<typeof Health> {
  const statusOf = async (service: string) => {
    if (service !== "" && !services.has(service)) {
      return HealthCheckResponse_ServingStatus.SERVICE_UNKNOWN;
    }
    return (await readiness()).ready
      ? HealthCheckResponse_ServingStatus.SERVING
      : HealthCheckResponse_ServingStatus.NOT_SERVING;
  };
  return {
    async check({ service }) {
      const status = await statusOf(service);
      if (status === HealthCheckResponse_ServingStatus.SERVICE_UNKNOWN) {
        throw new ConnectError(`There is no service "${service.slice(0, 200)}".`, Code.NotFound);
      }
      return { status };
    },
    async *watch({ service }, { signal }) {
      let last: HealthCheckResponse_ServingStatus | undefined;
      while (!signal.aborted) {
        const status = await statusOf(service);
        if (status !== last) yield { status: last = status };
        await new Promise<void>((wake) => {
          const timer = setTimeout(wake, WATCH_INTERVAL_MS);
          signal.addEventListener("abort", () => {
            clearTimeout(timer);
            wake();
          }, { once: true });
        });
      }
    },
  };
}
