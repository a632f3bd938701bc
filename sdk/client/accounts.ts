/**
 * Users and API keys: requests, answers and the calls.
 *
 * @module
 */

import {
  bool,
  camelObject,
  type Codec,
  list,
  nullable,
  object,
  text,
  time,
} from "../records/codec.ts";
import type { CallOptions, Connection } from "./connection.ts";
import { bodyOf, type TimeLike } from "./wire.ts";

/** A user, without anything secret. */
export interface User {
  /** Name to log in with. */
  readonly username: string;
  /** Empty when there is none. */
  readonly email: string;
  /** Whether the user may log in. */
  readonly active: boolean;
  /** For example `admin` or `user`. */
  readonly role: string;
  /** Such as `read:all`, `write:team`, `ingest:all`. */
  readonly permissions: readonly string[];
  /** Groups. */
  readonly groupPermissions: readonly string[];
  /** Spaces shown first. */
  readonly favoriteSpaces: readonly string[];
}

/** A user to make. */
export interface NewUser {
  /** Name to log in with. */
  readonly username: string;
  /** The password. */
  readonly password: string;
  /** Where to reach the user. */
  readonly email?: string;
  /** Such as `read:all`, `write:team`, `ingest:all`. */
  readonly permissions?: readonly string[];
  /** Groups. */
  readonly groupPermissions?: readonly string[];
  /** For example `admin` or `user`. */
  readonly role?: string;
  /** Whether the user may log in; true by default. */
  readonly active?: boolean;
}

/** What to change about a user; all but the first two for administrators only. */
export interface UserChanges {
  /** A new password. */
  readonly password?: string;
  /** Spaces shown first. */
  readonly favoriteSpaces?: readonly string[];
  /** Such as `read:all`. */
  readonly permissions?: readonly string[];
  /** Groups. */
  readonly groupPermissions?: readonly string[];
  /** Whether the user may log in. */
  readonly active?: boolean;
}

/** A user just made. */
export interface CreatedUser {
  /** The user. */
  readonly user: User;
  /** Each resets the password once; shown only now. */
  readonly recoveryCodes: readonly string[];
  /** For people. */
  readonly message: string;
}

/** An API key, without the key itself. */
export interface ApiKey {
  /** For revoking it. */
  readonly id: string;
  /** What it is for. */
  readonly name: string;
  /** How the key begins. */
  readonly prefix: string;
  /** What it may do. */
  readonly scopes: readonly string[];
  /** The only space it is for; null for all. */
  readonly space: string | null;
  /** Name of the user it acts for. */
  readonly owner: string | null;
  /** RFC 3339. */
  readonly createdAt: string;
  /** RFC 3339; null when it does not end. */
  readonly expiresAt: string | null;
  /** RFC 3339; null while it works. */
  readonly revokedAt: string | null;
  /** RFC 3339; null when it was not used yet. */
  readonly lastUsedAt: string | null;
}

/** An API key to make. */
export interface NewApiKey {
  /** What it is for. */
  readonly name: string;
  /** What it may do. */
  readonly scopes: readonly ("ingest" | "read" | "admin")[];
  /** The only space it is for; all by default. */
  readonly space?: string;
  /** When it ends; never by default. */
  readonly expiresAt?: TimeLike;
}

/** An API key just made. */
export interface CreatedApiKey {
  /** The key; shown only now. */
  readonly key: string;
  /** What is known about it. */
  readonly apiKey: ApiKey;
}

/** The answer of calls that have nothing else to say. */
export interface Acknowledgement {
  /** `success`. */
  readonly status: string;
  /** For people. */
  readonly message: string;
}

/** {@linkcode Acknowledgement} on the wire. */
export const ACKNOWLEDGEMENT: Codec<Acknowledgement> = object({ status: text, message: text });

const USER: Codec<User> = camelObject({
  username: text,
  email: text,
  active: bool,
  role: text,
  permissions: list(text),
  groupPermissions: list(text),
  favoriteSpaces: list(text),
});
const USERS: Codec<{ readonly users: readonly User[] }> = object({ users: list(USER) });
const CREATED_USER: Codec<CreatedUser> = camelObject({
  user: USER,
  recoveryCodes: list(text),
  message: text,
});

const API_KEY: Codec<ApiKey> = camelObject({
  id: text,
  name: text,
  prefix: text,
  scopes: list(text),
  space: nullable(text),
  owner: nullable(text),
  createdAt: time,
  expiresAt: nullable(time),
  revokedAt: nullable(time),
  lastUsedAt: nullable(time),
});
const API_KEYS: Codec<{ readonly apiKeys: readonly ApiKey[] }> = camelObject({
  apiKeys: list(API_KEY),
});
const CREATED_API_KEY: Codec<CreatedApiKey> = camelObject({ key: text, apiKey: API_KEY });

/** The calls about users. */
export interface UsersApi {
  /** Makes a user; for administrators. The recovery codes are shown only now. */
  create(user: NewUser, options?: CallOptions): Promise<CreatedUser>;
  /** All users; for administrators. */
  list(options?: CallOptions): Promise<readonly User[]>;
  /** One user: oneself, or for administrators any. */
  get(username: string, options?: CallOptions): Promise<User>;
  /** Changes a user: oneself, or for administrators any. */
  update(username: string, changes: UserChanges, options?: CallOptions): Promise<User>;
  /** Removes a user; for administrators. */
  delete(username: string, options?: CallOptions): Promise<Acknowledgement>;
}

/** The calls about API keys. */
export interface ApiKeysApi {
  /** Makes a key; it is shown only now. */
  create(key: NewApiKey, options?: CallOptions): Promise<CreatedApiKey>;
  /** The caller's keys, or for administrators all. */
  list(options?: CallOptions): Promise<readonly ApiKey[]>;
  /** Ends a key at once. */
  revoke(id: string, options?: CallOptions): Promise<Acknowledgement>;
}

/** The calls about users over a connection. */
export function usersApi(connection: Connection): UsersApi {
  const at = (username: string) => `/scouter/user/${encodeURIComponent(username)}`;
  const all = "/scouter/user";
  return {
    create: (user, options) =>
      connection.request(
        { method: "POST", path: all, body: bodyOf(user), answer: CREATED_USER },
        options,
      ),
    list: async (options) =>
      (await connection.request({ method: "GET", path: all, answer: USERS }, options)).users,
    get: (username, options) =>
      connection.request({ method: "GET", path: at(username), answer: USER }, options),
    update: (username, changes, options) =>
      connection.request({
        method: "PUT",
        path: at(username),
        body: bodyOf(changes),
        repeatable: true,
        answer: USER,
      }, options),
    delete: (username, options) =>
      connection.request(
        { method: "DELETE", path: at(username), answer: ACKNOWLEDGEMENT },
        options,
      ),
  };
}

/** The calls about API keys over a connection. */
export function apiKeysApi(connection: Connection): ApiKeysApi {
  const all = "/scouter/api-keys";
  return {
    create: (key, options) =>
      connection.request(
        { method: "POST", path: all, body: bodyOf(key), answer: CREATED_API_KEY },
        options,
      ),
    list: async (options) =>
      (await connection.request({ method: "GET", path: all, answer: API_KEYS }, options)).apiKeys,
    revoke: (id, options) =>
      connection.request({
        method: "DELETE",
        path: `${all}/${encodeURIComponent(id)}`,
        answer: ACKNOWLEDGEMENT,
      }, options),
  };
}
