/**
 * `scouter.v1.SessionService`: logging in from a browser, by a cookie that scripts cannot read.
 *
 * @module
 */

import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { SessionService } from "../../sdk/gen/scouter/v1/accounts_pb.ts";
import type { Bootstrap } from "../auth/bootstrap.ts";
import type { Logins } from "../auth/login.ts";
import { REFRESH_SECONDS } from "../auth/sessions.ts";
import { ScouterError } from "../errors.ts";
import type { Authority } from "../http/authority.ts";
import { addressOf } from "./context.ts";
import type { RpcService } from "./services.ts";

/** What the service needs. */
export interface SessionServiceDeps {
  readonly authority: Pick<Authority, "mode">;
  readonly logins: Pick<Logins, "login" | "logout" | "recover">;
  readonly bootstrap: Pick<Bootstrap, "redeem" | "isOpen">;
}

/** The service, to be handed to the RPC doors. */
export function sessionService(deps: SessionServiceDeps): RpcService {
  return {
    descriptor: SessionService,
    register: (router) => void router.service(SessionService, sessionServiceImpl(deps)),
  };
}

function sessionServiceImpl(
  { authority, logins, bootstrap }: SessionServiceDeps,
): ServiceImpl<typeof SessionService> {
  const logIn = async (
    context: HandlerContext,
    who: { readonly username: string; readonly password: string; readonly cookiePath: string },
  ) => {
    const path = cookiePathOf(who.cookiePath);
    const login = await logins.login(who.username, who.password, addressOf(context));
    setCookie(context, login.accessToken, path, REFRESH_SECONDS);
  };

  return {
    getLoginState: async () => ({
      loginRequired: authority.mode === "required",
      needsFirstAdmin: authority.mode === "required" && await bootstrap.isOpen(),
    }),

    logIn: async (request, context) => {
      await logIn(context, request);
      return {};
    },

    logOut: async (request, context) => {
      const path = cookiePathOf(request.cookiePath);
      await logins.logout(context.requestHeader, undefined);
      setCookie(context, "", path, 0);
      return {};
    },

    createFirstAdmin: async (request, context) => {
      const { token, username, password, email } = request;
      cookiePathOf(request.cookiePath);
      if (email.length > 320) {
        throw new ScouterError("BAD_REQUEST", "email has more than 320 characters.");
      }
      const created = await bootstrap.redeem(
        token,
        { username, password, ...(email === "" ? {} : { email }) },
        addressOf(context),
      );
      await logIn(context, request);
      return { recoveryCodes: [...created.recoveryCodes] };
    },

    resetPassword: async (request, context) => {
      const { username, recoveryCode, newPassword } = request;
      await logins.recover(username, recoveryCode, newPassword, addressOf(context));
      return {};
    },
  };
}

function setCookie(
  context: HandlerContext,
  token: string,
  path: string,
  maxAgeSeconds: number,
): void {
  context.responseHeader.set(
    "set-cookie",
    `access_token=${token}; Path=${path}; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}`,
  );
}

/** The server does not know under which prefix it is reached; the page does. */
function cookiePathOf(given: string): string {
  const path = given === "" ? "/" : given;
  // The characters of a URL's path (RFC 3986), so that nothing else gets into the header.
  if (path.length > 1024 || !/^\/[\w.~!$&'()*+,=:@%/-]*$/.test(path)) {
    throw new ScouterError(
      "BAD_REQUEST",
      "cookie_path must be the path of a folder, such as / or /ops/scouter/.",
    );
  }
  return path;
}
