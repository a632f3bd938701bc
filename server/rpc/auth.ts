/**
 * `scouter.grpc.v1.AuthService`: logins for clients that speak RPC only.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import { AuthService } from "../../sdk/gen/scouter/grpc/v1/auth_pb.ts";
import type { HeaderSource } from "../auth/credentials.ts";
import type { Logins } from "../auth/login.ts";
import { ScouterError } from "../errors.ts";
import type { Authority } from "../http/authority.ts";
import { addressOf } from "./context.ts";
import type { RpcService } from "./services.ts";

/** What the service needs. */
export interface AuthServiceDeps {
  readonly authority: Authority;
  readonly logins: Pick<Logins, "login" | "renew">;
}

/** Creates the service. */
export function authService(deps: AuthServiceDeps): RpcService {
  const { authority, logins } = deps;
  const implementation: ServiceImpl<typeof AuthService> = {
    async login({ username, password }, context) {
      const login = await logins.login(username, password, addressOf(context));
      return { token: login.accessToken, status: "success", message: "Logged in" };
    },
    async refreshToken({ accessToken }) {
      const login = await logins.renew(bearer(accessToken));
      return { token: login.accessToken, status: "success", message: "Token renewed" };
    },
    async validateToken({ token }) {
      try {
        await authority.authenticate(bearer(token));
        return { isAuthenticated: true, status: "success", message: "The token is valid" };
      } catch (error) {
        if (!(error instanceof ScouterError) || error.code !== "UNAUTHORIZED") throw error;
        return { isAuthenticated: false, status: "failed", message: error.message };
      }
    },
  };
  return {
    descriptor: AuthService,
    register: (router) => void router.service(AuthService, implementation),
  };
}

function bearer(token: string): HeaderSource {
  return { get: (name) => name === "authorization" ? `Bearer ${token}` : null };
}
