/**
 * What every RPC handler finds in its context, and the interceptor that puts it there.
 *
 * @module
 */

import {
  Code,
  ConnectError,
  type ContextValues,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import type { Authority } from "../http/authority.ts";
import type { Principal } from "../http/context.ts";
import { ATTRIBUTE, type Metrics } from "../telemetry/contract.ts";
import { SPAN_KIND, tracer } from "../telemetry/tracer.ts";
import { toConnectError } from "./errors.ts";

const principalKey = createContextKey<Principal | undefined>(undefined);

const addressKey = createContextKey("unknown");

/** Context values of a call that came from a network address. */
export function callFrom(address: string | undefined): ContextValues {
  const values = createContextValues();
  return address === undefined ? values : values.set(addressKey, address);
}

/** The caller's network address. */
export function addressOf(context: Pick<HandlerContext, "values">): string {
  return context.values.get(addressKey);
}

/** Services whose callers need not say who they are. */
const OPEN_SERVICES = new Set([
  "scouter.grpc.v1.AuthService",
  "scouter.v1.SessionService",
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
]);

/** The caller of an RPC that asks for one. @throws {ConnectError} Unauthenticated on an open service. */
export function principalOf(context: Pick<HandlerContext, "values">): Principal {
  const principal = context.values.get(principalKey);
  if (principal === undefined) {
    throw new ConnectError("This call was not authenticated.", Code.Unauthenticated);
  }
  return principal;
}

/** Authenticates callers, translates errors and counts calls. */
export function rpcInterceptor(authority: Authority, metrics: Metrics): Interceptor {
  const total = metrics.counter("rpc_requests_total", "RPCs by method and status.");
  const duration = metrics.histogram("rpc_requests_duration_seconds", "Time of unary RPCs.");
  return (next) => async (request) => {
    const startedAt = performance.now();
    const method = `${request.service.typeName}/${request.method.name}`;
    let code = "ok";
    try {
      let refreshed: string | undefined;
      if (!OPEN_SERVICES.has(request.service.typeName)) {
        const caller = await authority.authenticateWithRefresh(request.header);
        request.contextValues.set(principalKey, caller.principal);
        refreshed = caller.refreshedToken;
      }
      const response = await tracer.run(method, {
        kind: SPAN_KIND.server,
        traceparent: request.header.get("traceparent"),
        attributes: {
          [ATTRIBUTE.queryEndpoint]: method,
          "rpc.service": request.service.typeName,
          "rpc.method": request.method.name,
        },
      }, () => next(request));
      if (refreshed !== undefined) response.header.set("x-refreshed-token", refreshed);
      return response;
    } catch (thrown) {
      const error = toConnectError(thrown, request.header.get("x-request-id") ?? "");
      code = Code[error.code];
      throw error;
    } finally {
      total.add(1, { method, code });
      duration.observe((performance.now() - startedAt) / 1000, { method });
    }
  };
}
