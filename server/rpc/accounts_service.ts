/**
 * `scouter.v1.AccountsService`: users and API keys.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  AccountsService,
  type ApiKeySchema,
  type UserSchema,
} from "../../sdk/gen/scouter/v1/accounts_pb.ts";
import type { Accounts } from "../auth/accounts.ts";
import { API_KEY_SCOPES, type ApiKeys, type ApiKeyScope } from "../auth/api_keys.ts";
import { ADMIN_GROUP, isAdmin } from "../auth/permissions.ts";
import type { ListedApiKey } from "../db/api_keys.ts";
import type { UserRow } from "../db/users.ts";
import { ScouterError } from "../errors.ts";
import type { Authority } from "../http/authority.ts";
import { principalOf } from "./context.ts";
import type { RpcService } from "./services.ts";
import { present } from "./trace_messages.ts";

/** What the service needs. */
export interface AccountsServiceDeps {
  readonly authority: Pick<Authority, "mode" | "authorize">;
  readonly accounts: Pick<Accounts, "create" | "list" | "get" | "update" | "delete">;
  readonly apiKeys: Pick<ApiKeys, "create" | "list" | "revoke">;
  /** Forgets who was known by which credential, so that a change holds at once. */
  readonly forget: () => void;
}

/** The service, to be handed to the RPC doors. */
export function accountsService(deps: AccountsServiceDeps): RpcService {
  return {
    descriptor: AccountsService,
    register: (router) => void router.service(AccountsService, accountsServiceImpl(deps)),
  };
}

const MAX_NAME = 128;
const MAX_TEXT = 256;
const MAX_LIST = 1000;
const USER_GROUP = "user";

function accountsServiceImpl(
  { authority, accounts, apiKeys, forget }: AccountsServiceDeps,
): ServiceImpl<typeof AccountsService> {
  return {
    getSelf: (_request, context) => {
      const principal = principalOf(context);
      return {
        username: principal.username,
        admin: isAdmin(principal),
        permissions: [...principal.permissions],
        via: principal.via,
        loginRequired: authority.mode === "required",
      };
    },

    listUsers: async (_request, context) => ({
      users: (await accounts.list(principalOf(context))).map(userMessage),
    }),

    createUser: async (request, context) => {
      const { username, password, email, admin } = request;
      if (email.length > 320) {
        throw new ScouterError("BAD_REQUEST", "email has more than 320 characters.");
      }
      const permissions = permissionsOf(request.permissions);
      const created = await accounts.create(principalOf(context), {
        username,
        password,
        email,
        permissions: admin
          ? ["read:all", "write:all", "delete:all"]
          : permissions.length === 0
          ? ["read:all"]
          : permissions,
        groupPermissions: admin ? [USER_GROUP, ADMIN_GROUP] : [USER_GROUP],
        role: admin ? "admin" : "user",
      });
      return { user: userMessage(created.user), recoveryCodes: [...created.recoveryCodes] };
    },

    updateUser: async (request, context) => {
      const caller = principalOf(context);
      const { username, password, permissions, admin, active, favoriteSpaces } = request;
      const groups = admin === undefined || !isAdmin(caller)
        ? undefined
        : groupsWith((await accounts.get(caller, username)).group_permissions, admin);
      const user = await accounts.update(caller, username, {
        ...(password === undefined ? {} : { password }),
        ...(permissions === undefined ? {} : { permissions: permissionsOf(permissions.values) }),
        ...(groups === undefined ? {} : { groupPermissions: groups }),
        ...(active === undefined ? {} : { active }),
        ...(favoriteSpaces === undefined
          ? {}
          : { favoriteSpaces: texts(favoriteSpaces.values, "favorite_spaces") }),
      });
      return { user: userMessage(user) };
    },

    deleteUser: async (request, context) => {
      await accounts.delete(principalOf(context), request.username);
      return {};
    },

    listApiKeys: async (_request, context) => ({
      keys: (await apiKeys.list(principalOf(context))).map(keyMessage),
    }),

    createApiKey: async (request, context) => {
      const caller = principalOf(context);
      const name = request.name.trim();
      if (name === "" || name.length > MAX_NAME) {
        throw new ScouterError("BAD_REQUEST", `name must have from 1 to ${MAX_NAME} characters.`);
      }
      const { key, row } = await apiKeys.create(caller, {
        name,
        scopes: scopesOf(request.scopes),
        space: request.space === undefined ? null : text(request.space, "space"),
        expiresAt: request.expiresUs === undefined
          ? null
          : new Date(Number(request.expiresUs / 1000n)),
      });
      return {
        key,
        stored: keyMessage({ ...row, owner: row.owner_id === null ? null : caller.username }),
      };
    },

    revokeApiKey: async (request, context) => {
      await apiKeys.revoke(principalOf(context), request.id);
      forget();
      return {};
    },
  };
}

function permissionsOf(given: readonly string[]): string[] {
  const permissions = texts(given, "permissions");
  const wrong = permissions.find((permission) =>
    !/^(read|write|delete|ingest):.+$/.test(permission)
  );
  if (wrong !== undefined) {
    throw new ScouterError(
      "BAD_REQUEST",
      `permissions has "${wrong}"; each should be action:space, such as read:all.`,
    );
  }
  return permissions;
}

function scopesOf(given: readonly string[]): ApiKeyScope[] {
  if (given.length === 0) {
    throw new ScouterError("BAD_REQUEST", `scopes is empty; give some of ${API_KEY_SCOPES}.`);
  }
  return given.map((scope) => {
    const known = API_KEY_SCOPES.find((known) => known === scope);
    if (known !== undefined) return known;
    throw new ScouterError(
      "BAD_REQUEST",
      `scopes has "${scope.slice(0, 64)}"; expected ${API_KEY_SCOPES.join(", ")}.`,
    );
  });
}

function groupsWith(groups: readonly string[], admin: boolean): string[] {
  const others = groups.filter((group) => group !== ADMIN_GROUP);
  return admin ? [...others, ADMIN_GROUP] : others;
}

function texts(given: readonly string[], field: string): string[] {
  if (given.length > MAX_LIST) {
    throw new ScouterError("BAD_REQUEST", `${field} has more than ${MAX_LIST} entries.`);
  }
  return given.map((entry) => text(entry, field));
}

function text(given: string, field: string): string {
  if (given === "" || given.length > MAX_TEXT) {
    throw new ScouterError("BAD_REQUEST", `${field} must have from 1 to ${MAX_TEXT} characters.`);
  }
  return given;
}

const timeUs = (date: Date): bigint => BigInt(date.getTime()) * 1000n;
const timeUsOrNull = (date: Date | null): bigint | null => date === null ? null : timeUs(date);

function userMessage(user: UserRow): MessageInitShape<typeof UserSchema> {
  return {
    username: user.username,
    email: user.email ?? "",
    active: user.active,
    role: user.role,
    admin: isAdmin({ groupPermissions: user.group_permissions }),
    permissions: [...user.permissions],
    groupPermissions: [...user.group_permissions],
    favoriteSpaces: [...user.favorite_spaces],
    createdUs: timeUs(user.created_at),
  };
}

function keyMessage(key: ListedApiKey): MessageInitShape<typeof ApiKeySchema> {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    createdUs: timeUs(key.created_at),
    ...present({
      space: key.space,
      owner: key.owner,
      expiresUs: timeUsOrNull(key.expires_at),
      revokedUs: timeUsOrNull(key.revoked_at),
      lastUsedUs: timeUsOrNull(key.last_used_at),
    }),
  };
}
